import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { Source } from "../../engine/contract.ts";
import { DAY, MINUTE } from "../../model/index.ts";
import type { CallRange } from "../index.ts";
import { fixedClock } from "./clock.ts";
import { Killed, killedAfter } from "./kill.ts";
import { scanOnce, sourceOf } from "./scan-once.ts";
import { temporaryInventory } from "./temporary-inventory.ts";
import { assertComplete, assertGap, assertPredicted, present, urnsOf } from "./scanner-assertions.ts";
import type { TemporaryInventory } from "./temporary-inventory.ts";
import type { FaultKind, ScannerKit, ScannerWorld } from "./world.ts";

export interface Check {
  readonly name: string;
  /** Rejects with an assertion error that says what did not hold. */
  run(): Promise<void>;
}

const START = Date.UTC(2026, 10, 23, 5);
const KILLS = 25;

/**
 * The conformance checks of one scanner, each with a name, for any test runner; `describeScanner` registers them with
 * vitest. They share one world and run one after the other.
 */
export function scannerChecks<Config, Session>(
  kit: ScannerKit<Config, Session>,
): { readonly checks: readonly Check[]; readonly stop: () => Promise<void> } {
  const bench = new Bench(kit);
  const operations = declared(kit);
  const checks: Check[] = [
    {
      name: "reads everything, completely, with declared calls only, as many as predicted",
      run: () => bench.checkCompleteness(),
    },
    {
      name: "an unchanged rescan stays inside the narrower prediction and writes no version",
      run: () => bench.checkRescan(),
    },
    { name: "killed after any checkpoint and resumed, ends with the same inventory", run: () => bench.checkKills() },
  ];
  for (const operation of operations) {
    if (kit.unreached?.[operation] !== undefined) continue;
    checks.push(
      {
        name: `${operation} refused: a gap that names it, nothing withdrawn, recovered by the next scan`,
        run: () => bench.checkLasting(operation, "denied"),
      },
      {
        name: `${operation} throttled twice: waited out, nothing lost`,
        run: () => bench.checkPassing(operation, "throttled", 2),
      },
      {
        name: `${operation} cut off once: asked again, nothing lost`,
        run: () => bench.checkPassing(operation, "truncated", 1),
      },
      {
        name: `${operation} always cut off: a gap that names it, nothing withdrawn, recovered by the next scan`,
        run: () => bench.checkLasting(operation, "truncated"),
      },
    );
    if (kit.paged.includes(operation)) {
      checks.push({
        name: `${operation} repeats a page: a gap that names it, nothing withdrawn, recovered by the next scan`,
        run: () => bench.checkLasting(operation, "repeated-page"),
      });
    }
  }
  return { checks, stop: () => bench.stop() };
}

function declared<Config, Session>({ scanner }: ScannerKit<Config, Session>): readonly string[] {
  return [
    ...new Set(
      [scanner.requires, ...scanner.collections.map(({ requires }) => requires)].flatMap(
        ({ operations }) => operations,
      ),
    ),
  ].sort();
}

interface Baseline {
  /** After one clean scan at the start. */
  readonly first: TemporaryInventory;
  readonly firstExport: string;
  /** After a clean scan a day later, and another day later: what a recovered inventory must equal. */
  readonly secondExport: string;
  readonly thirdExport: string;
  readonly checkpoints: number;
}

class Bench<Config, Session> {
  readonly #kit: ScannerKit<Config, Session>;
  readonly #start: number;
  #world: Promise<ScannerWorld> | undefined;
  #source: Promise<Source> | undefined;
  #baseline: Promise<Baseline> | undefined;

  constructor(kit: ScannerKit<Config, Session>) {
    this.#kit = kit;
    this.#start = kit.now ?? START;
  }

