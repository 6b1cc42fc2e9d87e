import { isUnknown } from "../../model/index.ts";
import type { Unknown } from "../../model/index.ts";
import { canonicalJson } from "../canonical.ts";
import type { FactColumn, Layout } from "../schema/layout.ts";
import { LONGEST_TEXT, storeText } from "../text.ts";
import { cutFacts } from "./cut.ts";
import { RecordFault } from "./fault.ts";

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
 * Facts as they are stored; `outline` is their canonical JSON where it is at hand. Text over 1 MiB is cut; its length and hash go to `attributes.truncated`, by fact.
 *
 * @throws {RecordFault} saying which fact is not of its type.
 */
export function encodeFacts(layout: Layout, facts: Facts, outline?: string): Encoded {
  const values: Stored[] = [];
  let known = 0;
  for (const column of layout.facts) {
    const fact = facts[column.fact];
    const stored = column.type !== "json";
    if (fact === undefined) {
      if (column.always) throw new RecordFault(`${column.fact} is missing`);
      if (stored) values.push(null);
    } else if (isUnknown(fact)) {
      if (column.always) throw new RecordFault(`${column.fact} is unknown, and must not be`);
      if (stored) values.push(null);
    } else {
      if (column.always && fact === null) throw new RecordFault(`${column.fact} is missing`);
      if (!column.always) known |= 1 << column.bit;
      if (stored) values.push(fact === null ? null : storedValue(column, fact));
    }
  }
  checkNames(layout, facts);
  const text = outline ?? factsText(layout, facts);
  if (text.length > LONGEST_TEXT) {
    const short = cutFacts(layout, facts);
    if (short !== facts) return encodeFacts(layout, short);
  }
  const tags = tagsOf(facts["tags"]);
  if (facts["tags"] !== undefined && !isUnknown(facts["tags"])) known |= 1 << layout.tagsBit;
  return { facts: text, values, known, aliases: aliasesOf(facts["aliases"]), tags };
}

/**
 * Canonical JSON of facts: in the order of the table of facts, then aliases, attributes and tags, every key inside
 * sorted. Text that equals what is stored needs no further look: whatever made it was checked when it was stored.
 *
 * @throws {RecordFault} for what is not JSON.
 */
export function factsText(layout: Layout, facts: Facts): string {
  let text = "";
  for (const column of layout.facts) {
    const value = facts[column.fact];
    if (value === undefined) continue;
    text += column.prefix + (typeof value === "string" ? quote(value) : factText(column, value));
  }
  const aliases = aliasesOf(facts["aliases"]);
  if (aliases.length > 0) text += `,"aliases":${JSON.stringify(aliases)}`;
  const attributes = facts["attributes"];
  if (attributes !== undefined) {
    const json = document("attributes", attributes);
    if (json !== "{}") text += `,"attributes":${json}`;
  }
  const tags = facts["tags"];
  if (tags !== undefined)
    text += `,"tags":${isUnknown(tags) ? unknownText(tags) : tags === null ? "null" : tagsText(tagsOf(tags))}`;
  const json = `{${text.slice(1)}}`;
  return json.includes("\uFDD0") ? json.replaceAll("\uFDD0", "\\ufdd0") : json;
}

function factText({ fact, type }: FactColumn, value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "boolean") return value ? "true" : "false";
  if (isUnknown(value)) return unknownText(value);
  if (type === "json") return document(fact, value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw wrongType(fact, EXPECTED[type]);
    return String(value);
  }
  if (isTextList(value)) return JSON.stringify(value);
  throw wrongType(fact, EXPECTED[type]);
}

const EXPECTED = {
  text: "text",
  integer: "a whole number",
  instant: "an instant in whole milliseconds",
  boolean: "true or false",
  list: "a list of texts",
  json: "JSON",
} as const;

function unknownText(fact: Unknown): string {
  return `{"unknown":${quote(fact.unknown)}}`;
}

/** Most text needs no escape, and a look costs less than the general way. */
const UNESCAPED = /^[ !#-[\]-~]*$/;

function quote(text: string): string {
  return UNESCAPED.test(text) ? `"${text}"` : JSON.stringify(text);
}

function storedValue({ fact, type }: FactColumn, value: unknown): Stored {
  switch (type) {
    case "text":
      if (typeof value !== "string") throw wrongType(fact, EXPECTED[type]);
      return storeText(value);
    case "integer":
    case "instant":
      if (!Number.isSafeInteger(value)) throw wrongType(fact, EXPECTED[type]);
      return value as number;
    case "boolean":
      if (typeof value !== "boolean") throw wrongType(fact, EXPECTED[type]);
      return value ? 1 : 0;
    case "list":
      if (!isTextList(value)) throw wrongType(fact, EXPECTED[type]);
      return canonicalJson(value);
    case "json":
      return null;
  }
}

function checkNames(layout: Layout, { aliases, tags, attributes }: Facts): void {
  if (aliases !== undefined) {
    if (!layout.named) throw new RecordFault(`a record of type ${layout.type} has no aliases`);
    if (!isTextList(aliases)) throw wrongType("aliases", "a list of texts");
  }
  if (tags !== undefined) {
    if (!layout.named) throw new RecordFault(`a record of type ${layout.type} has no tags`);
    if (tags !== null && !isUnknown(tags)) {
      if (typeof tags !== "object" || Array.isArray(tags)) throw wrongType("tags", "an object of texts");
      for (const [key, value] of Object.entries(tags))
        if (typeof value !== "string") throw wrongType(`the tag ${JSON.stringify(key.slice(0, 100))}`, "text");
    }
  }
  if (
    attributes !== undefined &&
    (typeof attributes !== "object" || attributes === null || Array.isArray(attributes))
  ) {
    throw wrongType("attributes", "an object");
  }
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function aliasesOf(aliases: unknown): readonly string[] {
  if (!Array.isArray(aliases)) return [];
  return aliases.length < 2 ? (aliases as string[]) : [...new Set(aliases as string[])].sort();
}

function tagsOf(tags: unknown): Encoded["tags"] {
  if (typeof tags !== "object" || tags === null || isUnknown(tags)) return [];
  const entries = Object.entries(tags) as [string, string][];
  if (entries.length > 1) entries.sort(([left], [right]) => (left < right ? -1 : 1));
  return entries;
}

function tagsText(tags: Encoded["tags"]): string {
  return `{${tags.map(([key, value]) => `${quote(key)}:${quote(value)}`).join(",")}}`;
}

function document(fact: string, value: unknown): string {
  try {
    return canonicalJson(value);
  } catch (error) {
    throw new RecordFault(`${fact} is not plain JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function wrongType(fact: string, expected: string): RecordFault {
  return new RecordFault(`${fact} is not ${expected}`);
}
