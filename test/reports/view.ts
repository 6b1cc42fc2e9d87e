import Database from "better-sqlite3";
import {
  FACTS,
  NAMED_TYPES,
  REPORT_TABLES,
  type RecordType,
  type ReportColumn,
  type ReportTable,
  type ReportValue,
  type ReportView,
} from "../../src/sdk/index.ts";

/**
 * A read model in memory, with the columns that `src/inventory/contract.ts` promises: what a report sees, without a
 * scan behind it. Real SQL answers `select`.
 */
export type ViewRows = Partial<Readonly<Record<ReportTable, readonly Readonly<Record<string, ReportValue>>[]>>>;

const RECORD_TABLES: Partial<Readonly<Record<ReportTable, RecordType>>> = {
  scope: "scope",
  identity: "identity",
  credential: "credential",
  identity_group: "group",
  membership: "membership",
  permission_set: "permission-set",
  access_grant: "grant",
  trust: "trust",
  anchor: "anchor",
  owner: "owner",
};

const columns = (type: ReportColumn["type"], names: string): readonly ReportColumn[] =>
  names.split(" ").map((name) => ({ name, type }));

const USE = [
  ...columns("instant", "last_used_at observed_from observed_through"),
  ...columns("boolean", "usage_known"),
];
const PRIVILEGE = [
  ...columns("text", "privilege privilege_certainty privilege_reason"),
  ...columns("integer", "score"),
];

const OTHER_TABLES: Partial<Readonly<Record<ReportTable, readonly ReportColumn[]>>> = {
  usage: [
    ...columns("text", "subject source"),
    ...columns("instant", "last_used_at"),
    ...columns("text", "place"),
    ...columns("instant", "observed_from observed_through"),
  ],
  finding: [
    ...columns("text", "fingerprint rule subject subject_type identity provider scope verdict severity"),
    ...columns("integer", "severity_rank"),
    ...columns("text", "state message"),
    ...columns("json", "evidence"),
    ...columns("instant", "first_seen_at last_seen_at resolved_at suppressed_until"),
  ],
  coverage: [
    ...columns("text", "scanner scope collection status"),
    ...columns("json", "gaps"),
    ...columns("instant", "as_of"),
    ...columns("text", "as_of_note"),
    ...columns("instant", "started_at finished_at"),
    ...columns("integer", "pages items requests retries throttled bytes"),
    ...columns("instant", "last_complete_at"),
  ],
};

export function columnsOf(table: ReportTable): readonly ReportColumn[] {
  const type = RECORD_TABLES[table];
  if (type === undefined) return OTHER_TABLES[table] ?? [];
  const facts = Object.values(FACTS[type]).flatMap((spec): readonly ReportColumn[] =>
    spec.always === true
      ? [{ name: spec.column, type: spec.type }]
      : [
          { name: spec.column, type: spec.type },
          { name: `${spec.column}_known`, type: "boolean" },
        ],
  );
  return [
    ...columns("text", "urn provider scope presence"),
    ...columns("instant", "first_seen_at changed_at"),
    ...facts,
    ...(NAMED_TYPES.includes(type) ? columns("json", "tags attributes") : []),
    ...(type === "identity" || type === "credential" ? USE : []),
    ...(type === "identity" ? PRIVILEGE : []),
  ];
}

/** Rows may leave columns out: NULL, and not known. */
export function memoryView(asOf: number | null, rows: ViewRows): ReportView {
  const database = new Database(":memory:");
  for (const table of REPORT_TABLES) {
    const names = columnsOf(table).map((column) => column.name);
    database.exec(`create table ${table} (${names.map((name) => `"${name}"`).join(", ")})`);
    const insert = database.prepare(`insert into ${table} values (${names.map((name) => `@${name}`).join(", ")})`);
    for (const row of rows[table] ?? []) {
      insert.run(Object.fromEntries(names.map((name) => [name, row[name] ?? (name.endsWith("_known") ? 0 : null)])));
    }
  }
  return {
    asOf,
    columns: columnsOf,
    rows: (table) =>
      database.prepare(`select * from ${table} order by ${ORDER[table] ?? "urn"}`).iterate() as Iterable<
        Readonly<Record<string, ReportValue>>
      >,
    select: (sql, params = {}) => database.prepare(sql).all(params) as readonly Readonly<Record<string, ReportValue>>[],
  };
}

const ORDER: Partial<Readonly<Record<ReportTable, string>>> = {
  coverage: "scanner, scope, collection",
  usage: "subject, source",
  finding: "fingerprint",
};

export async function text(chunks: AsyncIterable<string | Uint8Array>): Promise<string> {
  let whole = "";
  for await (const chunk of chunks) whole += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8");
  return whole;
}
