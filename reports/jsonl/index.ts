import { defineReport, formatInstant, jsonLine, REPORT_TABLES, type ReportTable, type ReportView } from "rollcall/sdk";
import { chunked } from "../shared/chunks.ts";
import { countCoverage } from "../shared/coverage.ts";
import { plainValue, type ReportFact, reportFacts, type ReportRow } from "../shared/facts.ts";

/**
 * JSON Lines, for programs. The first line is the report's own (`"table": "report"`): when, which tables, and how many
 * collections were complete, so that half a scan never looks whole. Every other line is a row of the table that it
 * names. A fact that nobody could see is `{"unknown": true}`, with `lastKnown` where it was known before, and is
 * listed under `unknown`; `null` is reserved for what is established to be absent.
 */
export default defineReport({
  id: "jsonl",
  title: "JSON Lines",
  mediaType: "application/x-ndjson",
  extension: "jsonl",
  audience: "machine",
  render: (view, options) => chunked(lines(view, options.tables ?? REPORT_TABLES)),
});

function* lines(view: ReportView, asked: readonly ReportTable[]): Generator<string, void, void> {
  const tables = REPORT_TABLES.filter((table) => asked.includes(table));
  yield line({
    table: "report",
    format: "rollcall/1",
    asOf: view.asOf === null ? null : formatInstant(view.asOf),
    tables,
    coverage: countCoverage(view),
  });
  for (const table of tables) {
    const facts = reportFacts(view.columns(table));
    for (const row of view.rows(table)) yield line(document(table, facts, row));
  }
}

function document(table: ReportTable, facts: readonly ReportFact[], row: ReportRow): Readonly<Record<string, unknown>> {
  const result: Record<string, unknown> = { table };
  const unknown: string[] = [];
  for (const fact of facts) {
    const value = plainValue(fact.type, row[fact.name]);
    if (!fact.isUnknown(row)) {
      result[fact.name] = value;
      continue;
    }
    unknown.push(fact.name);
    result[fact.name] = value === null ? { unknown: true } : { unknown: true, lastKnown: value };
  }
  if (unknown.length > 0) result["unknown"] = unknown;
  return result;
}

function line(value: unknown): string {
  return `${jsonLine(value)}\n`;
}
