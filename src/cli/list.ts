import type { Params, Reader, Row } from "../inventory/contract.ts";
import { csvCell, jsonLine, UserError } from "../sdk/index.ts";
import { didYouMean } from "../config/nearest.ts";
import type { Context } from "./context.ts";
import type { Where } from "./filters.ts";
import type { ListFlags } from "./flags.ts";
import { oneFormat } from "./flags.ts";
import type { Column } from "./format/table.ts";
import { table } from "./format/table.ts";
import { RowFormatter } from "./format/rows.ts";
import { cellText, UNKNOWN } from "./format/values.ts";

/** One list of the command line: a view, what of it a table shows, and its order. */
export interface ListPlan {
  readonly view: string;
  readonly where: Where;
  /** SQL after `order by`, with a unique last column so that the order is total. */
  readonly order: string;
  readonly table: readonly TableColumn[];
  /** What the rows are called, for "none" and "more". */
  readonly noun: string;
  /** Rows that a table shows unless told otherwise. */
  readonly rows?: number;
}

interface TableColumn extends Column {
  /** The view's column; decides whether the cell is unknown. */
  readonly column: string;
  readonly text?: (row: Row) => string;
}

const TABLE_ROWS = 100;

/** Prints the list as a table, JSON lines or CSV. JSON and CSV stream: memory does not grow with the inventory. */
export async function printList(context: Context, reader: Reader, plan: ListPlan, flags: ListFlags): Promise<void> {
  const formatter = new RowFormatter(reader, plan.view);
  const format = oneFormat(flags);
  const limit = flags.limit ?? (format === "table" ? (plan.rows ?? TABLE_ROWS) : undefined);
  const from = `from ${plan.view} ${plan.where.sql}`;
  const sql = `select * ${from} order by ${order(plan, formatter, flags.sort)}${limit === undefined ? "" : ` limit ${limit}`}`;
  const rows = reader.iterate(sql, plan.where.params);

  if (format === "json") {
    for (const row of rows) await context.out.line(jsonLine(formatter.json(row)));
    return;
  }
  if (format === "csv") {
    await context.out.line(formatter.columns.map((column) => csvCell(column.name)).join(","));
    for (const row of rows) await context.out.line(csvRow(formatter, row));
    return;
  }
  await printTable(context, plan, formatter, [...rows], () => count(reader, from, plan.where.params));
}

async function printTable(
  context: Context,
  plan: ListPlan,
  formatter: RowFormatter,
  rows: readonly Row[],
  total: () => number,
): Promise<void> {
  if (rows.length === 0) {
    context.note(`no ${plan.noun}`);
    return;
  }
  const types = new Map(formatter.columns.map((column) => [column.name, column.type]));
  const cells = rows.map((row) =>
    plan.table.map(({ column, text }) => {
      // What was known last is still worth a look, with its question mark.
      if (formatter.isUnknown(row, column) && row[column] === null) return UNKNOWN;
      const cell = text?.(row) ?? cellText(row[column], types.get(column) ?? "text");
      return formatter.isUnknown(row, column) ? `${cell}${UNKNOWN}` : cell;
    }),
  );
  for (const line of table(plan.table, cells, context.out.width)) await context.out.line(line);
  const all = total();
  if (all > rows.length)
    context.note(`${rows.length} of ${all} ${plan.noun}; --limit N shows more, --json and --csv show all`);
}

function csvRow(formatter: RowFormatter, row: Row): string {
  return formatter.columns
    .map((column) => csvCell(formatter.isUnknown(row, column.name) ? UNKNOWN : cellText(row[column.name], column.type)))
    .join(",");
}

function count(reader: Reader, from: string, params: Params): number {
  return Number(reader.select(`select count(*) as n ${from}`, params)[0]?.["n"] ?? 0);
}

/** @throws {UserError} exit 2 for a column that the view does not have. */
function order(plan: ListPlan, formatter: RowFormatter, sort: string | undefined): string {
  if (sort === undefined) return plan.order;
  const descending = sort.endsWith(":desc");
  const name = sort.replace(/:(?:asc|desc)$/, "");
  const names = formatter.columns.map((column) => column.name);
  if (!names.includes(name)) {
    throw new UserError(
      `There is no column "${name}" to sort by${didYouMean(name, names) || `; there is ${names.join(", ")}`}`,
    );
  }
  return `${name} is null, ${name}${descending ? " desc" : ""}, ${plan.order}`;
}
