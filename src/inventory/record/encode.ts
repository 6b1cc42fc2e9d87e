import { isUnknown } from "../../model/index.ts";
import { canonicalJson, jsonText } from "../canonical.ts";
import type { FactColumn, Layout } from "../schema/layout.ts";
import { cutText, LONGEST_TEXT, storeText } from "../text.ts";
import type { CutText } from "../text.ts";

/** What a contribution says, by fact name; `aliases`, `tags` and `attributes` beside the facts. */
export type Facts = Readonly<Record<string, unknown>>;

/** A column's value as it is bound. */
export type Stored = string | number | null;

/** A record or contribution as it is stored. */
export interface Encoded {
  /** Canonical JSON of all facts. */
  readonly facts: string;
  /** Values of `layout.stored`, in order. */
  readonly values: readonly Stored[];
  /** Bits of the facts that are known. */
  readonly known: number;
  readonly aliases: readonly string[];
  readonly tags: readonly (readonly [key: string, value: string])[];
}

/**
 * Facts as they are stored. Text over 1 MiB is cut; its length and hash go to `attributes.truncated`, by fact.
 *
 * @throws {TypeError} saying which fact is not of its type.
 */
export function encodeFacts(layout: Layout, facts: Facts): Encoded {
  const parts: string[] = [];
  const values: Stored[] = [];
  const cuts: Cuts = { found: undefined };
  let known = 0;

  for (const column of layout.facts) {
    const fact = facts[column.fact];
    const stored = column.type !== "json";
    if (fact === undefined || fact === null) {
      if (column.always) throw new TypeError(`${column.fact} is missing`);
      if (fact === null) {
        known |= 1 << column.bit;
        parts.push(`${jsonText(column.fact)}:null`);
      }
      if (stored) values.push(null);
      continue;
    }
    if (isUnknown(fact)) {
      if (column.always) throw new TypeError(`${column.fact} is unknown, and must not be`);
      parts.push(`${jsonText(column.fact)}:{"unknown":${jsonText(shorten(fact.unknown, column.fact, cuts))}}`);
      if (stored) values.push(null);
      continue;
    }
    const encoded = encodeFact(column, fact, cuts);
    if (!column.always) known |= 1 << column.bit;
    parts.push(`${jsonText(column.fact)}:${encoded.json}`);
    if (stored) values.push(encoded.value);
  }

  const aliases = encodeAliases(layout, facts["aliases"], parts, cuts);
  const tags = encodeTags(layout, facts["tags"], parts, cuts);
  if (facts["tags"] !== undefined && !isUnknown(facts["tags"])) known |= 1 << layout.tagsBit;
  encodeAttributes(facts["attributes"], parts, cuts);
  return { facts: `{${parts.join(",")}}`, values, known, aliases, tags };
}

interface Cuts {
  found: Map<string, CutText[]> | undefined;
}

function shorten(text: string, fact: string, cuts: Cuts): string {
  if (text.length <= LONGEST_TEXT) return text;
  const { text: short, cut } = cutText(text);
  cuts.found ??= new Map();
  const list = cuts.found.get(fact);
  if (list === undefined) cuts.found.set(fact, [cut]);
  else list.push(cut);
  return short;
}

function encodeFact({ fact, type }: FactColumn, value: unknown, cuts: Cuts): { readonly json: string; readonly value: Stored } {
  switch (type) {
    case "text": {
      if (typeof value !== "string") throw wrongType(fact, "text");
      const text = shorten(value, fact, cuts);
      return { json: jsonText(text), value: storeText(text) };
    }
    case "integer":
    case "instant":
      if (!Number.isSafeInteger(value)) throw wrongType(fact, type === "instant" ? "an instant in whole milliseconds" : "a whole number");
      return { json: String(value), value: value as number };
    case "boolean":
      if (typeof value !== "boolean") throw wrongType(fact, "true or false");
      return { json: value ? "true" : "false", value: value ? 1 : 0 };
    case "list": {
      if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) throw wrongType(fact, "a list of texts");
      const json = canonicalJson(value, (text) => shorten(text, fact, cuts));
      return { json, value: json };
    }
    case "json":
      return { json: document(fact, value, cuts), value: null };
  }
}

function document(fact: string, value: unknown, cuts: Cuts): string {
  try {
    return canonicalJson(value, (text) => shorten(text, fact, cuts));
  } catch (error) {
    throw new TypeError(`${fact} is not plain JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function wrongType(fact: string, expected: string): TypeError {
  return new TypeError(`${fact} is not ${expected}`);
}

function encodeAliases(layout: Layout, aliases: unknown, parts: string[], cuts: Cuts): readonly string[] {
  if (aliases === undefined) return [];
  if (!layout.named) throw new TypeError(`a record of type ${layout.type} has no aliases`);
  if (!Array.isArray(aliases) || !aliases.every((alias) => typeof alias === "string")) throw wrongType("aliases", "a list of texts");
  const sorted = [...new Set(aliases.map((alias: string) => shorten(alias, "aliases", cuts)))].sort();
  if (sorted.length > 0) parts.push(`"aliases":${canonicalJson(sorted)}`);
  return sorted;
}

function encodeTags(layout: Layout, tags: unknown, parts: string[], cuts: Cuts): Encoded["tags"] {
  if (tags === undefined) return [];
  if (!layout.named) throw new TypeError(`a record of type ${layout.type} has no tags`);
  if (tags === null || isUnknown(tags)) {
    parts.push(`"tags":${canonicalJson(tags)}`);
    return [];
  }
  if (typeof tags !== "object" || Array.isArray(tags)) throw wrongType("tags", "an object of texts");
  const entries = Object.entries(tags).map(([key, value]: [string, unknown]): readonly [string, string] => {
    if (typeof value !== "string") throw wrongType(`the tag ${JSON.stringify(key.slice(0, 100))}`, "text");
    return [shorten(key, "tags", cuts), shorten(value, "tags", cuts)];
  });
  if (entries.length > 1) entries.sort(([left], [right]) => (left < right ? -1 : 1));
  parts.push(`"tags":{${entries.map(([key, value]) => `${jsonText(key)}:${jsonText(value)}`).join(",")}}`);
  return entries;
}

/** Types without attributes of their own keep what was cut in the same place; it shows in their history. */
function encodeAttributes(attributes: unknown, parts: string[], cuts: Cuts): void {
  if (attributes !== undefined && (typeof attributes !== "object" || attributes === null || Array.isArray(attributes))) {
    throw wrongType("attributes", "an object");
  }
  const json = attributes === undefined ? undefined : document("attributes", attributes, cuts);
  if (cuts.found === undefined) {
    if (json !== undefined && json !== "{}") parts.push(`"attributes":${json}`);
    return;
  }
  const kept = json === undefined ? {} : (JSON.parse(json) as object);
  const truncated = Object.fromEntries([...cuts.found].sort(([left], [right]) => (left < right ? -1 : 1)));
  parts.push(`"attributes":${canonicalJson({ ...kept, truncated })}`);
}
