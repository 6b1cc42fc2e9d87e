import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fixedClock, temporaryInventory } from "rollcall/sdk/testing";
import type { FixedClock, TemporaryInventory } from "rollcall/sdk/testing";
import { openInventory } from "../../src/inventory/index.ts";
import { DAY } from "../../src/model/index.ts";
import { checkpoint, gap } from "../../src/sdk/index.ts";
import type { Collection, Signal } from "../../src/sdk/index.ts";
import { NOW, tinyAccount, tinyEstate, tinyRobot } from "./support/estate.ts";
import { startTinyServer } from "./support/tiny-server.ts";
import type { TinyServer } from "./support/tiny-server.ts";
import { ruleSetting, staleKey, tinyScan, tinySource, withCollection } from "./support/tiny-scan.ts";

let server: TinyServer;
let held: TemporaryInventory;
let clock: FixedClock;

beforeEach(async () => {
  server = await startTinyServer(tinyEstate());
  clock = fixedClock(NOW);
  held = temporaryInventory({ now: clock.now });
});

afterEach(async () => {
  held.dispose();
  await server.close();
});

const scanTiny = (options: Partial<Parameters<typeof tinyScan>[0]> = {}) =>
  tinyScan({ inventory: held.inventory, sources: [tinySource(server.url)], now: clock.now, ...options });

const urns = (view: string) =>
  held.inventory.reader.select<{ urn: string }>(`select urn from ${view} order by urn`).map(({ urn }) => urn);
const count = (view: string, where = "1 = 1") =>
  Number(held.inventory.reader.select(`select count(*) as n from ${view} where ${where}`)[0]?.["n"]);

describe("a whole scan", () => {
  test("reads everything and says so", async () => {
    const result = await scanTiny();
    expect(result.exit).toEqual({
      code: 0,
      reason: "2 of 2 scopes were seen completely, as far as the configuration asks",
    });
    expect(result.scopes.map(({ id, status, allowed }) => ({ id, status, allowed }))).toEqual([
      { id: "a1", status: "complete", allowed: false },
      { id: "b2", status: "complete", allowed: false },
    ]);
    expect(urns("identity")).toEqual([
      ...Array.from({ length: 7 }, (_robot, n) => `nhi:tiny/a1/robot/a1-r${n}`),
      "nhi:tiny/b2/robot/b2-r0",
      "nhi:tiny/b2/robot/b2-r1",
    ]);
    expect([count("credential"), count("permission_set"), count("access_grant"), count("usage")]).toEqual([9, 2, 4, 9]);
    expect(urns("scope")).toEqual(["nhi:tiny/tiny/account/a1", "nhi:tiny/tiny/account/b2"]);
  });

  test("accounts for every call, as many as the server saw", async () => {
    const result = await scanTiny();
    expect(result.calls.requests).toBe(server.requests().length);
    // whoami, accounts; a1: 3 + 3 + 7 + 1; b2: 1 + 1 + 2 + 1
    expect(result.calls.logical).toBe(2 + 14 + 5);
    expect(result.calls.retries).toBe(0);
    const robots = result.scopes[0]?.collections.find(({ collection }) => collection === "robots");
    expect(robots).toMatchObject({
      status: "complete",
      pages: 3,
      items: 7,
      requests: 3,
      retries: 0,
      throttled: 0,
      asOf: NOW,
    });
  });

  test("an opt-in collection that nobody asked for is not attempted, says how to ask, and costs nothing", async () => {
    const without = await scanTiny();
    const notes = without.scopes[0]?.collections.find(({ collection }) => collection === "notes");
    expect(notes?.status).toBe("not-attempted");
    expect(notes?.gaps).toEqual([
      {
        class: "opt-in",
        reason: "one call per three robots, for a text that nobody judges",
        remedy: "add notes to deep: in the configuration of this source",
      },
    ]);
    expect(server.requests()).not.toContain("tiny:ListNotes");

    const asked = await scanTiny({ sources: [tinySource(server.url, {}, ["notes"])] });
    expect(asked.scopes[0]?.collections.find(({ collection }) => collection === "notes")?.status).toBe("complete");
    expect(count("identity", "description = 'about robot-0'")).toBe(2);
  });

  test("a second scan of the same world writes no version; a change writes what changed", async () => {
    await scanTiny();
    clock.advance(DAY);
    const second = await scanTiny();
    expect([second.versionsWritten, second.changes]).toEqual([
      0,
      { added: 0, changed: 0, missing: 0, withdrawn: 0, suspected: 0 },
    ]);
    server.estate.accounts[0]?.robots.push(tinyRobot(7));
    clock.advance(DAY);
    expect((await scanTiny()).changes).toEqual({ added: 2, changed: 0, missing: 0, withdrawn: 0, suspected: 0 });
  });

  test("a thing that is gone goes missing at the first complete miss and is withdrawn at the second", async () => {
    await scanTiny();
    server.estate.accounts[0]?.robots.splice(6, 1);
    clock.advance(DAY);
    expect((await scanTiny()).changes).toMatchObject({ missing: 2, withdrawn: 0 });
    expect(count("identity", "presence = 'missing'")).toBe(1);
    clock.advance(DAY);
    expect((await scanTiny()).changes).toMatchObject({ missing: 0, withdrawn: 2 });
    expect(urns("identity")).not.toContain("nhi:tiny/a1/robot/a1-r6");
  });

  test("events tell the story in order", async () => {
    const { events } = await scanTiny({ rules: [ruleSetting(staleKey)] });
    const types = events.map(({ type }) => type);
    expect(types[0]).toBe("run-started");
    expect(types.slice(-3)).toEqual(["rules-started", "rule-judged", "run-finished"]);
    const of = (collection: string) =>
      events.flatMap((event, index) =>
        "collection" in event && event.collection === collection && event.scope.id === "a1" ? [index] : [],
      );
    const finished = (collection: string) =>
      events.findIndex(
        (event) =>
          event.type === "collection-finished" && event.coverage.collection === collection && event.scope.id === "a1",
      );
    expect(finished("robots")).toBeLessThan(Math.min(...of("keys")));
    expect(finished("keys")).toBeLessThan(Math.min(...of("uses")));
  });
});

