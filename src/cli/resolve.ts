import type { Reader } from "../inventory/contract.ts";
import { formatInstant, parseUrn, UserError } from "../sdk/index.ts";
import type { Urn } from "../sdk/index.ts";
import { nearest } from "../config/nearest.ts";
import { everCalled } from "./ever-called.ts";
import { shortUrn } from "./format/values.ts";

/** What a name on the command line turned out to mean. */
export interface Resolved {
  readonly urn: Urn;
  /** The record's type; `undefined` where the inventory holds nothing under the URN. */
  readonly type: string | undefined;
  readonly kind: string | undefined;
  readonly name: string | undefined;
  readonly scope: string | undefined;
}

interface Candidate extends Resolved {
  /** What of it matched: an alias, its name, its URN. */
  readonly matched: string;
}

/** The record views by type: where a live record is looked for. */
export const RECORD_VIEWS: Readonly<Record<string, string>> = {
  identity: "identity",
  credential: "credential",
  scope: "scope",
  group: "identity_group",
  "permission-set": "permission_set",
  anchor: "anchor",
};

/** Those that are found by URN alone. */
const NAMELESS_VIEWS: Readonly<Record<string, string>> = {
  membership: "membership",
  grant: "access_grant",
  trust: "trust",
  owner: "owner",
};

/**
 * The live record that a person means: a URN, an alias (ARN, key id, e-mail, native id), a name, or the beginning of
 * one that only one record has. An identity goes before other records of the same name.
 *
 * @throws {UserError} exit 2: nothing by that name (with what it may have meant), something that is gone or has another
 * name now, or several things.
 */
export function resolveName(reader: Reader, word: string): Resolved {
  const found = findName(reader, word);
  if (found !== undefined) return found;
  const meant = suggestions(reader, word);
  throw new UserError(
    `Nothing in the inventory is called "${cut(word)}"${meant.length === 0 ? "" : `; did you mean ${meant.map((item) => `"${cut(item)}"`).join(" or ")}?`}`,
    {
      next: meant[0] === undefined ? `rollcall why ${quoted(word)}` : `rollcall show ${quoted(meant[0])}`,
    },
  );
}

/** As {@link resolveName}, and `undefined` where nothing has the name. Still throws where several things have it. */
function findName(reader: Reader, word: string): Resolved | undefined {
  const exact =
    byUrn(reader, word) ??
    one(word, [...byAlias(reader, "a.alias = @word", word), ...byName(reader, "name = @word", word)]);
  if (exact !== undefined) return exact;
  // Before anything that is merely spelled alike: what bore the very name and is gone must not be answered with another.
  const former = formerly(reader, word);
  if (former !== undefined) return former;
  const caseless = one(word, [
    ...byAlias(reader, "lower(a.alias) = lower(@word)", word),
    ...byName(reader, "lower(name) = lower(@word)", word),
  ]);
  if (caseless !== undefined) return caseless;
  if (word.length < 3) return undefined;
  const end = after(word);
  return one(word, [
    ...byAlias(reader, "a.alias >= @word and a.alias < @end", word, end),
    ...byName(reader, "name >= @word and name < @end", word, end),
    ...byUrnPrefix(reader, word, end),
  ]);
}

/**
 * What the word is the native id of, though nobody lists it as an alias.
 *
 * @throws {UserError} exit 2 where something had exactly this name: what it was, and since when it has it no more.
 */
function formerly(reader: Reader, word: string): Resolved | undefined {
  const [urn, ...more] = everCalled(reader, word);
  if (urn === undefined) return undefined;
  const live = byUrn(reader, urn);
  if (live !== undefined && more.length === 0 && parseUrn(urn)?.nativeId === word.split(/[:/]/).at(-1)) return live;
  const history = reader.select("select * from record_history where urn = @urn order by valid_from, from_run", { urn });
  const last = history.at(-1) ?? {};
  const { type, kind, name, scope } = resolved(String(last["type"]), last);
  const what = [kind ?? type, name].filter(Boolean).map((part) => cut(String(part)));
  const others = more.length === 0 ? "" : `; ${more.length} more had the name`;
  if (last["presence"] === "withdrawn") {
    const there = history.findLast((row) => row["presence"] === "present")?.["valid_to"];
    const until = typeof there === "number" ? `, last there until ${formatInstant(there)},` : "";
    throw new UserError(
      `"${cut(word)}" is in the inventory no more: ${what.join(" ")}${scope === undefined ? "" : ` in ${shortUrn(scope)}`} (${urn})${until} is gone since ${formatInstant(Number(last["valid_from"]))}${others}`,
      { next: `rollcall why ${quoted(word)}` },
    );
  }
  throw new UserError(`Nothing is called "${cut(word)}" any more: ${what.join(" ")} (${urn}) was${others}`, {
    next: `rollcall show ${quoted(urn)}`,
  });
}

