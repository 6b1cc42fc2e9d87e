import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Report, ReportOptions, ReportTable, ReportValue, ReportView } from "../index.ts";
import { REPORT_TABLES } from "../report.ts";
import { fixedClock } from "./clock.ts";
import { fill, hostileRecords } from "./hostile.ts";
import { enlarged, viewOf } from "./report-view.ts";
import type { Check } from "./scanner-checks.ts";
import { temporaryInventory } from "./temporary-inventory.ts";

export interface ReportKit {
  readonly report: Report;
  readonly options?: ReportOptions;
  /**
   * Reads the report's output for one table back, with a parser that the report's author did not write. Instants and
   * booleans come back as the numbers of the store, missing values as `null`. Left out for a report that people read.
   */
  readonly parse?: (
    output: string,
    table: ReportTable,
    columns: ReturnType<ReportView["columns"]>,
  ) => readonly Readonly<Record<string, ReportValue>>[];
  /** Options with which the round trip is exact (`{ raw: true }` where the report guards cells by default). */
  readonly exact?: ReportOptions;
  /** Synthetic rows for the memory check; a million if left out. */
  readonly rows?: number;
}

const START = Date.UTC(2026, 10, 23, 5);
/** Bytes that the heap may grow while a report streams, however many rows there are. */
const GROWTH = 48 * 1024 * 1024;

/** The conformance checks of one report, for any test runner; `describeReport` registers them with vitest. */
export function reportChecks(kit: ReportKit): readonly Check[] {
  const checks: Check[] = [
    {
      name: "renders an empty inventory",
      run: () => withView([], "complete", async (view) => void (await bytes(kit, view))),
    },
    { name: "same inventory, same bytes, whatever the time is", run: () => checkSameBytes(kit) },
    { name: "total order: the order of arrival does not show", run: () => checkTotalOrder(kit) },
    { name: "an incomplete inventory does not look like a complete one", run: () => checkPartial(kit) },
    { name: "hostile names: whole, well-formed, harmless", run: () => checkHostile(kit) },
    { name: `flat memory over ${(kit.rows ?? 1_000_000).toLocaleString("en")} rows`, run: () => checkMemory(kit) },
  ];
  if (kit.parse !== undefined)
    checks.push({
      name: "every cell of every table comes back through another parser",
      run: () => checkRoundTrip(kit),
    });
  return checks;
}

async function withView(
  records: ReturnType<typeof hostileRecords>,
  status: "complete" | "partial",
  work: (view: ReportView) => Promise<void>,
): Promise<void> {
  using held = temporaryInventory({ now: fixedClock(START).now });
  if (records.length > 0) fill(held.inventory, records, status, START);
  await work(viewOf(held.inventory));
}

async function bytes({ report, options }: Pick<ReportKit, "report" | "options">, view: ReportView): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of report.render(view, options ?? {}))
    chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks);
}

async function checkSameBytes(kit: ReportKit): Promise<void> {
  await withView(hostileRecords(), "complete", async (view) => {
    const once = await bytes(kit, view);
    const clock = Date.now;
    try {
      Date.now = () => clock() + 86_400_000_000;
      ok(once.equals(await bytes(kit, view)), "the same inventory gave other bytes the second time");
    } finally {
      Date.now = clock;
    }
  });
}

async function checkTotalOrder(kit: ReportKit): Promise<void> {
  let forwards: Buffer | undefined;
  await withView(hostileRecords(), "complete", async (view) => void (forwards = await bytes(kit, view)));
  await withView(hostileRecords().toReversed(), "complete", async (view) => {
    equal(
      (await bytes(kit, view)).toString(),
      forwards?.toString(),
      "records that arrived in another order gave another report",
    );
  });
}

async function checkPartial(kit: ReportKit): Promise<void> {
  let complete: Buffer | undefined;
  await withView(hostileRecords(), "complete", async (view) => void (complete = await bytes(kit, view)));
  await withView(hostileRecords(), "partial", async (view) => {
    notEqual((await bytes(kit, view)).toString(), complete?.toString(), "a refused call leaves no trace in the report");
  });
}

async function checkHostile(kit: ReportKit): Promise<void> {
  await withView(hostileRecords(), "partial", async (view) => {
    const output = await bytes(kit, view);
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(output);
    if (kit.report.audience === "human") {
      const raw = /[\p{Cc}\p{Bidi_Control}]/u.exec(text.replace(/[\n\r\t]/g, ""));
      equal(raw, null, `a control character went through raw: U+${raw?.[0].codePointAt(0)?.toString(16)}`);
      ok(!/<script|<img/i.test(text), "HTML out of a name went through raw");
    }
    // A report for people may cut a name or count instead of naming; one for machines may not.
    if (kit.report.audience === "machine") ok(text.includes("x".repeat(100_000)), "a long name is not there whole");
  });
}

async function checkRoundTrip({ report, parse, exact }: ReportKit): Promise<void> {
  await withView(hostileRecords(), "partial", async (view) => {
    for (const table of REPORT_TABLES) {
      const output = (await bytes({ report, options: { ...exact, tables: [table] } }, view)).toString();
      const columns = view.columns(table);
      const expected = [...view.rows(table)].map((row) =>
        Object.fromEntries(columns.map(({ name }) => [name, wellFormed(row[name])])),
      );
      deepEqual(parse?.(output, table, columns), expected, `the table ${table} does not come back as it was`);
    }
  });
}

function wellFormed(value: ReportValue | undefined): ReportValue {
  return typeof value === "string" ? value.toWellFormed() : (value ?? null);
}

async function checkMemory(kit: ReportKit): Promise<void> {
  await withView(hostileRecords().slice(0, 5), "complete", async (view) => {
    const rows = kit.rows ?? 1_000_000;
    const tables: readonly ReportTable[] = ["identity"];
    const heap = await heapDuring(kit, enlarged(view, rows), tables);
    ok(
      heap.peak - heap.start < GROWTH,
      `the heap grew by ${Math.round((heap.peak - heap.start) / 1024 / 1024)} MB over ${rows} rows`,
    );
  });
}

/** The heap with its garbage collected, at the start and at its highest of a few samples on the way. */
async function heapDuring(
  { report, options }: ReportKit,
  view: ReportView,
  tables: readonly ReportTable[],
): Promise<{ readonly start: number; readonly peak: number }> {
  const collect = garbageCollector();
  const start = collect();
  let peak = start;
  let length = 0;
  let sampledAt = 0;
  for await (const chunk of report.render(view, { ...options, tables })) {
    length += chunk.length;
    if (length - sampledAt > 50 * 1024 * 1024) {
      sampledAt = length;
      peak = Math.max(peak, collect());
    }
  }
  return { start, peak: Math.max(peak, collect()) };
}

function garbageCollector(): () => number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  return () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
}
