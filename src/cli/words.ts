import type { Reader } from "../inventory/contract.ts";
import { UserError } from "../sdk/index.ts";
import { didYouMean } from "../config/nearest.ts";
import type { Context } from "./context.ts";

/** Lists of choices that are longer than this are not printed whole. */
const MOST = 15;

/**
 * Refuses words that are not in a closed list: an answer of "nothing found" to a typo would be taken for good news.
 *
 * @throws {UserError} exit 2, with what it may have meant or else what there is.
 */
export function checkWords(
  what: string,
  words: readonly string[] | undefined,
  there: readonly string[],
  next?: string,
): void {
  for (const word of words ?? []) {
    if (there.includes(word)) continue;
    const shown = there.length === 0 ? "; there is none" : `; there is ${there.slice(0, MOST).join(", ")}`;
    throw new UserError(
      `There is no ${what} "${word.slice(0, 120)}"${didYouMean(word, there) || `${shown}${there.length > MOST ? ", …" : ""}`}`,
      next === undefined ? {} : { next },
    );
  }
}

/** The values of a column, in order. Trusted names only. */
export function distinct(reader: Reader, column: string, view: string): readonly string[] {
  return reader
    .select(`select distinct ${column} as word from ${view} where ${column} is not null order by 1`)
    .map((row) => String(row["word"]));
}

/** Refuses providers that the inventory has nothing of and that no scanner reads. */
export function checkProviders(context: Context, reader: Reader, words: readonly string[] | undefined): void {
  if (words === undefined) return;
  const there = new Set([...distinct(reader, "provider", "facet"), ...Object.keys(context.scanners)]);
  checkWords("provider", words, [...there].sort());
}

/**
 * Refuses kinds that nothing in the inventory has or had, and that no scanner in use could find.
 *
 * @param type of record; any if left out.
 */
export async function checkKinds(
  context: Context,
  reader: Reader,
  words: readonly string[] | undefined,
  type?: "identity" | "credential",
): Promise<void> {
  if (words === undefined) return;
  const live = distinct(
    reader,
    "kind",
    type === undefined ? "facet" : `(select kind from facet where type = '${type}')`,
  );
  if (words.every((word) => live.includes(word))) return;
  // Only now, since it costs more: none of the kind lives, which is an answer where there could be one.
  const former = words.filter(
    (word) =>
      reader.select(
        `select 1 as n from record_history where kind = @word${type === undefined ? "" : ` and type = '${type}'`} limit 1`,
        { word },
      ).length > 0,
  );
  const possible: string[] = [];
  for (const id of distinct(reader, "scanner", "coverage")) {
    const scanner = Object.hasOwn(context.scanners, id) ? await context.scanners[id]?.() : undefined;
    for (const { emits } of scanner?.collections ?? []) {
      for (const [ofType, kinds] of Object.entries(emits.authoritative ?? {}))
        if (Array.isArray(kinds) && (type === undefined || ofType === type)) possible.push(...(kinds as string[]));
    }
  }
  checkWords(`kind${type === undefined ? "" : ` of ${type}`}`, words, [
    ...new Set([...live, ...former, ...possible].sort()),
  ]);
}
