import { deepEqual, equal, ok } from "node:assert/strict";
import { temporaryInventory } from "../../../src/sdk/testing/index.ts";
import type { TemporaryInventory } from "../../../src/sdk/testing/index.ts";
import type { CallTrace, ScanResult } from "../../../src/engine/contract.ts";
import { openInventoryWith } from "../../../src/inventory/inventory.ts";
import type { Scanner } from "../../../src/sdk/index.ts";
import { ACCOUNTS, DAY, PAGED, SMALL, START, startAwsBench } from "../../support/aws-bench.ts";
import type { AwsBench } from "../../support/aws-bench.ts";
import type { FaultRow, Seen } from "./fault-row.ts";
import { brokenPromises, isAcross } from "./promise.ts";

/** An undisturbed life: the inventory after its first scan, and what it exports after each further day. */
export interface Undisturbed {
  readonly first: TemporaryInventory;
  readonly exports: readonly string[];
}

const DAYS = 3;
const undisturbed = new Map<string, Promise<Undisturbed>>();

/** Lived once per estate, and compared with by every row. */
export function undisturbedLife(estate: "small" | "paged"): Promise<Undisturbed> {
  const known = undisturbed.get(estate) ?? live(estate);
  undisturbed.set(estate, known);
  return known;
}

async function live(estate: "small" | "paged"): Promise<Undisturbed> {
  await using bench = await startAwsBench({ size: estate === "small" ? SMALL : PAGED });
  const first = temporaryInventory({ now: () => START });
  equal((await bench.scan({ inventory: first.inventory, at: START })).exit.code, 0, "the first undisturbed scan");
  const exports = [first.canonical()];
  using later = first.copy();
  for (let day = 1; day <= DAYS; day += 1) {
    equal(
      (await bench.scan({ inventory: later.inventory, at: START + day * DAY })).exit.code,
      0,
      `the undisturbed scan of day ${day}`,
    );
    exports.push(later.canonical());
  }
  return { first, exports };
}

export interface RowOutcome {
  readonly fired: number;
  readonly exit: number;
}

/** What is broken on purpose, to see that a row says so. */
export interface PlantedBug {
  readonly scanner?: Scanner;
  readonly mutations?: NonNullable<Parameters<typeof openInventoryWith>[1]["mutations"]>;
}

/** Runs one row and throws for whatever does not hold. */
export async function runRow(row: FaultRow, planted: PlantedBug = {}): Promise<RowOutcome> {
  const estate = row.estate ?? "small";
  const life = await undisturbedLife(estate);
  const day = row.first === true ? 0 : 1;
  await using bench = await startAwsBench({
    size: estate === "small" ? SMALL : PAGED,
    ...(row.emulator === undefined ? {} : { emulator: row.emulator }),
  });
  using held = row.first === true ? temporaryInventory({ now: () => START }) : life.first.copy();
  const before = held.canonical();

  const strike = await row.strike(bench, held);
  const calls: CallTrace[] = [];
  const onCall = (call: CallTrace) => {
    calls.push(call);
    strike.scan?.onCall?.(call);
  };
  const begun = bench.elapsed();
  const at = START + day * DAY;
  // A second connection, with the bug; what it writes, the first one reads.
  const bugged =
    planted.mutations === undefined
      ? undefined
      : openInventoryWith({ path: held.path, mode: "write", now: () => at }, { mutations: planted.mutations });
  const scanner = planted.scanner === undefined ? {} : { scanner: planted.scanner };
  const result = await bench
    .scan({ inventory: bugged ?? held.inventory, at, ...scanner, ...strike.scan, onCall })
    .finally(() => bugged?.close());
  const elapsed = bench.elapsed() - begun;
  const fired = strike.fired();
  const after = held.canonical();
  await strike.heal();

  const without = life.exports[day] as string;
  ok(fired >= 1, "the fault never struck: the row has tested nothing");
  const struck = row.struck ?? [ACCOUNTS.struck];
  const promises = brokenPromises({
    before,
    after,
    undisturbed: without,
    struck,
    ...(row.changing === undefined ? {} : { changing: row.changing }),
  });
  deepEqual(promises.slice(0, 5), [], `${promises.length} promises broken`);
  assertOutcome(row, result, after, without);
  const seen: Seen = { bench, held, result, calls, strike, before, after, undisturbed: without, elapsed };
  await row.check?.(seen);
  await assertConverges(row, bench, held, life, day);
  return { fired, exit: result.exit.code };
}