describe("what was not seen", () => {
  test("a refusal is a gap with the permission and who can grant it, and withdraws nothing", async () => {
    await scanTiny();
    clock.advance(DAY);
    server.inject({ operation: "tiny:ListRobots", kind: "denied", account: "a1" });
    const result = await scanTiny();
    expect(result.exit).toEqual({ code: 4, reason: "1 of 2 scopes is incomplete: alpha (a1) (denied)" });
    const robots = result.scopes[0]?.collections.find(({ collection }) => collection === "robots");
    expect(robots?.status).toBe("partial");
    expect(robots?.gaps).toMatchObject([
      {
        class: "denied",
        operation: "tiny:ListRobots",
        remedy: "an administrator of alpha (a1) can grant tiny:ListRobots to the identity that Rollcall runs as",
      },
    ]);
    expect(count("identity", "presence = 'present'")).toBe(9);
    expect(result.changes).toMatchObject({ missing: 0, withdrawn: 0 });
  });

  test("a refusal in the middle keeps the pages before it", async () => {
    server.inject({ operation: "tiny:ListRobots", kind: "denied", account: "a1", after: 1 });
    const result = await scanTiny();
    expect(urns("identity").filter((urn) => urn.includes("/a1/"))).toEqual([
      "nhi:tiny/a1/robot/a1-r0",
      "nhi:tiny/a1/robot/a1-r1",
      "nhi:tiny/a1/robot/a1-r2",
    ]);
    expect(result.scopes[0]?.status).toBe("partial");
  });

  test.each([
    ["throttled", "throttled"],
    ["truncated", "network"],
    ["repeated-page", "pagination"],
    ["nonsense", "schema"],
  ] as const)("%s for ever becomes a gap of class %s", async (kind, gapClass) => {
    server.inject({ operation: "tiny:ListKeys", kind, account: "a1" });
    const result = await scanTiny();
    expect(result.exit.code).toBe(4);
    const keys = result.scopes[0]?.collections.find(({ collection }) => collection === "keys");
    expect(keys?.gaps.map((found) => [found.class, found.operation])).toEqual([[gapClass, "tiny:ListKeys"]]);
  });

  test("a listing of scopes that fails withdraws no scope and is named", async () => {
    await scanTiny();
    for (let day = 0; day < 3; day += 1) {
      clock.advance(DAY);
      server.inject({ operation: "tiny:ListAccounts", kind: "denied" });
      const result = await scanTiny();
      expect(result.exit.code).toBe(6);
      expect(result.scopes).toMatchObject([
        { id: "tiny", status: "failed", collections: [{ collection: "scopes", status: "partial" }] },
      ]);
    }
    expect(urns("scope")).toHaveLength(2);
    expect(count("identity", "presence = 'present'")).toBe(9);
  });

  test("a scope that is gone from a complete listing goes missing with everything in it", async () => {
    await scanTiny();
    server.estate.accounts.splice(1, 1);
    clock.advance(DAY);
    await scanTiny();
    clock.advance(DAY);
    await scanTiny();
    expect(urns("scope")).toEqual(["nhi:tiny/tiny/account/a1"]);
    expect(urns("identity").filter((urn) => urn.includes("/b2/"))).toEqual([]);
  });

  test("a scope that the configuration leaves out is skipped: not short, not gone", async () => {
    await scanTiny();
    clock.advance(DAY);
    const result = await scanTiny({ sources: [tinySource(server.url, {}, [], ["b2"])] });
    expect(result.exit.code).toBe(0);
    expect(result.scopes.map(({ status }) => status)).toEqual(["complete", "skipped"]);
    expect(urns("identity").filter((urn) => urn.includes("/b2/"))).toHaveLength(2);
  });

  test("a bug in a collection costs that collection only, quotes no data, and ends with 1", async () => {
    const broken = withCollection("roles", {
      async *collect() {
        yield JSON.parse('{"token": CANARY}') as Signal;
      },
    });
    const result = await scanTiny({ sources: [tinySource(server.url, broken)] });
    expect(result.exit).toEqual({
      code: 1,
      reason: "tiny/roles in alpha (a1) failed unexpectedly, which is a bug; and 1 more of the kind",
    });
    expect(result.scopes[0]?.collections.map(({ status }) => status)).toEqual([
      "complete",
      "complete",
      "complete",
      "partial",
      "not-attempted",
    ]);
    expect(JSON.stringify(result)).not.toContain("CANARY");
  });

  test("a record that the inventory refuses is named in a gap, and the others are stored", async () => {
    const collect: Collection["collect"] = async function* () {
      yield { type: "identity", urn: "nhi:tiny/a1/robot/good-1", kind: "robot", name: "good" };
      yield { type: "identity", urn: "nhi:tiny/a1/robot/bad", name: "no kind" } as unknown as Signal;
      yield { type: "identity", urn: "nhi:tiny/a1/robot/good-2", kind: "robot", name: "good" };
    };
    const result = await scanTiny({
      sources: [tinySource(server.url, withCollection("robots", { collect }))],
      onlyScopes: ["a1"],
    });
    const robots = result.scopes[0]?.collections.find(({ collection }) => collection === "robots");
    expect(robots?.status).toBe("partial");
    expect(robots?.gaps).toMatchObject([{ class: "schema" }]);
    expect(robots?.gaps[0]?.reason).toContain("nhi:tiny/a1/robot/bad");
    expect(urns("identity")).toEqual(["nhi:tiny/a1/robot/good-1", "nhi:tiny/a1/robot/good-2"]);
  });

  test("a collection that asks far more than it said is stopped, even if it swallows the error", async () => {
    const swallowing = withCollection("roles", {
      cost: () => ({ min: 1, max: 2, basis: "a guess" }),
      async *collect(session, context) {
        for (let call = 0; call < 100; call += 1) {
          await context.door
            .call(
              "tiny:ListRoles",
              () => context.door.send({ method: "GET", url: `${server.url}/accounts/a1/roles`, headers: {} }),
              { bucket: "x", parse: () => session },
            )
            .catch(() => undefined);
        }
        yield checkpoint(null);
      },
    });
    server.forget();
    const result = await scanTiny({ sources: [tinySource(server.url, swallowing)], onlyScopes: ["a1"] });
    expect(server.requests().filter((operation) => operation === "tiny:ListRoles")).toHaveLength(13);
    const roles = result.scopes[0]?.collections.find(({ collection }) => collection === "roles");
    expect(roles?.gaps).toMatchObject([
      {
        class: "limit",
        operation: "tiny:ListRoles",
        reason: "tiny:ListRoles: stopped after 13 calls, where 1 to 2 were predicted (a guess)",
      },
    ]);
  });

  test("a collection may not ask what it does not declare", async () => {
    const straying = withCollection("roles", { requires: { operations: [], docs: [] } });
    server.forget();
    const result = await scanTiny({ sources: [tinySource(server.url, straying)] });
    expect(server.requests()).not.toContain("tiny:ListRoles");
    expect(result.scopes[0]?.collections.find(({ collection }) => collection === "roles")?.gaps).toMatchObject([
      { class: "denied", operation: "tiny:ListRoles" },
    ]);
  });

  test("what a cached answer speaks of is dated by the answer", async () => {
    const cached = withCollection("roles", {
      async *collect() {
        yield { type: "as-of", asOf: NOW - 1_000, note: "cached for a second" };
      },
    });
    const result = await scanTiny({ sources: [tinySource(server.url, cached)] });
    expect(result.scopes[0]?.collections.find(({ collection }) => collection === "roles")).toMatchObject({
      asOf: NOW - 1_000,
      asOfNote: "cached for a second",
      status: "complete",
    });
  });
});

