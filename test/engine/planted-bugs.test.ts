import { expect, test } from "vitest";
import { scannerChecks } from "rollcall/sdk/testing";
import type { ScannerWorld } from "rollcall/sdk/testing";
import { checkpoint, isProviderError } from "../../src/sdk/index.ts";
import type { Collection, Scanner, Signal } from "../../src/sdk/index.ts";
import { tinyScanner } from "./support/tiny-scanner.ts";
import { startTinyWorld, TINY_PAGED } from "./support/tiny-world.ts";
import { withCollection } from "./support/tiny-scan.ts";

const original = (id: string): Collection => {
  const found = (tinyScanner as unknown as Scanner).collections.find((collection) => collection.id === id);
  if (found === undefined) throw new Error(id);
  return found;
};

/** A collection whose signals pass through a bend. */
function bent(
  id: string,
  bend: (
    signals: AsyncGenerator<Signal, void, void>,
    context: Parameters<Collection["collect"]>[1],
  ) => AsyncGenerator<Signal, void, void>,
): Partial<Scanner> {
  return withCollection(id, { collect: (session, context) => bend(original(id).collect(session, context), context) });
}

/** The names of the checks that fail. */
async function caught(
  change: Partial<Scanner>,
  only: RegExp,
  world: (world: ScannerWorld) => ScannerWorld = (same) => same,
): Promise<readonly string[]> {
  const scanner = { ...(tinyScanner as unknown as Scanner), ...change };
  const { checks, stop } = scannerChecks({
    scanner,
    paged: TINY_PAGED,
    start: async () => world(await startTinyWorld()),
  });
  const failed: string[] = [];
  try {
    for (const check of checks.filter(({ name }) => only.test(name))) {
      await check
        .run()
        .catch((error: unknown) =>
          failed.push(`${check.name}: ${error instanceof Error ? error.message.split("\n")[0] : ""}`),
        );
    }
  } finally {
    await stop();
  }
  return failed;
}

test("a scanner that takes a refusal for an empty list", async () => {
  const swallow = bent("robots", async function* (signals) {
    try {
      yield* signals;
    } catch (error) {
      if (!isProviderError(error)) throw error;
    }
  });
  expect(await caught(swallow, /ListRobots refused/)).toHaveLength(1);
});

test("a scanner that reports a refusal without naming the call", async () => {
  const vague = bent("robots", async function* (signals) {
    try {
      yield* signals;
    } catch {
      yield { type: "gap", class: "denied", reason: "something was refused" };
    }
  });
  expect((await caught(vague, /ListRobots refused/))[0]).toContain("no gap of class denied or auth names it");
});

test("a scanner that resumes behind what it has committed", async () => {
  const skipping = bent("keys", async function* (signals) {
    let held: Signal | undefined;
    for await (const signal of signals) {
      // The checkpoint overtakes the record before it: a kill between the two loses the record.
      if (signal.type === "checkpoint") {
        yield signal;
        if (held !== undefined) yield held;
        held = undefined;
      } else {
        if (held !== undefined) yield held;
        held = signal;
      }
    }
    if (held !== undefined) yield held;
  });
  expect((await caught(skipping, /killed after any checkpoint/))[0]).toContain(
    "the inventory differs from an uninterrupted scan's",
  );
});

test("a scanner that misses things, against the ground truth", async () => {
  const short = bent("robots", async function* (signals) {
    for await (const signal of signals) if (signal.type !== "identity" || !signal.urn.endsWith("r6")) yield signal;
  });
  expect(await caught(short, /reads everything/)).toHaveLength(1);
});

test("a scanner that declares what it does not call", async () => {
  const wide = withCollection("roles", { requires: { operations: ["tiny:ListRoles", "tiny:DeleteRobot"], docs: [] } });
  expect((await caught(wide, /reads everything/))[0]).toContain("declared operations that were not called");
});

test("a scanner whose prediction is wrong", async () => {
  const modest = withCollection("uses", { cost: () => ({ min: 0, max: 3, basis: "hope" }) });
  expect((await caught(modest, /reads everything/))[0]).toContain(
    "uses made 7 calls, and 0 to 3 were predicted (hope)",
  );
});

test("a scanner that never finishes the same way twice", async () => {
  let scans = 0;
  const restless = bent("robots", async function* (signals) {
    scans += 1;
    for await (const signal of signals)
      yield signal.type === "identity" ? { ...signal, description: `seen ${scans} times` } : signal;
  });
  expect((await caught(restless, /unchanged rescan/))[0]).toContain("versions written by a rescan");
});

test("a fault that never fires proves nothing", async () => {
  const dull = (world: ScannerWorld): ScannerWorld => ({ ...world, inject: () => ({ fired: () => 0 }) });
  expect((await caught({}, /ListRoles throttled/, dull))[0]).toContain("the fault never fired");
});

test("a checkpoint before anything was read", async () => {
  const eager = bent("keys", async function* (signals, context) {
    if (context.cursor === undefined) yield checkpoint({ token: "6", page: 2, items: 6 });
    yield* signals;
  });
  expect(await caught(eager, /killed after any checkpoint/)).toHaveLength(1);
});
