import { expect, test } from "vitest";
import { describeReport, reportChecks } from "rollcall/sdk/testing";
import type { ReportKit } from "rollcall/sdk/testing";
import { defineReport, jsonLine, REPORT_TABLES } from "../../src/sdk/index.ts";
import type { Report, ReportValue, ReportView } from "../../src/sdk/index.ts";

const lines = defineReport({
  id: "lines",
  title: "One JSON object per row",
  mediaType: "application/x-ndjson",
  extension: "jsonl",
  audience: "machine",
  async *render(view, options) {
    for (const table of options.tables ?? REPORT_TABLES) {
      const columns = view.columns(table).map(({ name }) => name);
      for (const row of view.rows(table)) yield `${jsonLine(columns.map((name) => wellFormed(row[name])))}\n`;
    }
  },
});

const wellFormed = (value: ReportValue | undefined): ReportValue =>
  typeof value === "string" ? value.toWellFormed() : (value ?? null);

const parse: NonNullable<ReportKit["parse"]> = (output, _table, columns) =>
  output
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const cells = JSON.parse(line) as readonly ReportValue[];
      return Object.fromEntries(columns.map(({ name }, index) => [name, cells[index] ?? null]));
    });

describeReport("the lines report", { report: lines, parse, rows: 200_000 });

/** The names of the checks that a report fails. */
async function failures(change: Partial<Report>, more: Partial<ReportKit> = {}): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const check of reportChecks({ report: { ...lines, ...change }, parse, rows: 200_000, ...more })) {
    await check.run().catch(() => failed.push(check.name.split(":")[0]?.split(",")[0] ?? ""));
  }
  return failed;
}

const rendering = (
  bend: (rows: Iterable<Readonly<Record<string, ReportValue>>>, view: ReportView) => Iterable<string>,
): Partial<Report> => ({
  async *render(view, options) {
    for (const table of options.tables ?? REPORT_TABLES) yield* bend(view.rows(table), view);
  },
});

test("a report that reads the clock is caught", async () => {
  const dated = rendering(function* (rows) {
    for (const row of rows) yield `${jsonLine(Object.values(row).map(wellFormed))}\n`;
    yield `${Date.now()}\n`;
  });
  expect(await failures(dated, { rows: 10 })).toContain("same inventory");
});

test("a report that holds all rows is caught", async () => {
  const hoarding = rendering(function* (rows) {
    const all = [...rows];
    for (const row of all) yield `${jsonLine(Object.values(row).map(wellFormed))}\n`;
  });
  expect(await failures(hoarding)).toEqual(["flat memory over 200"]);
});

test("a report for people that lets an escape sequence through is caught", async () => {
  const raw = rendering(function* (rows) {
    for (const row of rows) yield `${Object.values(row).map(wellFormed).join(" ")}\n`;
  });
  expect(await failures({ ...raw, audience: "human" }, { rows: 10 })).toContain("hostile names");
});

test("a report that loses a cell, or hides that something was refused, is caught", async () => {
  const careless: Partial<Report> = {
    async *render(view, options) {
      const tables = (options.tables ?? REPORT_TABLES).filter((table) => table !== "coverage");
      for (const table of tables)
        for (const row of view.rows(table))
          yield `${jsonLine(view.columns(table).map(({ name }) => (name.endsWith("_known") ? 1 : wellFormed(row[name]))))}\n`;
    },
  };
  expect(await failures(careless, { rows: 10 })).toEqual([
    "an incomplete inventory does not look like a complete one",
    "every cell of every table comes back through another parser",
  ]);
});
