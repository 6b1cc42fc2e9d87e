import csv from "../../reports/csv/index.ts";
import jsonl from "../../reports/jsonl/index.ts";
import markdown from "../../reports/markdown/index.ts";
import { describe, expect, it } from "vitest";
import { REPORT_TABLES, type ReportColumn, type ReportTable, type ReportValue } from "../../src/sdk/index.ts";
import { fill, hostileRecords } from "../../src/sdk/testing/hostile.ts";
import { describeReport, temporaryInventory } from "../../src/sdk/testing/index.ts";
import { viewOf } from "../../src/sdk/testing/report-view.ts";
import { parseCsv } from "../sdk/parsers.ts";
import { NOW } from "./acme.ts";
import { text } from "./view.ts";

type Row = Readonly<Record<string, ReportValue>>;

/** `true`, `2026-…` and documents back to what the store holds. */
function stored(type: ReportColumn["type"], value: unknown): ReportValue {
  if (value === null) return null;
  switch (type) {
    case "boolean":
      return value === true ? 1 : 0;
    case "instant":
      return typeof value === "number" ? value : Date.parse(value as string);
    case "json":
    case "list":
      return canonical(value);
    case "text":
    case "integer":
      return value as ReportValue;
  }
}

/**
 * As the store writes it, with sorted keys (an object would put `10` before `2`), but for lone surrogates, which a
 * report writes as U+FFFD.
 */
function canonical(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.toWellFormed());
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${canonical(key)}:${canonical(inner)}`).join(",")}}`;
}

/** A view's own row, from what a report shows of each fact and the list of those that were not seen. */
function storedRow(
  columns: readonly ReportColumn[],
  unknown: readonly string[],
  value: (column: ReportColumn) => unknown,
): Row {
  const names = new Set(columns.map((column) => column.name));
  return Object.fromEntries(
    columns.map((column) => {
      const fact = column.name.slice(0, -"_known".length);
      if (column.name.endsWith("_known") && names.has(fact)) return [column.name, unknown.includes(fact) ? 0 : 1];
      return [column.name, stored(column.type, value(column))];
    }),
  );
}

function readJsonl(output: string, table: ReportTable, columns: readonly ReportColumn[]): readonly Row[] {
  return output
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .filter((document) => document["table"] === table)
    .map((document) => {
      const unknown = (document["unknown"] ?? []) as readonly string[];
      return storedRow(columns, unknown, ({ name }) =>
        unknown.includes(name)
          ? ((document[name] as { readonly lastKnown?: unknown }).lastKnown ?? null)
          : document[name],
      );
    });
}

function readCsv(output: string, _table: ReportTable, columns: readonly ReportColumn[]): readonly Row[] {
  const [header = [], ...records] = parseCsv(output);
  return records.map((record) => {
    const cell = (name: string) => record[header.indexOf(name)] ?? null;
    const unknown = (cell("unknown") ?? "").split(" ");
    return storedRow(columns, unknown, ({ name, type }) => {
      const text = unknown.includes(name)
        ? (/^unknown \(was ([\s\S]*)\)$/.exec(cell(name) ?? "")?.[1] ?? null)
        : cell(name);
      if (text === null || type === "text") return text;
      if (type === "instant") return /^-?\d+$/.test(text) ? Number(text) : text;
      return JSON.parse(text);
    });
  });
}

function wellFormed(column: ReportColumn, value: ReportValue | undefined): ReportValue {
  if (typeof value !== "string") return value ?? null;
  return column.type === "json" || column.type === "list" ? canonical(JSON.parse(value)) : value.toWellFormed();
}

const READERS = [
  ["jsonl", jsonl, {}, readJsonl],
  ["csv", csv, { raw: true }, readCsv],
] as const;

describeReport("jsonl", { report: jsonl });
describeReport("csv", { report: csv });
describeReport("markdown", { report: markdown });

describe.each(READERS)("%s", (_id, report, options, read) => {
  it("gives every cell of every table back to another parser, whatever strangers called their things", async () => {
    using held = temporaryInventory({ now: () => NOW });
    fill(held.inventory, hostileRecords(), "partial", NOW);
    const view = viewOf(held.inventory);
    for (const table of REPORT_TABLES) {
      const columns = view.columns(table);
      const expected = Array.from(view.rows(table), (row) =>
        Object.fromEntries(columns.map((column) => [column.name, wellFormed(column, row[column.name])])),
      );
      const output = await text(report.render(view, { ...options, tables: [table] }));
      expect(read(output, table, columns), table).toEqual(expected);
    }
  });
});