function byUrn(reader: Reader, word: string): Resolved | undefined {
  if (parseUrn(word) === undefined) return undefined;
  for (const [type, view] of Object.entries({ ...RECORD_VIEWS, ...NAMELESS_VIEWS })) {
    const named = Object.hasOwn(RECORD_VIEWS, type);
    const row = reader.select(`select urn, scope${named ? ", kind, name" : ""} from ${view} where urn = @word`, {
      word,
    })[0];
    if (row !== undefined) return resolved(type, row);
  }
  return undefined;
}

const MOST = 12;

function byAlias(reader: Reader, condition: string, word: string, end = ""): readonly Candidate[] {
  const params = condition.includes("@end") ? { word, end } : { word };
  const rows = reader.select(
    `select distinct a.subject, a.alias from alias a where ${condition} order by a.alias, a.subject limit ${MOST}`,
    params,
  );
  return rows.flatMap((row) => {
    const record = byUrn(reader, String(row["subject"]));
    return record === undefined ? [] : [{ ...record, matched: String(row["alias"]) }];
  });
}

function byName(reader: Reader, condition: string, word: string, end = ""): readonly Candidate[] {
  const params = condition.includes("@end") ? { word, end } : { word };
  return Object.entries(RECORD_VIEWS).flatMap(([type, view]) =>
    reader
      .select(`select urn, kind, name, scope from ${view} where ${condition} order by name, urn limit ${MOST}`, params)
      .map((row) => ({ ...resolved(type, row), matched: String(row["name"]) })),
  );
}

function byUrnPrefix(reader: Reader, word: string, end: string): readonly Candidate[] {
  if (!word.startsWith("nhi:")) return [];
  return Object.entries(RECORD_VIEWS).flatMap(([type, view]) =>
    reader
      .select(
        `select urn, kind, name, scope from ${view} where urn >= @word and urn < @end order by urn limit ${MOST}`,
        { word, end },
      )
      .map((row) => ({ ...resolved(type, row), matched: String(row["urn"]) })),
  );
}

function resolved(type: string, row: Readonly<Record<string, unknown>>): Resolved {
  const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
  return { urn: String(row["urn"]), type, kind: text(row["kind"]), name: text(row["name"]), scope: text(row["scope"]) };
}

/** The one thing among the candidates, identities before others. */
function one(word: string, candidates: readonly Candidate[]): Resolved | undefined {
  const unique = [...new Map(candidates.map((candidate) => [candidate.urn, candidate])).values()];
  const identities = unique.filter((candidate) => candidate.type === "identity");
  const pool = identities.length > 0 ? identities : unique;
  if (pool.length === 0) return undefined;
  const [only] = pool;
  if (pool.length === 1 && only !== undefined) {
    const { matched: _matched, ...rest } = only;
    return rest;
  }
  const shown = pool.slice(0, 10).map(
    (item) =>
      `  ${item.urn}  (${[item.type, item.kind, item.name]
        .filter(Boolean)
        .map((part) => cut(String(part)))
        .join(" ")})`,
  );
  const more = pool.length > 10 ? ["  …"] : [];
  throw new UserError([`"${cut(word)}" may mean several things:`, ...shown, ...more].join("\n"), {
    next: "say which by its URN",
  });
}

/** Names and aliases that are spelled nearly so. */
export function suggestions(reader: Reader, word: string): readonly string[] {
  // Most words come twice, as a name and as an alias.
  return [...new Set(nearest(word, words(reader, word.length), 6))].slice(0, 3);
}

function* words(reader: Reader, length: number): Generator<string> {
  const params = { shortest: Math.floor((length * 2) / 3), longest: Math.ceil((length * 4) / 3) + 1 };
  const within = (column: string): string => `length(${column}) between @shortest and @longest`;
  for (const row of reader.iterate(`select distinct alias as word from alias where ${within("alias")}`, params))
    yield String(row["word"]);
  for (const row of reader.iterate(
    `select distinct name as word from identity where name is not null and ${within("name")}`,
    params,
  ))
    yield String(row["word"]);
}

/** The least text that sorts after everything that begins with the word. */
function after(word: string): string {
  return `${word}\u{10FFFF}`;
}

function cut(text: string): string {
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

/** As one word of a POSIX shell. */
export function quoted(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${cut(word).replaceAll("'", `'\\''`)}'`;
}
