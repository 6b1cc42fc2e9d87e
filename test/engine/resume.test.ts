import { afterEach, beforeEach, expect, test } from "vitest";
import { fixedClock, temporaryInventory } from "rollcall/sdk/testing";
import { Killed, killedAfter } from "../../src/sdk/testing/kill.ts";
import { MINUTE } from "../../src/model/index.ts";
import { NOW, tinyEstate } from "./support/estate.ts";
import { startTinyServer } from "./support/tiny-server.ts";
import type { TinyServer } from "./support/tiny-server.ts";
import { ruleSetting, staleKey, tinyScan, tinySource } from "./support/tiny-scan.ts";

let server: TinyServer;
beforeEach(async () => {
  server = await startTinyServer(tinyEstate(10));
});
afterEach(() => server.close());

const rules = [ruleSetting(staleKey)];

test("killed after every checkpoint in turn and resumed, the inventory is the uninterrupted one", async () => {
  const clock = fixedClock(NOW);
  using whole = temporaryInventory({ now: clock.now });
  const counting = killedAfter(whole.inventory, Number.POSITIVE_INFINITY);
  const sources = [tinySource(server.url, {}, ["notes"])];
  await tinyScan({ inventory: counting.inventory, sources, now: clock.now, rules });
  const expected = whole.canonical();
  // a1: 3 + 3 + 0 + 0 + 3 checkpoints, b2: none.
  expect(counting.reached()).toBe(9);

  for (let checkpoint = 1; checkpoint <= 9; checkpoint += 1) {
    const present = fixedClock(NOW);
    using held = temporaryInventory({ now: present.now });
    const doomed = killedAfter(held.inventory, checkpoint);
    await expect(
      tinyScan({ inventory: doomed.inventory, sources, now: present.now, rules }),
      `checkpoint ${checkpoint}`,
    ).rejects.toThrow(Killed);
    present.advance(5 * MINUTE);
    server.forget();
    const resumed = await tinyScan({ inventory: held.reopen(), sources, now: present.now, rules });
    expect([resumed.resumed, resumed.startedAt, resumed.exit.code], `checkpoint ${checkpoint}`).toEqual([true, NOW, 0]);
    expect(held.canonical() === expected, `checkpoint ${checkpoint}`).toBe(true);
    // What was finished or read before is not asked again.
    expect(server.requests().length).toBeLessThan(server.estate.accounts.length * 40);
  }
});

test("a resumed collection starts at its cursor and finished ones are not repeated", async () => {
  const clock = fixedClock(NOW);
  using held = temporaryInventory({ now: clock.now });
  const sources = [tinySource(server.url)];
  // Checkpoints 1 to 3 are the robots', 4 is the first page of the keys.
  const doomed = killedAfter(held.inventory, 4);
  await expect(tinyScan({ inventory: doomed.inventory, sources, onlyScopes: ["a1"], now: clock.now })).rejects.toThrow(
    Killed,
  );
  clock.advance(MINUTE);
  server.forget();
  const resumed = await tinyScan({ inventory: held.reopen(), sources, onlyScopes: ["a1"], now: clock.now });
  const asked = (operation: string) => server.requests().filter((request) => request === operation).length;
  expect([asked("tiny:ListRobots"), asked("tiny:ListKeys")]).toEqual([0, 3]);
  const keys = resumed.scopes[0]?.collections.find(({ collection }) => collection === "keys");
  expect(keys).toMatchObject({ status: "complete", items: 10, pages: 4 });
});

test("a gap before the kill is still a gap after it: nothing is withdrawn on the strength of a forgotten refusal", async () => {
  const clock = fixedClock(NOW);
  using held = temporaryInventory({ now: clock.now });
  const sources = [tinySource(server.url)];
  await tinyScan({ inventory: held.inventory, sources, now: clock.now });
  const robot = server.estate.accounts[0]?.robots[0];
  if (robot === undefined) throw new Error("no robot");
  // The first page of keys names a robot that was not listed: a gap, before the first checkpoint of the keys.
  server.estate.accounts[0]?.robots.splice(0, 1, { ...robot, name: "robot-0-\u0000-renamed" });
  const renamed = tinySource(server.url, {
    collections:
      sources[0]?.scanner.collections.map((collection) =>
        collection.id === "robots"
          ? {
              ...collection,
              collect: async function* (session: unknown, context: Parameters<typeof collection.collect>[1]) {
                for await (const signal of collection.collect(session, context)) {
                  if (signal.type === "identity" && signal.name === robot.name) continue;
                  if (signal.type === "identity" && typeof signal.name === "string" && signal.name.includes("renamed"))
                    continue;
                  yield signal;
                }
              },
            }
          : collection,
      ) ?? [],
  });
  clock.advance(24 * 60 * MINUTE);
  const doomed = killedAfter(held.inventory, 4);
  await expect(tinyScan({ inventory: doomed.inventory, sources: [renamed], now: clock.now })).rejects.toThrow(Killed);
  clock.advance(MINUTE);
  const resumed = await tinyScan({ inventory: held.reopen(), sources: [renamed], now: clock.now });
  const keys = resumed.scopes[0]?.collections.find(({ collection }) => collection === "keys");
  expect(keys?.status).toBe("partial");
  expect(keys?.gaps).toMatchObject([{ class: "dependency" }]);
  expect(held.inventory.reader.select("select count(*) as n from credential where presence = 'present'")).toEqual([
    { n: 12 },
  ]);
});

test("a run with other settings is a new run", async () => {
  const clock = fixedClock(NOW);
  using held = temporaryInventory({ now: clock.now });
  const doomed = killedAfter(held.inventory, 2);
  await expect(
    tinyScan({ inventory: doomed.inventory, sources: [tinySource(server.url)], now: clock.now }),
  ).rejects.toThrow(Killed);
  clock.advance(5 * MINUTE);
  const other = await tinyScan({
    inventory: held.reopen(),
    sources: [tinySource(server.url)],
    onlyScopes: ["a1"],
    now: clock.now,
  });
  expect([other.resumed, other.startedAt]).toEqual([false, clock.now()]);
});

test("the order in which answers arrive does not show", async () => {
  const exports: string[] = [];
  for (const slow of ["tiny:ListRobots", "tiny:ListKeys", "tiny:ListRoles", undefined]) {
    const clock = fixedClock(NOW);
    using held = temporaryInventory({ now: clock.now });
    // Throttling the first answers of one operation lets all others overtake it.
    if (slow !== undefined) server.inject({ operation: slow, kind: "throttled", times: 3 });
    await tinyScan({
      inventory: held.inventory,
      sources: [tinySource(server.url, {}, ["notes"])],
      now: clock.now,
      rules,
    });
    exports.push(held.canonical());
    server.heal();
  }
  expect(new Set(exports).size).toBe(1);
});
