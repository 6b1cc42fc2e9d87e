import { afterEach, beforeEach, expect, it } from "vitest";
import { HOUR } from "../../src/model/index.ts";
import { ACCOUNT, books, collectionPlan, Estate, OTHER_ACCOUNT, START } from "./support/estate.ts";

let estate: Estate;
beforeEach(() => {
  estate = new Estate();
});
afterEach(() => estate[Symbol.dispose]());

const covered = () =>
  estate
    .select("select scope, fact from covered order by scope, fact")
    .map(({ scope, fact }) => `${scope === ACCOUNT ? "" : "other "}${String(fact)}`);

it("is the latest look of each collection, with when it was last complete", () => {
  estate.scan([{ collection: "users" }]);
  estate.now += HOUR;
  const run = estate.start();
  const writer = run.openCollection(collectionPlan({ collection: "users" }));
  const gap = { class: "denied" as const, operation: "iam:ListUsers", reason: "AccessDenied", remedy: "grant it" };
  writer.finish({
    ...books(estate.now),
    status: "partial",
    gaps: [gap],
    asOf: START,
    asOfNote: "cached",
    pages: 2,
    items: 3,
    requests: 4,
    retries: 5,
    throttled: 6,
    bytes: 7,
  });
  run.finish({ status: "finished", exitCode: 4, finishedAt: estate.now });
  expect(estate.select("select * from coverage")).toEqual([
    {
      scanner: "aws",
      scope: ACCOUNT,
      collection: "users",
      status: "partial",
      gaps: JSON.stringify([gap]),
      as_of: START,
      as_of_note: "cached",
      started_at: START + 2 * HOUR,
      finished_at: START + 2 * HOUR,
      pages: 2,
      items: 3,
      requests: 4,
      retries: 5,
      throttled: 6,
      bytes: 7,
      last_complete_at: START + HOUR,
    },
  ]);
  expect(estate.select("select run, status, exit_code, version from run order by run")).toEqual([
    { run: 1, status: "finished", exit_code: 0, version: "1.0.0" },
    { run: 2, status: "finished", exit_code: 4, version: "1.0.0" },
  ]);
});

it("stays for what a later scan does not attempt", () => {
  estate.scan([{ collection: "users" }, { collection: "roles", scope: OTHER_ACCOUNT }]);
  estate.scan([{ collection: "users" }]);
  expect(estate.select("select collection, finished_at from coverage order by collection")).toEqual([
    { collection: "roles", finished_at: START + HOUR },
    { collection: "users", finished_at: START + 2 * HOUR },
  ]);
});

it("covers a fact where every collection that emits it was complete or does not apply", () => {
  estate.scan([
    { collection: "a", facts: ["identity", "grant"] },
    { collection: "b", facts: ["grant", "usage"], status: "partial" },
    { collection: "c", facts: ["anchor"], status: "not-applicable" },
    { collection: "d", facts: ["trust"], status: "not-attempted" },
    { collection: "a", scope: OTHER_ACCOUNT, facts: ["grant"] },
  ]);
  expect(covered()).toEqual(["anchor", "identity", "other grant"]);
  estate.scan([{ collection: "b", facts: ["grant", "usage"] }]);
  expect(covered()).toEqual(["anchor", "grant", "identity", "usage", "other grant"]);
  estate.scan([{ collection: "a", facts: ["identity", "grant"], status: "partial" }]);
  expect(covered()).toEqual(["anchor", "usage", "other grant"]);
});

it("does not count a collection that only runs where it is asked for against the others", () => {
  estate.scan([
    { collection: "a", facts: ["credential"] },
    { collection: "deep", facts: ["credential", "credential.name"], optIn: true, status: "not-attempted" },
  ]);
  expect(covered()).toEqual(["credential"]);
  estate.scan([{ collection: "deep", facts: ["credential", "credential.name"], optIn: true }]);
  expect(covered()).toEqual(["credential", "credential.name"]);
});
