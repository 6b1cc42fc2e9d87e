import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { temporaryInventory } from "../../src/sdk/testing/index.ts";
import { checkDatabase } from "../../src/inventory/index.ts";
import { PAGED, SMALL, START, startAwsBench } from "../support/aws-bench.ts";
import type { AwsBench } from "../support/aws-bench.ts";
import { Died, dyingInventory } from "./support/dying.ts";
import type { DurableCheckpoint } from "./support/dying.ts";
import { sameLines } from "./support/run-row.ts";
import { readCount, rollcall, workplace } from "./support/scanning-process.ts";
import type { Ended, Workplace } from "./support/scanning-process.ts";

const MINUTE = 60_000;
/** Kills of real processes; a release run takes many more. */
const KILLS = Number(process.env["ROLLCALL_HARNESS_KILLS"] ?? 26);
const counted = { checkpoints: 0, stops: 0, kills: 0, resumed: 0 };

afterAll(() => {
  const { checkpoints, stops, kills, resumed } = counted;
  process.stdout.write(
    `kills: ${checkpoints} at checkpoints, ${stops} stops at checkpoints, ${kills} processes killed of which ${resumed} had a run to resume; every inventory whole and equal\n`,
  );
});

function assertWhole(path: string): void {
  deepEqual(
    checkDatabase(path).filter(({ ok: holds }) => !holds),
    [],
  );
}

describe.each([
  ["a small estate", SMALL],
  ["an estate whose listings have pages", PAGED],
])("every checkpoint of a scan of %s", (_name, size) => {
  let bench: AwsBench;
  let uninterrupted: string;
  const checkpoints: DurableCheckpoint[] = [];

  beforeAll(async () => {
    bench = await startAwsBench({ size });
    using held = temporaryInventory({ now: () => START });
    const watched = dyingInventory(held.inventory, (checkpoint) => {
      checkpoints.push(checkpoint);
      return false;
    });
    equal((await bench.scan({ inventory: watched, at: START })).exit.code, 0);
    uninterrupted = held.canonical();
  }, 120_000);
  afterAll(() => bench[Symbol.asyncDispose]());

  test("killed there and resumed, it ends as if nothing had been", async () => {
    ok(checkpoints.length > 0, "the scan has no checkpoint");
    for (let at = 1; at <= checkpoints.length; at += 1) {
      using held = temporaryInventory({ now: () => START });
      let reached = 0;
      const doomed = dyingInventory(held.inventory, () => (reached += 1) === at);
      await rejects(bench.scan({ inventory: doomed, at: START }), Died, `checkpoint ${at}`);
      const result = await bench.scan({ inventory: held.reopen(), at: START, clock: () => START + 5 * MINUTE });
      equal(result.resumed, true, `checkpoint ${at}: not resumed`);
      equal(result.exit.code, 0, result.exit.reason);
      sameLines(held.canonical(), uninterrupted, `killed at checkpoint ${at} of ${checkpoints.length}`);
      assertWhole(held.path);
      counted.checkpoints += 1;
    }
  });

  test("stopped there by a signal and scanned again, it ends as if nothing had been", async () => {
    const step = Math.max(1, Math.floor(checkpoints.length / 4));
    for (let at = 1; at <= checkpoints.length; at += step) {
      using held = temporaryInventory({ now: () => START });
      let reached = 0;
      const stop = new AbortController();
      const watched = dyingInventory(held.inventory, () => {
        reached += 1;
        if (reached === at) stop.abort("SIGTERM");
        return false;
      });
      equal((await bench.scan({ inventory: watched, at: START, signal: stop.signal })).exit.code, 143);
      equal((await bench.scan({ inventory: held.reopen(), at: START })).exit.code, 0);
      sameLines(held.canonical(), uninterrupted, `stopped at checkpoint ${at}`);
      assertWhole(held.path);
      counted.stops += 1;
    }
  });
});

describe("a process that is killed", () => {
  let bench: AwsBench;
  let uninterrupted: string;
  let commits: number;
  let requests: number;

  beforeAll(async () => {
    bench = await startAwsBench({ emulator: { reportPolls: 0, logLimit: 100 } });
    using place = workplace(bench);
    const count = join(place.folder, "commits");
    const ended = await rollcall(place, ["scan", "--json"], { COUNT_COMMITS: count }).ended;
    equal(ended.code, 0, `${ended.stdout}\n${ended.stderr}`);
    uninterrupted = place.canonical();
    commits = readCount(count);
    requests = bench.emulator.log.total;
    ok(commits > 20 && requests > 50, `${commits} commits, ${requests} requests`);
  }, 120_000);
  afterAll(() => bench[Symbol.asyncDispose]());

  async function assertResumes(place: Workplace, killed: Ended, what: string): Promise<void> {
    equal(killed.signal, "SIGKILL", `${what}: the process ended by itself: ${killed.code} ${killed.stderr}`);
    counted.kills += 1;
    let resumed = false;
    try {
      assertWhole(place.database);
      resumed = true;
    } catch (error) {
      // Killed before the file had its name.
      ok(error instanceof Error && error.message.includes("There is no inventory"), `${what}: ${String(error)}`);
    }
    const ended = await rollcall(place, ["scan", "--json"]).ended;
    equal(ended.code, 0, `${what}: ${ended.stderr}`);
    const result = JSON.parse(ended.stdout.trim().split("\n").at(-1) ?? "") as { readonly resumed: boolean };
    if (result.resumed) counted.resumed += 1;
    ok(resumed || !result.resumed, what);
    sameLines(place.canonical(), uninterrupted, what);
    assertWhole(place.database);
  }

  /** So many places out of `total`, spread over all of it, the first and the last among them. */
  function spread(total: number, places: number): readonly number[] {
    const chosen = Array.from(
      { length: places },
      (_, index) => 1 + Math.round((index * (total - 1)) / Math.max(1, places - 1)),
    );
    return [...new Set(chosen)];
  }

  test("at its n-th commit, before or right after it", async () => {
    for (const [index, at] of spread(commits, Math.ceil(KILLS / 2)).entries()) {
      using place = workplace(bench);
      const where = index % 2 === 0 ? "after" : "inside";
      const killed = await rollcall(place, ["scan", "--json"], { KILL_AT_COMMIT: String(at), KILL_WHERE: where }).ended;
      await assertResumes(place, killed, `killed ${where} commit ${at} of ${commits}`);
    }
  });

  test("at its n-th request, before or after the answer", async () => {
    for (const [index, at] of spread(requests, Math.floor(KILLS / 2)).entries()) {
      using place = workplace(bench);
      let seen = 0;
      const spawned = rollcall(place, ["scan", "--json"]);
      const handle = bench.emulator.faults.add({
        fault: { kind: "unknown-fields" },
        when: {
          predicate() {
            seen += 1;
            if (seen === at) setTimeout(() => spawned.kill(), index % 2 === 0 ? 0 : 5);
            return false;
          },
        },
      });
      const killed = await spawned.ended;
      handle.remove();
      // The last answers may come when there is nothing left to do but to judge: then it may have ended first.
      if (killed.signal === null) {
        equal(killed.code, 0, killed.stderr);
        ok(at > requests - 5, `the process outlived request ${at} of ${requests}`);
        continue;
      }
      await assertResumes(place, killed, `killed at request ${at} of ${requests}`);
    }
  });
});