function assertOutcome(row: FaultRow, result: ScanResult, after: string, without: string): void {
  const gaps = gapsOf(result);
  switch (row.outcome) {
    case "absorbed":
      deepEqual({ exit: result.exit.code, gaps }, { exit: 0, gaps: [] }, "the fault was to be absorbed");
      sameLines(after, without, "absorbed, the fault left a trace");
      return;
    case "partial": {
      equal(
        result.exit.code,
        row.exit ?? 4,
        `exit ${result.exit.code}: ${result.exit.reason}; gaps: ${JSON.stringify(gaps)}`,
      );
      for (const account of row.named ?? row.struck ?? [ACCOUNTS.struck]) {
        const named = gaps.filter(
          (gap) =>
            gap.scope === account &&
            (row.classes ?? []).includes(gap.class) &&
            (row.operation === undefined || gap.operation === row.operation),
        );
        ok(
          named.length > 0,
          `no gap of class ${row.classes?.join(" or ")} names ${row.operation ?? "an operation"} in ${account}; the gaps are ${JSON.stringify(gaps)}`,
        );
        ok(result.exit.reason.includes(account), `the exit's reason does not name ${account}: ${result.exit.reason}`);
        ok(
          row.classes?.some((gapClass) => result.exit.reason.includes(gapClass)),
          `the exit's reason names no class: ${result.exit.reason}`,
        );
      }
      // One line per class and call, however often it happened.
      for (const collection of result.scopes.flatMap(({ collections }) => collections)) {
        const lines = collection.gaps.map((gap) => `${gap.class} ${gap.operation ?? ""} ${gap.reason}`);
        deepEqual(lines, [...new Set(lines)], "a gap is told twice");
        ok(lines.length <= 10, `${lines.length} gaps in one collection: ${lines.join("; ")}`);
      }
      return;
    }
    case "changed":
      if (row.exit !== undefined) equal(result.exit.code, row.exit, result.exit.reason);
  }
}

async function assertConverges(
  row: FaultRow,
  bench: AwsBench,
  held: TemporaryInventory,
  life: Undisturbed,
  day: number,
): Promise<void> {
  const scans = row.convergesAfter ?? 1;
  for (let scan = 1; scan <= scans; scan += 1) {
    const result = await bench.scan({ inventory: held.inventory, at: START + (day + scan) * DAY });
    if (scan === scans)
      deepEqual(
        { exit: result.exit.code, gaps: gapsOf(result) },
        { exit: 0, gaps: [] },
        "the scan after the fault is not complete",
      );
  }
  if (scans > 0)
    sameLines(
      lasting(held.canonical(), row),
      lasting(life.exports[day + scans] as string, row),
      "after the fault, the inventory does not converge",
    );
}

/**
 * Without what could not be decided for a while and now is, which stays as history. A first scan that saw nothing has
 * also not looked back as far as it would have.
 */
function lasting(text: string, row: FaultRow): string {
  const lines = text
    .split("\n")
    .filter(
      (line) => !(line.includes('"state":"resolved"') && line.includes('"verdict":"unknown"')) && !isAcross(line),
    );
  return (
    row.first === true ? lines.map((line) => line.replace(/"observed_from":(?:\d+|null)/, '"observed_from":0')) : lines
  ).join("\n");
}

/** Equal, or the first few lines that differ. */
export function sameLines(actual: string, expected: string, what: string): void {
  if (actual === expected) return;
  const [is, would] = [new Set(actual.split("\n")), new Set(expected.split("\n"))];
  const surplus = [...is]
    .filter((line) => !would.has(line))
    .slice(0, 3)
    .map((line) => `+ ${line.slice(0, 700)}`);
  const missing = [...would]
    .filter((line) => !is.has(line))
    .slice(0, 3)
    .map((line) => `- ${line.slice(0, 700)}`);
  throw new Error(`${what}:\n${[...surplus, ...missing].join("\n")}`);
}

export function gapsOf(result: ScanResult) {
  return result.scopes.flatMap(({ id, collections }) =>
    collections.flatMap((coverage) =>
      coverage.gaps
        .filter((gap) => gap.class !== "opt-in")
        .map((gap) => ({
          scope: id,
          collection: coverage.collection,
          class: gap.class,
          operation: gap.operation,
          reason: gap.reason,
          remedy: gap.remedy,
        })),
    ),
  );
}
