import { TIERS } from "../../model/index.ts";
import type { ViewColumn } from "../contract.ts";
import type { FactColumn, Layout } from "./layout.ts";
import { LAYOUTS } from "./layout.ts";
import type { Dialect } from "./tables.ts";

export interface View {
  readonly name: string;
  readonly doc: string;
  readonly columns: readonly ViewColumn[];
  readonly select: (dialect: Dialect) => string;
}

interface Selected extends ViewColumn {
  readonly sql: string | ((dialect: Dialect) => string);
}

const DOCS: Readonly<Record<string, string>> = {
  scope: "Accounts, tenants, projects and organizations",
  identity: "Everything that can act: users, roles, service accounts, apps",
  credential: "What identities act with: keys, passwords, certificates",
  identity_group: "Groups that identities belong to",
  membership: "Who belongs to which group",
  permission_set: "Policies, role definitions and permission lists that can be granted",
  access_grant: "Permission sets on identities and groups, directly",
  trust: "Ways in: who may become which identity, and how",
  anchor: "Registered sources of identities: OIDC and SAML providers, certificate authorities",
  owner: "Who answers for what; several claims may stand beside each other",
};

const PRESENCE = "case r.presence when 0 then 'present' when 1 then 'missing' else 'suspected' end";

/** One view per record type: live records, a column per fact, and beside it whether the fact is known. */
export const RECORD_VIEWS: readonly View[] = LAYOUTS.map(recordView);

function recordView(layout: Layout): View {
  const selected = [
    ...commonColumns(),
    ...layout.facts.flatMap((column) => factColumns(column)),
    ...namedColumns(layout),
    ...derivedColumns(layout),
  ];
  return {
    name: layout.view,
    doc: DOCS[layout.view] ?? "",
    columns: selected.map(({ name, type, doc }) => ({ name, type, doc })),
    select: (dialect) =>
      `select ${selected.map(({ name, sql }) => `${typeof sql === "string" ? sql : sql(dialect)} as ${name}`).join(",\n  ")}
  from ${layout.table} r${joins(layout)}
  where r.presence < 3`,
  };
}

function commonColumns(): readonly Selected[] {
  return [
    { name: "urn", type: "text", doc: "The stable name", sql: "r.urn" },
    { name: "provider", type: "text", doc: "`aws`, `github`, …", sql: "r.provider" },
    { name: "scope", type: "text", doc: "URN of the scope in which it was found", sql: "r.scope" },
    {
      name: "presence",
      type: "text",
      doc: "`present`, `missing` (not seen by one complete collection) or `suspected` (held by the mass-change guard)",
      sql: PRESENCE,
    },
    { name: "first_seen_at", type: "instant", doc: "When the scan began that first saw it", sql: "r.first_seen_at" },
    {
      name: "changed_at",
      type: "instant",
      doc: "When the scan began that last saw a fact or its presence change",
      sql: "r.changed_at",
    },
  ];
}

function factColumns({ column, fact, type, always, bit, doc }: FactColumn): readonly Selected[] {
  const sql = type === "json" ? (dialect: Dialect) => document(dialect, fact, bit) : `r.f_${column}`;
  const value: Selected = { name: column, type, doc, sql };
  return always ? [value] : [value, knownColumn(column, bit)];
}

function knownColumn(column: string, bit: number): Selected {
  return {
    name: `${column}_known`,
    type: "boolean",
    doc: `Whether \`${column}\` is known; NULL and known: there is none`,
    sql: `(r.known >> ${bit}) & 1`,
  };
}

/** A document inside `facts`; what an unknown one was before it went stale is still shown. */
function document(dialect: Dialect, fact: string, bit: number): string {
  const at = (...path: readonly string[]) =>
    dialect === "sqlite"
      ? `r.facts -> '$.${path.join(".")}'`
      : `(r.facts::json ${path.map((step) => `-> '${step}'`).join(" ")})::text`;
  return `case when (r.known >> ${bit}) & 1 = 1 or (r.stale > 0 and ${at(fact, "unknown")} is null) then nullif(${at(fact)}, 'null') end`;
}

function namedColumns({ named, tagsBit }: Layout): readonly Selected[] {
  if (!named) return [];
  return [
    {
      name: "tags",
      type: "json",
      doc: "Tags or labels as a JSON object",
      sql: (dialect) => document(dialect, "tags", tagsBit),
    },
    knownColumn("tags", tagsBit),
    {
      name: "attributes",
      type: "json",
      doc: "Provider details that no rule reads, as a JSON object",
      sql: (dialect) => (dialect === "sqlite" ? "r.facts -> '$.attributes'" : "(r.facts::json -> 'attributes')::text"),
    },
  ];
}

function derivedColumns({ type }: Layout): readonly Selected[] {
  if (type !== "identity" && type !== "credential") return [];
  const usage: readonly Selected[] = [
    { name: "last_used_at", type: "instant", doc: "The latest use that any source saw", sql: "u.last_used_at" },
    {
      name: "observed_from",
      type: "instant",
      doc: "From when on every source would have seen a use",
      sql: "u.observed_from",
    },
    { name: "observed_through", type: "instant", doc: "Up to when every source has looked", sql: "u.observed_through" },
    {
      name: "usage_known",
      type: "boolean",
      doc: "Whether every source that could have seen a use has told",
      sql: "coalesce(u.usage_known, 0)",
    },
  ];
  if (type === "credential") return usage;
  return [
    ...usage,
    {
      name: "privilege",
      type: "text",
      doc: `What it can do at most: ${TIERS.map((tier) => `\`${tier}\``).join(", ")}`,
      sql: "coalesce(d.privilege, 'unknown')",
    },
    { name: "privilege_certainty", type: "text", doc: "`certain` or `possible`", sql: "d.certainty" },
    {
      name: "privilege_reason",
      type: "text",
      doc: "Which grant gives the privilege, or what could not be read",
      sql: "d.reason",
    },
    { name: "score", type: "integer", doc: "0 (nothing known against it) to 100; NULL until judged", sql: "d.score" },
  ];
}

function joins({ type }: Layout): string {
  const usage = ` left join t_${type}_usage u on u.id = r.id`;
  if (type === "credential") return usage;
  return type === "identity" ? `${usage} left join t_identity_derived d on d.id = r.id` : "";
}