describe("exit codes", () => {
  const rules = [ruleSetting(staleKey)];

  test.each([
    { name: "clean", code: 0 },
    { name: "gate trips", failOn: "medium", rules, code: 3 },
    { name: "gate above the findings", failOn: "critical", rules, code: 0 },
    { name: "partial", denied: "tiny:ListRoles", code: 4 },
    { name: "partial and gate", denied: "tiny:ListRoles", failOn: "high", rules, code: 5 },
    { name: "partial, allowed by id", denied: "tiny:ListRoles", allowPartial: ["a1"], code: 0 },
    { name: "partial, allowed by URN", denied: "tiny:ListRoles", allowPartial: ["nhi:tiny/tiny/account/a1"], code: 0 },
    { name: "partial, all allowed", denied: "tiny:ListRoles", allowPartial: ["*"], code: 0 },
    { name: "partial, another allowed", denied: "tiny:ListRoles", allowPartial: ["b2"], code: 4 },
    {
      name: "allowed partial does not hide the gate",
      denied: "tiny:ListRoles",
      allowPartial: ["*"],
      failOn: "low",
      rules,
      code: 3,
    },
    { name: "nothing read", denied: "tiny:WhoAmI", everywhere: true, code: 6 },
    { name: "nothing read is not allowed away", denied: "tiny:WhoAmI", everywhere: true, allowPartial: ["*"], code: 6 },
    { name: "a scope that does not exist", onlyScopes: ["zz"], code: 2 },
  ] as const)("$name: $code", async (row) => {
    if ("denied" in row)
      server.inject({ operation: row.denied, kind: "denied", ...("everywhere" in row ? {} : { account: "a1" }) });
    const result = await scanTiny({
      rules: "rules" in row ? row.rules : [],
      ...("failOn" in row ? { failOn: row.failOn } : {}),
      ...("allowPartial" in row ? { allowPartial: row.allowPartial } : {}),
      ...("onlyScopes" in row ? { onlyScopes: row.onlyScopes } : {}),
    });
    expect(result.exit.code, result.exit.reason).toBe(row.code);
    expect(held.inventory.reader.select("select status, exit_code from run")).toEqual([
      { status: "finished", exit_code: row.code },
    ]);
  });

  test("an allowed scope is marked as such and still shown as partial", async () => {
    server.inject({ operation: "tiny:ListRoles", kind: "denied", account: "a1" });
    const result = await scanTiny({ allowPartial: ["a1"] });
    expect(result.scopes.map(({ status, allowed }) => [status, allowed])).toEqual([
      ["partial", true],
      ["complete", false],
    ]);
  });

  test("a mass disappearance is held back, and is neither complete nor allowed away", async () => {
    server.estate.accounts.push(tinyAccount("c3", "gamma", 40));
    await scanTiny();
    server.estate.accounts[2]?.robots.splice(20, 20);
    clock.advance(DAY);
    const result = await scanTiny({ allowPartial: ["*"] });
    expect(result.exit.code).toBe(4);
    expect(result.exit.reason).toContain("a mass disappearance is held back in gamma (c3)");
    expect(result.changes).toMatchObject({ missing: 0, withdrawn: 0, suspected: 40 });
    expect(urns("identity").filter((urn) => urn.includes("/c3/"))).toHaveLength(40);

    clock.advance(DAY);
    const accepted = await scanTiny({ acceptMassChange: true });
    expect(accepted.exit.code).toBe(0);
  });

  test("one source that fails does not take the other down", async () => {
    const other = await startTinyServer({ accounts: [tinyAccount("z9", "zeta", 1)] });
    try {
      server.inject({ operation: "tiny:WhoAmI", kind: "denied" });
      const sources = [tinySource(server.url), tinySource(other.url, { id: "tiny-two" })];
      const result = await scanTiny({ sources });
      expect(result.exit.code).toBe(4);
      expect(result.scopes.map(({ scanner, status }) => [scanner, status])).toEqual([
        ["tiny", "failed"],
        ["tiny-two", "complete"],
      ]);
    } finally {
      await other.close();
    }
  });
});

