import type { Reader, Row } from "../../inventory/contract.ts";
import type { ScannerCatalog } from "../../config/sources.ts";
import { formatInstant } from "../../sdk/index.ts";
import { everCalled } from "../ever-called.ts";
import { sightOf } from "./sight.ts";
import type { Sight } from "./sight.ts";

/**
 * - `present`: there: what decides its existence was read completely by the latest scan of its scope, and had it;
 * - `renamed`: the same, under another name than the one asked for;
 * - `not-seen`: believed to be there, but the latest scan could not, or was told not to, look;
 * - `missing`: one complete scan did not see it; a second will settle it;
 * - `suspected`: vanished together with many others, held back until a second complete scan;
 * - `scope-lost`: its whole account, tenant or organization is gone, closed or suspended, so nobody can look;
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
  readonly gaps: Sight["gaps"];
  /** When the collections that decide whether it exists were last complete. */
  readonly last_complete_at: string | null;
  /** Later things of the same kind that took its name. */
  readonly successors: readonly string[];
}

/** One answer per thing that ever had the name; none where nothing had. */
export async function explainAbsence(
  reader: Reader,
  catalog: ScannerCatalog,
  word: string,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const urn of everCalled(reader, word)) answers.push(await answer(reader, catalog, word, urn));
  return answers;
}

async function answer(reader: Reader, catalog: ScannerCatalog, word: string, urn: string): Promise<Answer> {
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
  const type = String(latest["type"] ?? "");
  const kind = text(latest["kind"]);
  const sight = scope === null ? UNSEEN : await sightOf(reader, catalog, { urn, type, kind, scope });
  const name = text(latest["name"]);
  const scopeWithdrawn = scopeRow?.["presence"] === "withdrawn" && scope !== urn;
  const verdict = judge({
    presence,
    scopeWithdrawn,
    sight,
    renamed: isRenamed(reader, word, urn, name),
  });
  const change =
    verdict === "renamed"
      ? history.find((row) => row["name"] === name)
      : history.find((row) => row === lastOf(history, presence));
  const before = history.filter((row) => row["presence"] === "present").at(-1);
  // What changed is old news where nobody can say how it is now.
  const unchanged = presence === "present" && verdict !== "renamed";
  return {
    verdict,
    urn,
    type,
    kind,
    current_name: name,
    scope,
    scope_name: text(scopeRow?.["name"]),
    first_seen_at: instant(history[0]?.["valid_from"]),
    last_seen_at: presence === "present" ? null : instant(before?.["valid_to"]),
    since: unchanged ? null : instant(change?.["valid_from"]),
    run: unchanged ? null : number(change?.["from_run"]),
    gaps: verdict === "present" || verdict === "deleted" ? [] : sight.gaps,
    last_complete_at: instant(sight.lastCompleteAt),
    successors:
      verdict === "deleted" || (verdict === "scope-lost" && scopeWithdrawn)
        ? successors(reader, latest, number(before?.["valid_to"]) ?? 0)
        : [],
  };
}

const UNSEEN: Sight = { seen: false, closed: false, gaps: [], lastCompleteAt: null };

function judge(known: { presence: string; scopeWithdrawn: boolean; sight: Sight; renamed: boolean }): Presence {
  const { presence, scopeWithdrawn, sight, renamed } = known;
  if (presence === "withdrawn") return scopeWithdrawn ? "scope-lost" : "deleted";
  // Nothing in a closed account is ever looked at again: it stays what it was believed to be.
  if (sight.closed) return "scope-lost";
  if (presence === "suspected") return "suspected";
  if (presence === "missing") return scopeWithdrawn ? "scope-lost" : "missing";
  if (!sight.seen) return "not-seen";
  return renamed ? "renamed" : "present";
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

/**
 * Live things that took the name: of the same kind in the same place (a credential's place is its
 * identity), seen for the first time when or after this one was seen no more. Many things bear one name side by side.
 */
function successors(reader: Reader, gone: Row, lastThereAt: number): readonly string[] {
  const [name, type] = [text(gone["name"]), text(gone["type"])];
  if (name === null || type === null) return [];
  const rows = reader.select(
    `select h.urn, h.facts from record_history h
      where h.name = @name and h.type = @type and h.urn <> @urn and h.scope = @scope and coalesce(h.kind, '') = @kind
        and h.presence <> 'withdrawn' and h.valid_to is null
        and not exists (select 1 from record_history e where e.urn = h.urn and e.valid_from < @lastThereAt)
      order by h.urn limit 25`,
    {
      name,
      type,
      urn: text(gone["urn"]),
      scope: text(gone["scope"]),
      kind: text(gone["kind"]) ?? "",
      lastThereAt,
    },
  );
  const holder = holderOf(gone);
  return rows
    .filter((row) => holderOf(row) === holder)
    .map((row) => String(row["urn"]))
    .slice(0, 5);
}

function holderOf(row: Row): unknown {
  const facts = typeof row["facts"] === "string" ? (JSON.parse(row["facts"]) as Readonly<Record<string, unknown>>) : {};
  return facts["identity"];
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
