import type { FactColumn, Layout } from "./layout.ts";
import { LAYOUTS } from "./layout.ts";

export type Dialect = "sqlite" | "postgres";

/** A table without its dialect: `integer` is 64 bits wide, instants and booleans are integers. */
export interface Table {
  readonly name: string;
  /** `name type [not null] [unique]`, in order. */
  readonly columns: readonly string[];
  readonly primaryKey: readonly string[];
  /** Clustered by its key: for narrow tables that are only ever read by it. */
  readonly clustered?: true;
}

/** What every record row carries beside its facts. `facts` comes last: a scan of the columns then never reads it. */
function recordTable(layout: Layout): Table {
  return {
    name: layout.table,
    columns: [
      "id integer",
      "urn text not null unique",
      "provider text not null",
      "scope text not null",
      "source integer",
      "authority integer not null",
      "presence integer not null",
      "stale integer not null",
      "known integer not null",
      "first_run integer not null",
      "first_seen_at integer not null",
      "changed_at integer not null",
      "since_run integer not null",
      "change integer not null",
      "changed text",
      ...layout.stored.map(factColumn),
      "facts text not null",
    ],
    primaryKey: ["id"],
  };
}

function factColumn({ column, type }: FactColumn): string {
  // An owner's `source` (where the claim comes from) must not meet the row's own `source`.
  return `f_${column} ${type === "integer" || type === "boolean" || type === "instant" ? "integer" : "text"}`;
}

const OTHER_TABLES: readonly Table[] = [
  { name: "t_meta", columns: ["key text not null", "value text not null"], primaryKey: ["key"], clustered: true },
  {
    name: "t_source",
    columns: [
      "id integer",
      "scanner text not null",
      "scope text not null",
      "collection text not null",
      "precedence integer not null",
      "facts text not null",
      "opt_in integer not null",
      "created_run integer not null",
      "covered_run integer",
      "last_complete_at integer",
    ],
    primaryKey: ["id"],
  },
  {
    name: "t_contribution",
    columns: [
      "type integer not null",
      "id integer not null",
      "source integer not null",
      "authority integer not null",
      "presence integer not null",
      "stale integer not null",
      "created_run integer not null",
      "facts text not null",
    ],
    primaryKey: ["type", "id", "source"],
    clustered: true,
  },
  {
    name: "t_version",
    columns: [
      "type integer not null",
      "id integer not null",
      "from_run integer not null",
      "to_run integer not null",
      "from_at integer not null",
      "to_at integer not null",
      "urn text not null",
      "provider text not null",
      "scope text not null",
      "kind text",
      "name text",
      "source integer",
      "authority integer not null",
      "presence integer not null",
      "change integer not null",
      "changed text",
      "facts text not null",
      "body text",
    ],
    primaryKey: ["type", "id", "from_run"],
  },
  {
    name: "t_stale",
    columns: [
      "type integer not null",
      "id integer not null",
      "source integer not null",
      "since_run integer not null",
      "until_run integer",
    ],
    primaryKey: ["type", "id", "source", "since_run"],
    clustered: true,
  },
  {
    name: "t_alias",
    columns: ["type integer not null", "id integer not null", "alias text not null"],
    primaryKey: ["type", "id", "alias"],
    clustered: true,
  },
  {
    name: "t_tag",
    columns: ["type integer not null", "id integer not null", "key text not null", "value text not null"],
    primaryKey: ["type", "id", "key"],
    clustered: true,
  },
  {
    name: "t_usage",
    columns: [
      "subject text not null",
      "source text not null",
      "last_used_at integer",
      "place text",
      "observed_from integer",
      "observed_through integer not null",
      "run integer not null",
    ],
    primaryKey: ["subject", "source"],
    clustered: true,
  },
  {
    name: "t_run",
    columns: [
      "run integer",
      "plan_hash text not null",
      "scanners text not null",
      "started_at integer not null",
      "finished_at integer",
      "status text not null",
      "exit_code integer",
      "digest text",
      "previous_digest text",
      "chain integer",
      "version text not null",
      "accept_mass_change integer not null",
    ],
    primaryKey: ["run"],
  },
  {
    name: "t_collection_run",
    columns: [
      "run integer not null",
      "source integer not null",
      "state text not null",
      "cursor text",
      "checkpoint_at integer",
      "pages integer not null",
      "items integer not null",
      "restarted integer not null",
      "confirmed integer not null",
      "added integer not null",
      "changed integer not null",
      "unchanged integer not null",
    ],
    primaryKey: ["run", "source"],
    clustered: true,
  },
  {
    name: "t_seen",
    columns: ["source integer not null", "seq integer not null", "type integer not null", "ids blob not null"],
    primaryKey: ["source", "seq", "type"],
  },
  {
    name: "t_coverage",
    columns: [
      "run integer not null",
      "source integer not null",
      "status text not null",
      "gaps text not null",
      "as_of integer not null",
      "as_of_note text",
      "started_at integer not null",
      "finished_at integer not null",
      "pages integer not null",
      "items integer not null",
      "requests integer not null",
      "retries integer not null",
      "throttled integer not null",
      "bytes integer not null",
    ],
    primaryKey: ["source", "run"],
    clustered: true,
  },
  {
    name: "t_covered",
    columns: ["scope text not null", "fact text not null"],
    primaryKey: ["scope", "fact"],
    clustered: true,
  },
  {
    name: "t_scope_absence",
    columns: ["scanner text not null", "scope text not null", "presence integer not null", "run integer not null"],
    primaryKey: ["scanner", "scope"],
    clustered: true,
  },
  {
    name: "t_lease",
    columns: [
      "scanner text not null",
      "token text not null",
      "pid integer not null",
      "host text not null",
      "run integer not null",
      "acquired_at integer not null",
      "heartbeat_at integer not null",
    ],
    primaryKey: ["scanner"],
    clustered: true,
  },
  ...["t_identity_usage", "t_credential_usage"].map((name): Table => ({
    name,
    columns: [
      "id integer",
      "last_used_at integer",
      "observed_from integer",
      "observed_through integer",
      "usage_known integer not null",
    ],
    primaryKey: ["id"],
  })),
  {
    name: "t_identity_derived",
    columns: [
      "id integer",
      "privilege text not null",
      "certainty text not null",
      "reason text not null",
      "score integer",
    ],
    primaryKey: ["id"],
  },
  {
    name: "t_facet",
    columns: [
      "type text not null",
      "provider text not null",
      "scope text not null",
      "kind text",
      "nature text",
      "live integer not null",
    ],
    primaryKey: [],
  },
  {
    name: "t_finding",
    columns: [
      "id integer",
      "fingerprint text not null unique",
      "rule text not null",
      "subject text not null",
      "subject_type text not null",
      "identity text",
      "provider text not null",
      "scope text not null",
      "verdict text not null",
      "severity text not null",
      "state text not null",
      "first_seen_at integer not null",
      "first_run integer not null",
      "since_at integer not null",
      "last_seen_at integer",
      "resolved_at integer",
      "suppressed_until integer",
      "first_verdict text not null",
      "message text not null",
      "evidence text not null",
    ],
    primaryKey: ["id"],
  },
  {
    name: "t_finding_version",
    columns: [
      "id integer not null",
      "from_at integer not null",
      "to_at integer not null",
      "identity text",
      "scope text not null",
      "verdict text not null",
      "severity text not null",
      "state text not null",
      "last_seen_at integer",
      "resolved_at integer",
      "suppressed_until integer",
      "message text not null",
      "evidence text not null",
    ],
    primaryKey: [],
  },
  {
    name: "t_finding_event",
    columns: [
      "seq integer",
      "finding integer not null",
      "at integer not null",
      "run integer",
      "event text not null",
      "actor text",
      "reason text",
      "until integer",
    ],
    primaryKey: ["seq"],
  },
  {
    name: "t_judgement",
    columns: ["rule text not null", "at integer not null", "run integer not null"],
    primaryKey: ["rule", "at", "run"],
    clustered: true,
  },
];

