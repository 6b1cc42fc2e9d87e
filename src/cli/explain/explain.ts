import type { Reader, Row } from "../../inventory/contract.ts";
import { formatInstant, parseUrn } from "../../sdk/index.ts";
import type { GapDetail } from "../../sdk/index.ts";

/**
 * - `present`: there, and confirmed by the latest scan of its scope;
 * - `renamed`: there, under another name than the one asked for;
 * - `not-seen`: believed to be there, but the latest scan could not look;
 * - `missing`: one complete scan did not see it; a second will settle it;
 * - `suspected`: vanished together with many others, held back until a second complete scan;
 * - `scope-lost`: gone because its whole account, tenant or organization is;
 * - `deleted`: gone, proven by complete scans.
 */
type Presence = "present" | "renamed" | "not-seen" | "missing" | "suspected" | "scope-lost" | "deleted";

export interface Answer {
  readonly verdict: Presence;
  readonly urn: string;
  readonly type: string;
  readonly kind: string | null;
  readonly current_name: string | null;
  readonly scope: string | null;
  readonly scope_name: string | null;
  readonly first_seen_at: string | null;
  /** When it was last known to be there. */
  readonly last_seen_at: string | null;
  /** When the change that the verdict speaks of was noticed. */
  readonly since: string | null;
  readonly run: number | null;
  /** What hides it, where it was not seen. */
  readonly gaps: readonly {
    readonly collection: string;
    readonly status: string;
    readonly reason: string;
    readonly remedy: string | null;
  }[];
  /** When its scope was last read completely. */
  readonly last_complete_at: string | null;
  /** Later things of the same kind that took its name. */
  readonly successors: readonly string[];
}

/** One answer per thing that ever had the name; none where nothing had. */
export function explainAbsence(reader: Reader, word: string): readonly Answer[] {
  return everCalled(reader, word).map((urn) => answer(reader, word, urn));
}

/** Everything, dead or alive, that has or had the word as its URN, name or alias. Identities first. */
function everCalled(reader: Reader, word: string): readonly string[] {
  const rows = reader.select(
    `select urn, min(case type when 'identity' then 0 when 'credential' then 1 else 2 end) as rank from (
       select urn, type from record_history where urn = @word or name = @word
       union all
       select h.urn, h.type from alias a join record_history h on h.urn = a.subject where a.alias = @word
     ) as found group by urn order by rank, urn limit 25`,
    { word },
  );
  const urns = rows.map((row) => String(row["urn"]));
  if (urns.length > 0) return urns;
  // An ARN or id of something withdrawn: its live aliases are gone, and its native id is in its URN.
  const tail = word.split(/[:/]/).at(-1) ?? word;
  const like = `%/${tail.replace(/[\\%_]/g, "\\$&")}`;
  const byId = reader.select(
    "select distinct urn from record_history where urn like @like escape '\\' order by urn limit 25",
    { like },
  );
  return byId.map((row) => String(row["urn"])).filter((urn) => parseUrn(urn)?.nativeId === tail);
}

function answer(reader: Reader, word: string, urn: string): Answer {
  const history = reader.select("select * from record_history where urn = @urn order by valid_from, from_run", { urn });
  const latest = history.at(-1) ?? {};
  const presence = String(latest["presence"] ?? "present");
  const scope = text(latest["scope"]);
  const scopeRow =
    scope === null
      ? undefined
      : reader.select(
          "select name, presence from record_history where urn = @scope order by valid_from desc, from_run desc limit 1",
          { scope },
        )[0];
  const gaps = scope === null ? [] : openGaps(reader, scope);
  const name = text(latest["name"]);
  const verdict = judge({
    presence,
    scopeGone: scopeRow?.["presence"] === "withdrawn" && scope !== urn,
    gaps,
    renamed: isRenamed(reader, word, urn, name),
  });
  const change =
    verdict === "renamed"
      ? history.find((row) => row["name"] === name)
      : history.find((row) => row === lastOf(history, presence));
  const before = history.filter((row) => row["presence"] === "present").at(-1);
  return {
    verdict,
    urn,
    type: String(latest["type"] ?? ""),
    kind: text(latest["kind"]),
    current_name: name,
    scope,
    scope_name: text(scopeRow?.["name"]),
    first_seen_at: instant(history[0]?.["valid_from"]),
    last_seen_at: presence === "present" ? null : instant(before?.["valid_to"]),
    since: verdict === "present" || verdict === "not-seen" ? null : instant(change?.["valid_from"]),
    run: verdict === "present" || verdict === "not-seen" ? null : number(change?.["from_run"]),
    gaps: verdict === "present" || verdict === "deleted" ? [] : gaps,
    last_complete_at: scope === null ? null : lastComplete(reader, scope),
    successors:
      verdict === "deleted" || verdict === "scope-lost" ? successors(reader, urn, text(latest["type"]), name) : [],
  };
}

function judge(seen: { presence: string; scopeGone: boolean; gaps: readonly unknown[]; renamed: boolean }): Presence {
  if (seen.presence === "withdrawn") return seen.scopeGone ? "scope-lost" : "deleted";
  if (seen.presence === "suspected") return "suspected";
  if (seen.presence === "missing") return seen.scopeGone ? "scope-lost" : "missing";
  if (seen.renamed) return "renamed";
  return seen.gaps.length > 0 ? "not-seen" : "present";
}

/** The first version of the last stretch in which the record had the presence. */
function lastOf(history: readonly Row[], presence: string): Row | undefined {
  let first: Row | undefined;
  for (const row of history) first = row["presence"] === presence ? (first ?? row) : undefined;
  return first;
}

function isRenamed(reader: Reader, word: string, urn: string, name: string | null): boolean {
  if (word === urn || word === name || word.startsWith("nhi:")) return false;
  return (
    reader.select("select 1 as n from record_history where urn = @urn and name = @word limit 1", { urn, word }).length >
    0
  );
}

/** Why the latest scan did not see the whole scope, leaving out what nobody asked for. */
function openGaps(reader: Reader, scope: string): Answer["gaps"] {
  const rows = reader.select(
    "select collection, status, gaps from coverage where scope = @scope and status in ('partial', 'not-attempted') order by collection",
    { scope },
  );
  return rows.flatMap((row) => {
    const gaps = typeof row["gaps"] === "string" ? (JSON.parse(row["gaps"]) as readonly GapDetail[]) : [];
    return gaps
      .filter((gap) => gap.class !== "opt-in")
      .map((gap) => ({
        collection: String(row["collection"]),
        status: String(row["status"]),
        reason: gap.reason,
        remedy: gap.remedy ?? null,
      }));
  });
}

function lastComplete(reader: Reader, scope: string): string | null {
  const row = reader.select(
    "select min(last_complete_at) as at from coverage where scope = @scope and last_complete_at is not null",
    { scope },
  )[0];
  return instant(row?.["at"]);
}

function successors(reader: Reader, urn: string, type: string | null, name: string | null): readonly string[] {
  if (name === null || type === null) return [];
  const rows = reader.select(
    "select distinct urn from record_history where name = @name and type = @type and urn <> @urn and presence <> 'withdrawn' and valid_to is null order by urn limit 5",
    { name, type, urn },
  );
  return rows.map((row) => String(row["urn"]));
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function instant(value: unknown): string | null {
  return typeof value === "number" ? formatInstant(value) : null;
}
