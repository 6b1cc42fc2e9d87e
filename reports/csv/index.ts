import {
  csvCell,
  defineReport,
  EXIT,
  jsonLine,
  type ReportTable,
  type ReportValue,
  type ReportView,
  UserError,
} from "rollcall/sdk";
import { chunked } from "../shared/chunks.ts";
import { completeScopes } from "../shared/coverage.ts";
import { plainValue, type ReportFact, reportFacts, type ReportRow } from "../shared/facts.ts";

/**
 * CSV (RFC 4180: CRLF, a header), data for spreadsheets: one table, `identity` if none is named. Three states stay apart: a
 * value is in quotes, what is established to be absent is an empty cell without quotes, and a fact that nobody could
 * see is the word `unknown` with what it was before. The column `unknown` lists such facts, so that a thing *called*
 * "unknown" is not mistaken for one, and `scope_coverage` says whether the row's scope was seen completely.
 *
 * A cell that a spreadsheet would execute gets a leading `'`, and control characters are shown as escapes; `raw` leaves
 * both as they are. Lists and documents are JSON.
 */
export default defineReport({
  id: "csv",
  title: "CSV",
  mediaType: "text/csv",
  extension: "csv",
  audience: "machine",
  render: (view, options) => {
    const [table = "identity", ...more] = options.tables ?? [];
    if (more.length > 0) {
      throw new UserError("A CSV file holds one table, and more than one was asked for", {
        exit: EXIT.usage,
        next: `export one table at a time, ${table} first`,
      });
    }
    return chunked(lines(view, table, options.raw ?? false));
  },
});

function* lines(view: ReportView, table: ReportTable, raw: boolean): Generator<string, void, void> {
  const facts = reportFacts(view.columns(table));
  const scopes = hasCoverage(table, facts) ? completeScopes(view) : undefined;
  const names = [...facts.map((fact) => fact.name), "unknown", ...(scopes === undefined ? [] : ["scope_coverage"])];
  yield record(names.map((name) => csvCell(name)));
  for (const row of view.rows(table)) {
    const cells = rowCells(facts, row, raw);
    yield record(scopes === undefined ? cells : [...cells, csvCell(coverageOf(scopes.get(String(row["scope"]))))]);
  }
}

/** The coverage itself says it in its own columns; a table without scopes cannot. */
function hasCoverage(table: ReportTable, facts: readonly ReportFact[]): boolean {
  return table !== "coverage" && facts.some((fact) => fact.name === "scope");
}

function coverageOf(complete: boolean | undefined): string {
  if (complete === undefined) return "unknown";
  return complete ? "complete" : "incomplete";
}

function rowCells(facts: readonly ReportFact[], row: ReportRow, raw: boolean): readonly string[] {
  const unknown: string[] = [];
  const cells = facts.map((fact) => {
    const text = cellText(fact.type, row[fact.name]);
    if (fact.isUnknown(row)) {
      unknown.push(fact.name);
      return csvCell(text === undefined ? "unknown" : `unknown (was ${text})`, raw);
    }
    // A number is never text that somebody chose, and a `'` would make `-5` a word.
    return text === undefined ? "" : csvCell(text, raw || typeof row[fact.name] === "number");
  });
  return [...cells, csvCell(unknown.join(" "))];
}

function cellText(type: ReportFact["type"], value: ReportValue | undefined): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "string" && (type === "text" || isPlainJson(value))) return value;
  const plain = plainValue(type, value);
  return typeof plain === "string" ? plain : jsonLine(plain);
}

/** A document that reads the same before and after: nothing in it needs another escape. */
function isPlainJson(document: string): boolean {
  return /^[ -~]*$/.test(document) && !document.includes("\\ud");
}

function record(cells: readonly string[]): string {
  return `${cells.join(",")}\r\n`;
}
