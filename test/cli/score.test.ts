import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openInventory } from "../../src/inventory/index.ts";
import { Bench, NOW } from "./support.ts";

/** One administrator with the finding that says so. */
let bench: Bench;
const URN = "nhi:big/a1/user/boss";

beforeAll(() => {
  bench = new Bench();
  const inventory = openInventory({ path: join(bench.folder, "rollcall.db"), mode: "write", now: () => NOW });
  const writer = inventory.writer();
  const plan = { planHash: "x", scanners: ["big"], startedAt: NOW, version: "1", acceptMassChange: false };
  const run = writer.startRun({ ...plan, resumeWithin: 0 });
  const scope = "nhi:big/big/account/a1";
  const collection = run.openCollection({
    scanner: "big",
    scope,
    collection: "all",
    precedence: 0,
    facts: ["identity", "identity.name"],
    authoritative: { identity: "all" },
    optIn: false,
    startedAt: NOW,
    checkpointMaxAge: 0,
  });
  collection.commit([{ type: "identity", urn: URN, kind: "user", name: "boss" }]);
  const times = { asOf: NOW, startedAt: NOW, finishedAt: NOW };
  const counts = { pages: 1, items: 1, requests: 1, retries: 0, throttled: 0, bytes: 1 };
  collection.finish({ status: "complete", gaps: [], ...times, ...counts });
  run.finishScopes("big", [scope], true);
  for (const rule of ["administrator", "no-owner"]) {
    writer.findings.judge(
      {
        rule,
        severity: "critical",
        subjectType: "identity",
        failing: "select urn as subject from identity",
        undecided: "select urn as subject, '' as reason from identity where 0",
        params: {},
        identity: [],
        explain: () => "so it is",
      },
      { run: run.run, now: NOW },
    );
  }
  writer.replaceDerived([
    { urn: URN, privilege: "admin", certainty: "certain", reason: "allows everything", score: 80 },
  ]);
  writer.refreshDerived();
  run.finish({ status: "finished", exitCode: 0, finishedAt: NOW });
  inventory.close();
});
afterAll(() => bench.close());

it("setting the finding about an administrator aside does not take the tier's points away, and the score says so", async () => {
  const { stdout } = await bench.run(["show", "boss"]);
  expect(stdout.split("\n").slice(6, 11).join("\n")).toBe(`SCORE      80 of 100
   40  privilege: privilege tier admin
   20  administrator: open finding, critical; without it the score is 60 (the 40 points of its tier stay until the policy goes)
   20  no-owner: open finding, critical; without it the score is 60
`);
  const [description] = await bench.json(["show", "boss"]);
  const { parts } = description!["score"] as { readonly parts: readonly { readonly note: string | null }[] };
  expect(parts.map(({ note }) => note)).toEqual([null, "the 40 points of its tier stay until the policy goes", null]);
});
