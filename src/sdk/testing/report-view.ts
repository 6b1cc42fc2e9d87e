import type { Inventory } from "../../inventory/contract.ts";
import type { ReportTable, ReportValue, ReportView } from "../index.ts";

type ReportRow = Readonly<Record<string, ReportValue>>;

const ORDER: Partial<Readonly<Record<ReportTable, string>>> = {
  coverage: "scanner, scope, collection",
  usage: "subject, source",
  finding: "fingerprint",
};

/** An inventory as a report sees it. */
export function viewOf({ reader }: Inventory): ReportView {
  const [run] = reader.select<{ started_at: number }>("select started_at from run order by run desc limit 1");
  return {
    asOf: run === undefined ? null : run.started_at,
    columns: (table) => reader.columns(table).map(({ name, type }) => ({ name, type })),
    rows: (table) => reader.iterate(`select * from ${table} order by ${ORDER[table] ?? "urn"}`) as Iterable<ReportRow>,
    select: (sql, params = {}) => reader.select(sql, params) as readonly ReportRow[],
  };
}

/** The same view with so many identities that no report can hold them: rows are made as they are read. */
export function enlarged(view: ReportView, count: number): ReportView {
  const columns = view.columns("identity");
  return {
    ...view,
    rows: (table) => (table === "identity" ? synthetic(columns, count) : view.rows(table)),
  };
}

function* synthetic(columns: ReturnType<ReportView["columns"]>, count: number): Generator<ReportRow> {
  for (let number = 0; number < count; number += 1) {
    const id = String(number).padStart(9, "0");
    yield Object.fromEntries(columns.map(({ name, type }) => [name, valueFor(name, type, id)]));
  }
}

function valueFor(name: string, type: string, id: string): ReportValue {
  if (name === "urn") return `nhi:kit/kit/robot/${id}`;
  switch (type) {
    case "boolean":
      return 1;
    case "integer":
    case "instant":
      return 1_700_000_000_000;
    case "json":
      return "{}";
    case "list":
      return "[]";
    default:
      return `${name}-${id}`;
  }
}
