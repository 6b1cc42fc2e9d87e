import type { Reader } from "../inventory/contract.ts";
import type { ReportTable, ReportValue, ReportView } from "../sdk/index.ts";

/** A total order for each table, so that the same inventory gives the same bytes. */
const ORDER: Readonly<Record<ReportTable, string>> = {
  coverage: "scanner, scope, collection",
  scope: "urn",
  identity: "urn",
  credential: "urn",
  identity_group: "urn",
  membership: "urn",
  permission_set: "urn",
  access_grant: "urn",
  trust: "urn",
  anchor: "urn",
  owner: "urn",
  usage: "subject, source",
  finding: "rule, subject, fingerprint",
};

/** What a report may see of the inventory. */
export function reportView(reader: Reader): ReportView {
  const latest = reader.select("select max(started_at) as at from run where status = 'finished'")[0]?.["at"];
  return {
    asOf: typeof latest === "number" ? latest : null,
    columns: (table) => reader.columns(table).map(({ name, type }) => ({ name, type })),
    rows: (table) =>
      reader.iterate(`select * from ${table} order by ${ORDER[table]}`) as Iterable<
        Readonly<Record<string, ReportValue>>
      >,
    select: (sql, params) => reader.select(sql, params) as readonly Readonly<Record<string, ReportValue>>[],
  };
}
