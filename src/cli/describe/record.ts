import type { FactProvenance, Reader, Row } from "../../inventory/contract.ts";
import { formatInstant } from "../../sdk/index.ts";
import type { GapDetail } from "../../sdk/index.ts";
import { RowFormatter } from "../format/rows.ts";
import { jsonValue } from "../format/values.ts";
import { RECORD_VIEWS } from "../resolve.ts";
import type { Resolved } from "../resolve.ts";
import { describeFindings } from "./findings.ts";
import type { FindingDescription } from "./findings.ts";
import { describeScore } from "./score.ts";
import type { ScoreDescription } from "./score.ts";

/** Everything that the inventory knows of one thing: what `rollcall show --json` prints, in this order. */
export interface Description {
  readonly urn: string;
  readonly type: string;
  readonly kind: string | null;
  readonly name: string | null;
  readonly scope: ScopeDescription | null;
  readonly presence: string;
  readonly first_seen_at: string | null;
  readonly changed_at: string | null;
  readonly aliases: readonly string[];
  readonly tags: unknown;
  readonly facts: readonly FactDescription[];
  readonly privilege:
    | { readonly tier: string; readonly certainty: string; readonly reason: string | null }
    | NotKept
    | null;
  readonly score: ScoreDescription | NotKept | null;
  readonly last_used_at: unknown;
  readonly usage: readonly Record<string, unknown>[];
  readonly owners: readonly Record<string, unknown>[];
  readonly credentials: readonly Record<string, unknown>[];
  readonly grants: readonly Record<string, unknown>[];
  readonly trusted_by: readonly Record<string, unknown>[];
  readonly trusts: readonly Record<string, unknown>[];
  readonly findings: readonly FindingDescription[];
  readonly attributes: unknown;
}

/** What is derived from the facts at the end of a scan, and of the latest one only. */
export interface NotKept {
  readonly state: "unknown";
  readonly reason: string;
}

const NOT_KEPT: NotKept = { state: "unknown", reason: "not kept for the past" };

interface ScopeDescription {
  readonly urn: string;
  readonly name: string | null;
  /** Whether the latest scan read all of it that was asked for. */
  readonly complete: boolean;
  /** Of when the latest scan speaks; `null` where it did not enter the scope. */
  readonly seen_at: string | null;
  /** When everything of it that ever was read had last been read completely. */
  readonly last_complete_at: string | null;
  /** Why the latest scan did not enter it. */
  readonly reason: string | null;
}

export interface FactDescription {
  readonly fact: string;
  readonly state: "known" | "absent" | "unknown";
  readonly value: unknown;
  readonly source: string | null;
  readonly as_of: string | null;
  readonly note: string | null;
  /** Why it is unknown. */
  readonly reason: string | null;
}

