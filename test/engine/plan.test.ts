import { afterEach, beforeEach, expect, test } from "vitest";
import { fixedClock, temporaryInventory } from "rollcall/sdk/testing";
import type { TemporaryInventory } from "rollcall/sdk/testing";
import { permissions, plan, usualRate } from "../../src/engine/index.ts";
import { estimateFor } from "../../src/engine/predict.ts";
import type { Scanner, Scope } from "../../src/sdk/index.ts";
import { NOW, tinyEstate } from "./support/estate.ts";
import { tinyScanner } from "./support/tiny-scanner.ts";
import { startTinyServer } from "./support/tiny-server.ts";
import type { TinyServer } from "./support/tiny-server.ts";
import { tinyScan, tinySource } from "./support/tiny-scan.ts";

let server: TinyServer;
let held: TemporaryInventory;
const { now } = fixedClock(NOW);
const scanner = tinyScanner as unknown as Scanner;

beforeEach(async () => {
  server = await startTinyServer(tinyEstate());
  held = temporaryInventory({ now });
});
afterEach(async () => {
  held.dispose();
  await server.close();
});

const planTiny = (deep: readonly string[] = [], more: object = {}) =>
  plan({
    inventory: held.inventory,
    sources: [tinySource(server.url, {}, deep)],
    network: { share: 0.5 },
    now,
    signal: new AbortController().signal,
    ...more,
  });

test("before the first scan the ranges are wide and say that nothing is known", async () => {
  const predicted = await planTiny();
  expect(predicted.scopes.map(({ scope }) => scope.id)).toEqual(["a1", "b2"]);
  expect(predicted.scopes[0]?.collections).toEqual([
    { collection: "robots", calls: { min: 1, max: 40, basis: "no robots known yet" }, optIn: false, selected: true },
    { collection: "keys", calls: { min: 1, max: 40, basis: "no keys known yet" }, optIn: false, selected: true },
    { collection: "uses", calls: { min: 0, max: 120, basis: "no robots known yet" }, optIn: false, selected: true },
    { collection: "roles", calls: { min: 1, max: 40, basis: "no roles known yet" }, optIn: false, selected: true },
    { collection: "notes", calls: { min: 1, max: 40, basis: "no robots known yet" }, optIn: true, selected: false },
  ]);
  expect(server.requests()).toEqual(["tiny:WhoAmI", "tiny:ListAccounts"]);
  expect(held.inventory.reader.select("select * from run")).toEqual([]);
});

test("once an account is known the prediction is what the next scan asks", async () => {
  await tinyScan({ inventory: held.inventory, sources: [tinySource(server.url)], now });
  const predicted = await planTiny();
  expect(predicted.scopes.map(({ calls }) => [calls.min, calls.max])).toEqual([
    [3 + 3 + 7 + 1, 3 + 3 + 7 + 1],
    [1 + 1 + 2 + 1, 1 + 1 + 2 + 1],
  ]);
  const result = await tinyScan({ inventory: held.inventory, sources: [tinySource(server.url)], now });
  expect(result.calls.predicted).toMatchObject({ min: predicted.calls.min, max: predicted.calls.max });
  expect(result.calls.logical - 2).toBe(predicted.calls.min);
});

test("a selected opt-in collection counts; a filter leaves scopes out", async () => {
  const predicted = await planTiny(["notes"], { onlyScopes: ["b2"] });
  expect(predicted.scopes.map(({ scope, calls }) => [scope.id, calls.max])).toEqual([["b2", 40 + 40 + 120 + 40 + 40]]);
});

test("minutes follow the provider's usual rate at the share, and scopes run in lanes", async () => {
  await tinyScan({ inventory: held.inventory, sources: [tinySource(server.url)], now });
  const predicted = await planTiny();
  // An unlisted provider: 5 per second and scope, half of it; the larger scope decides.
  expect(predicted.minutes).toEqual({
    min: 14 / 150,
    max: 14 / 150,
    basis: "no published figure; 5 calls per second and scope assumed, at a share of 0.5",
  });
  expect(usualRate("aws")).toMatchObject({ perSecond: 15, quota: "action" });
});

test("an estimate knows a kind only where those who decide on it were complete", async () => {
  const scope = (id: string): Scope => ({ urn: `nhi:tiny/tiny/account/${id}`, kind: "account", title: id, id });
  server.inject({ operation: "tiny:ListKeys", kind: "denied", account: "a1", times: 1 });
  await tinyScan({ inventory: held.inventory, sources: [tinySource(server.url)], now });
  const first = estimateFor(scanner, scope("a1"), held.inventory.reader);
  expect([
    first.count("identity/robot"),
    first.count("identity"),
    first.count("credential/key"),
    first.holders("identity/robot", "key"),
  ]).toEqual([7, 7, undefined, undefined]);
  const second = estimateFor(scanner, scope("b2"), held.inventory.reader);
  expect([
    second.count("identity/robot"),
    second.count("identity/other"),
    second.count("credential/key"),
    second.holders("robot", "key"),
  ]).toEqual([2, 0, 2, 2]);
  expect(estimateFor(scanner, scope("zz"), held.inventory.reader).count("identity")).toBeUndefined();
});

test("permissions are rendered from the declarations of what is selected", () => {
  const always = [
    "tiny:GetUse",
    "tiny:ListAccounts",
    "tiny:ListKeys",
    "tiny:ListRobots",
    "tiny:ListRoles",
    "tiny:WhoAmI",
  ];
  const withNotes = [...always, "tiny:ListNotes"].sort();
  expect(JSON.parse(permissions(scanner).text)).toEqual(always);
  expect(JSON.parse(permissions(scanner, { deep: ["notes"] }).text)).toEqual(withNotes);
  expect(JSON.parse(permissions(scanner, { deep: "all" }).text)).toEqual(withNotes);
  expect(() => permissions(scanner, { deep: ["robots"] })).toThrow(
    "has no opt-in collection called robots; it has notes",
  );
});