  async stop(): Promise<void> {
    const baseline = await this.#baseline?.catch(() => undefined);
    baseline?.first.dispose();
    await (await this.#world)?.stop();
  }

  async checkCompleteness(): Promise<void> {
    const { world, source } = await this.#open();
    const { now } = fixedClock(this.#start);
    using held = temporaryInventory({ now });
    const predicted = new Map<string, CallRange>();
    const result = await scanOnce({
      inventory: held.inventory,
      source,
      world,
      now,
      onEvent: (event) =>
        event.type === "collection-started" && predicted.set(`${event.scope.urn} ${event.collection}`, event.calls),
    });

    assertComplete(result, "a scan without faults");
    assertPredicted(result, predicted);
    const operations = declared(this.#kit);
    const asked = new Set(world.requests());
    deepEqual(
      [...asked].filter((operation) => !operations.includes(operation)),
      [],
      "requests that no declaration covers",
    );
    deepEqual(
      operations.filter((operation) => !asked.has(operation)),
      operations.filter((operation) => this.#kit.unreached?.[operation] !== undefined),
      "declared operations that were not called (name them in `unreached` if this world cannot reach them)",
    );
    const { identities, credentials } = world.truth ?? {};
    if (identities !== undefined)
      deepEqual(
        urnsOf(held.inventory.reader, "identity"),
        [...identities].sort(),
        "identities, against the ground truth",
      );
    if (credentials !== undefined)
      deepEqual(
        urnsOf(held.inventory.reader, "credential"),
        [...credentials].sort(),
        "credentials, against the ground truth",
      );
  }

  async checkRescan(): Promise<void> {
    const { world, source } = await this.#open();
    const clock = fixedClock(this.#start);
    using held = temporaryInventory({ now: clock.now });
    await scanOnce({ inventory: held.inventory, source, world, now: clock.now });
    clock.advance(DAY);
    const predicted = new Map<string, CallRange>();
    const again = await scanOnce({
      inventory: held.inventory,
      source,
      world,
      now: clock.now,
      onEvent: (event) =>
        event.type === "collection-started" && predicted.set(`${event.scope.urn} ${event.collection}`, event.calls),
    });
    assertComplete(again, "the second scan");
    assertPredicted(again, predicted);
    equal(again.versionsWritten, 0, "versions written by a rescan of an unchanged world");
  }

  async checkKills(): Promise<void> {
    const { world, source, baseline } = await this.#withBaseline();
    const most = this.#kit.kills ?? KILLS;
    const step = Math.max(1, baseline.checkpoints / most);
    for (let at = 1; at <= baseline.checkpoints; at += step) {
      const checkpoint = Math.floor(at);
      const clock = fixedClock(this.#start);
      using held = temporaryInventory({ now: clock.now });
      const doomed = killedAfter(held.inventory, checkpoint);
      await rejects(
        scanOnce({ inventory: doomed.inventory, source, world, now: clock.now }),
        Killed,
        `the scan survived its end at checkpoint ${checkpoint}`,
      );
      clock.advance(5 * MINUTE);
      const resumed = await scanOnce({ inventory: held.reopen(), source, world, now: clock.now });
      ok(resumed.resumed, `the run killed at checkpoint ${checkpoint} was not resumed`);
      assertComplete(resumed, `the run resumed after checkpoint ${checkpoint}`);
      equal(
        held.canonical(),
        baseline.firstExport,
        `killed at checkpoint ${checkpoint} and resumed, the inventory differs from an uninterrupted scan's`,
      );
    }
  }

  /** A fault that goes away within the scan must leave no trace. */
  async checkPassing(operation: string, kind: FaultKind, times: number): Promise<void> {
    const { world, source, baseline } = await this.#withBaseline();
    const clock = fixedClock(this.#start + DAY);
    using held = baseline.first.copy();
    const fault = world.inject({ operation, kind, times });
    const result = await scanOnce({ inventory: held.inventory, source, world, now: clock.now });
    world.heal();
    ok(fault.fired() > 0, `the fault never fired: nothing asked ${operation}`);
    assertComplete(result, `a scan in which ${operation} was ${kind} ${times} times`);
    equal(
      held.canonical(),
      baseline.secondExport,
      `after ${operation} was ${kind} ${times} times, the inventory differs`,
    );
    this.#assertDeclared(world);
  }

  /** A fault that stays must show as a gap that names the operation, take nothing away, and be forgotten once healed. */
  async checkLasting(operation: string, kind: FaultKind): Promise<void> {
    const { world, source, baseline } = await this.#withBaseline();
    const clock = fixedClock(this.#start + DAY);
    using held = baseline.first.copy();
    const before = present(held.inventory.reader);
    const fault = world.inject({ operation, kind });
    const result = await scanOnce({ inventory: held.inventory, source, world, now: clock.now });
    world.heal();
    ok(fault.fired() > 0, `the fault never fired: nothing asked ${operation}`);
    deepEqual(
      present(held.inventory.reader),
      before,
      `records that are no longer present after ${operation} was ${kind}`,
    );
    if (this.#kit.harmless?.[`${operation}/${kind}`] === undefined) assertGap(result, operation, kind);
    else assertComplete(result, `${operation} ${kind}, declared harmless`);

    clock.advance(DAY);
    const healed = await scanOnce({ inventory: held.inventory, source, world, now: clock.now });
    assertComplete(healed, `the scan after ${operation} was healed`);
    equal(
      held.canonical(),
      baseline.thirdExport,
      `once ${operation} (${kind}) was healed, the inventory differs from one that never met the fault`,
    );
    this.#assertDeclared(world);
  }

  #assertDeclared(world: ScannerWorld): void {
    const operations = declared(this.#kit);
    deepEqual(
      [...new Set(world.requests())].filter((operation) => !operations.includes(operation)),
      [],
      "requests that no declaration covers",
    );
  }

  async #open(): Promise<{ readonly world: ScannerWorld; readonly source: Source }> {
    this.#world ??= this.#kit.start();
    const world = await this.#world;
    world.heal();
    world.forget();
    this.#source ??= sourceOf(this.#kit.scanner, world.config);
    return { world, source: await this.#source };
  }

  async #withBaseline(): Promise<{
    readonly world: ScannerWorld;
    readonly source: Source;
    readonly baseline: Baseline;
  }> {
    const { world, source } = await this.#open();
    this.#baseline ??= measure(world, source, this.#start);
    const baseline = await this.#baseline;
    world.forget();
    return { world, source, baseline };
  }
}

async function measure(world: ScannerWorld, source: Source, start: number): Promise<Baseline> {
  const clock = fixedClock(start);
  const first = temporaryInventory({ now: clock.now });
  const counting = killedAfter(first.inventory, Number.POSITIVE_INFINITY);
  assertComplete(await scanOnce({ inventory: counting.inventory, source, world, now: clock.now }), "the baseline");
  const firstExport = first.canonical();
  using later = first.copy();
  clock.advance(DAY);
  await scanOnce({ inventory: later.inventory, source, world, now: clock.now });
  const secondExport = later.canonical();
  clock.advance(DAY);
  await scanOnce({ inventory: later.inventory, source, world, now: clock.now });
  return { first, firstExport, secondExport, thirdExport: later.canonical(), checkpoints: counting.reached() };
}