/** @param past whether the reader shows an earlier time. */
export async function describeRecord(reader: Reader, record: Resolved, past = false): Promise<Description> {
  const { urn } = record;
  const view =
    RECORD_VIEWS[record.type ?? ""] ?? (record.type === "grant" ? "access_grant" : (record.type ?? "identity"));
  const formatter = new RowFormatter(reader, view);
  const row = reader.select(`select * from ${view} where urn = @urn`, { urn })[0] ?? {};
  const json = formatter.json(row);
  const identity = record.type === "identity";
  const usable = identity || record.type === "credential";
  const findings = await describeFindings(reader, urn);
  return {
    urn,
    type: record.type ?? "unknown",
    kind: record.kind ?? null,
    name: record.name ?? null,
    scope: describeScope(reader, record.scope),
    presence: String(row["presence"] ?? "present"),
    first_seen_at: textOf(json["first_seen_at"]),
    changed_at: textOf(json["changed_at"]),
    aliases: reader
      .select("select alias from alias where subject = @urn order by alias", { urn })
      .map((item) => String(item["alias"])),
    tags: json["tags"] ?? null,
    facts: reader.provenance(urn).map((fact) => describeFact(fact, formatter)),
    privilege: !identity
      ? null
      : past
        ? NOT_KEPT
        : {
            tier: textOf(json["privilege"]) ?? "unknown",
            certainty: textOf(json["privilege_certainty"]) ?? "possible",
            reason: textOf(json["privilege_reason"]),
          },
    score: !identity ? null : past ? NOT_KEPT : await describeScore(reader, urn),
    last_used_at: usable ? json["last_used_at"] : null,
    usage: usable ? documents(reader, "usage", USAGE, urn) : [],
    owners: documents(reader, "owner", "select * from owner where subject = @urn order by confidence desc, urn", urn),
    credentials: identity
      ? documents(reader, "credential", "select * from credential where identity = @urn order by urn", urn)
      : [],
    grants: identity ? grants(reader, urn) : [],
    trusted_by: identity
      ? documents(reader, "trust", "select * from trust where identity = @urn order by urn", urn)
      : [],
    trusts: identity ? trusts(reader, urn) : [],
    findings,
    attributes: json["attributes"] ?? null,
  };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function describeFact(fact: FactProvenance, formatter: RowFormatter): FactDescription {
  const type = formatter.columns.find((column) => column.name === fact.column)?.type ?? "text";
  const value =
    typeof fact.value === "object" && fact.value !== null ? fact.value : jsonValue(fact.value as Row[string], type);
  return {
    fact: fact.fact,
    state: fact.state,
    value: fact.state === "known" ? value : null,
    source: fact.source ?? null,
    as_of: fact.asOf === undefined ? null : formatInstant(fact.asOf),
    note: fact.asOfNote ?? null,
    reason: fact.state === "unknown" ? (fact.reason ?? "no collection reported it") : null,
  };
}

function describeScope(reader: Reader, scope: string | undefined): ScopeDescription | null {
  if (scope === undefined) return null;
  const name = reader.select("select name from scope where urn = @scope", { scope })[0]?.["name"];
  const rows = reader.select("select status, gaps, as_of, last_complete_at from coverage where scope = @scope", {
    scope,
  });
  const entered = rows.filter((row) => row["status"] === "complete" || row["status"] === "partial");
  const [gap] = entered.length > 0 ? [] : rows.flatMap((row) => JSON.parse(String(row["gaps"] ?? "[]")) as GapDetail[]);
  return {
    urn: scope,
    name: typeof name === "string" ? name : null,
    complete: entered.length > 0 && entered.every((row) => row["status"] === "complete"),
    seen_at: latest(entered, "as_of"),
    last_complete_at: earliest(rows, "last_complete_at"),
    reason: gap?.reason ?? null,
  };
}

function latest(rows: readonly Row[], column: string): string | null {
  const times = timesOf(rows, column);
  return times.length === 0 ? null : formatInstant(Math.max(...times));
}

function earliest(rows: readonly Row[], column: string): string | null {
  const times = timesOf(rows, column);
  return times.length === 0 ? null : formatInstant(Math.min(...times));
}

function timesOf(rows: readonly Row[], column: string): readonly number[] {
  return rows.map((row) => row[column]).filter((at) => typeof at === "number");
}

/** An identity is used through its credentials, so theirs belong here as well. */
const USAGE =
  "select * from usage where subject = @urn or subject in (select urn from credential where identity = @urn) order by subject, source";

/** Rows of a view as JSON documents, unknown facts marked. */
function documents(reader: Reader, view: string, sql: string, urn: string): readonly Record<string, unknown>[] {
  const formatter = new RowFormatter(reader, view);
  return reader.select(sql, { urn }).map((row) => formatter.json(row));
}

function grants(reader: Reader, urn: string): readonly Record<string, unknown>[] {
  const rows = reader.select(
    `select g.permission_set, g.via, g.effect, g.resource, p.name, p.kind, v.name as via_name
       from effective_grant g
       left join permission_set p on p.urn = g.permission_set
       left join identity_group v on v.urn = g.via
      where g.principal = @urn
      order by g.effect desc, p.name, g.permission_set, g.via`,
    { urn },
  );
  return rows.map((row) => ({ ...row }));
}

/** Ways out: trusts of other identities whose far end is this one, by its URN or one of its aliases. */
function trusts(reader: Reader, urn: string): readonly Record<string, unknown>[] {
  const formatter = new RowFormatter(reader, "trust");
  const rows = reader.select(
    `select t.* from trust t
      where t.principal in (select alias from alias where subject = @urn union select @urn)
      order by t.urn`,
    { urn },
  );
  return rows.map((row) => formatter.json(row));
}