export const TABLES: readonly Table[] = [...LAYOUTS.map(recordTable), ...OTHER_TABLES];

export function createTable(table: Table, dialect: Dialect): string {
  const columns = table.columns.map((column) => columnIn(column, table, dialect));
  const [only, ...others] = table.primaryKey;
  const inline = only === undefined || (others.length === 0 && table.columns.includes(`${only} integer`));
  const key = inline ? [] : [`primary key (${table.primaryKey.join(", ")})`];
  const options = dialect === "postgres" ? "" : table.clustered === true ? " strict, without rowid" : " strict";
  return `create table ${table.name} (\n  ${[...columns, ...key].join(",\n  ")}\n)${options}`;
}

function columnIn(column: string, table: Table, dialect: Dialect): string {
  const name = column.split(" ", 1)[0];
  const key =
    column === `${name} integer` && table.primaryKey.length === 1 && table.primaryKey[0] === name
      ? `${column} primary key`
      : column;
  if (dialect === "sqlite") return key;
  return key.replace(/^(\w+) integer/, "$1 bigint").replace(/^(\w+) blob/, "$1 bytea");
}

export interface Index {
  readonly name: string;
  readonly sql: string;
}

function index(name: string, table: string, columns: string, unique = ""): Index {
  return { name, sql: `create ${unique}index ${name} on ${table} (${columns})` };
}

/** Indexes that every write needs from the start. */
export const EARLY_INDEXES: readonly Index[] = [
  index("i_source", "t_source", "scanner, scope, collection", "unique "),
  index("i_source_scope", "t_source", "scope"),
  index("i_contribution_source", "t_contribution", "source, type, presence, id"),
  index("i_version_to", "t_version", "type, id, to_run"),
  index("i_finding_version", "t_finding_version", "id, from_at"),
  index("i_finding_event", "t_finding_event", "finding"),
];

/** What `find` reads; built at its first call. */
export const ALIAS_INDEX: Index = index("i_alias", "t_alias", "alias");

/** Built once a first load is in: keeping them while it runs costs three to four times as much. */
export const LATE_INDEXES: readonly Index[] = [
  ALIAS_INDEX,
  index("i_tag", "t_tag", "key, value"),
  ...LAYOUTS.flatMap(({ table, view }) => [
    index(`i_${view}_source`, table, "source, presence"),
    index(`i_${view}_run`, table, "since_run"),
  ]),
  index("i_version_from", "t_version", "from_run"),
  index("i_credential_identity", "t_credential", "f_identity"),
  index("i_membership_member", "t_membership", "f_member"),
  index("i_membership_group", "t_membership", "f_group_urn"),
  index("i_grant_principal", "t_access_grant", "f_principal, f_permission_set"),
  index("i_grant_set", "t_access_grant", "f_permission_set"),
  index("i_trust_identity", "t_trust", "f_identity"),
  index("i_owner_subject", "t_owner", "f_subject"),
];

/** Built when the first judgements are in. */
export const FINDING_INDEXES: readonly Index[] = [
  index("i_finding_rule", "t_finding", "rule, subject"),
  index("i_finding_subject", "t_finding", "subject"),
  index("i_finding_identity", "t_finding", "identity"),
];