describe("stopping", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("%s keeps what was committed, withdraws and judges nothing, and ends with %i", async (signal, code) => {
    const stop = new AbortController();
    server.inject({ operation: "tiny:ListKeys", kind: "hang" });
    const result = await scanTiny({
      signal: stop.signal,
      rules: [ruleSetting(staleKey)],
      onEvent: (event) => {
        if (event.type === "collection-finished" && event.coverage.collection === "roles" && event.scope.id === "a1")
          setTimeout(() => stop.abort(signal), 5);
      },
    });
    expect(result.exit.code).toBe(code);
    expect(urns("identity").filter((urn) => urn.includes("/a1/"))).toHaveLength(7);
    expect(count("finding")).toBe(0);
    expect(result.scopes[0]?.collections.map(({ collection, status }) => [collection, status])).toEqual([
      ["robots", "complete"],
      ["keys", "partial"],
      ["uses", "partial"],
      ["roles", "complete"],
      ["notes", "not-attempted"],
    ]);
    expect(result.scopes[0]?.collections[2]?.gaps).toEqual([
      { class: "cancelled", reason: "the scan was stopped before it was through", remedy: "scan again" },
    ]);
    expect(held.inventory.reader.select("select status, exit_code from run")).toEqual([
      { status: "cancelled", exit_code: code },
    ]);
  });

  test("a generator that never comes back does not hold the run", async () => {
    const stop = new AbortController();
    const stuck = withCollection("robots", {
      async *collect() {
        yield gap({ class: "limit", reason: "about to hang" });
        await new Promise(() => undefined);
      },
    });
    const result = await scanTiny({
      sources: [tinySource(server.url, stuck)],
      signal: stop.signal,
      onEvent: (event) => event.type === "collection-started" && setTimeout(() => stop.abort("SIGINT"), 5),
    });
    expect(result.exit.code).toBe(130);
  });

  test("two scans at once: the second ends with 75 and disturbs nothing", async () => {
    let refused: Promise<unknown> | undefined;
    const result = await scanTiny({
      onEvent: (event) => {
        if (event.type !== "scope-found" || refused !== undefined) return;
        const second = openInventory({ path: held.path, mode: "write", now: clock.now });
        refused = tinyScan({ inventory: second, sources: [tinySource(server.url)], now: clock.now })
          .catch((error: unknown) => error)
          .finally(() => second.close());
      },
    });
    expect(await refused).toMatchObject({ name: "UserError", exit: 75 });
    expect(result.exit.code).toBe(0);
  });
});
