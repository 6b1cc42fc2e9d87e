import type { Layout } from "../schema/layout.ts";
import { cutText, LONGEST_TEXT } from "../text.ts";
import type { CutText } from "../text.ts";
import type { Facts } from "./encode.ts";

/**
 * The same facts with every text over 1 MiB cut, wherever it lies, and under `attributes.truncated` the length and hash
 * of what was cut, by fact. Types without attributes of their own keep it in the same place: it shows in their history.
 * Facts without such a text come back as they are.
 */
export function cutFacts(layout: Layout, facts: Facts): Facts {
  const truncated: Record<string, CutText[]> = {};
  const cut: Record<string, unknown> = { ...facts };
  for (const name of [...layout.facts.map(({ fact }) => fact), "aliases", "attributes", "tags"]) {
    const found: CutText[] = [];
    if (facts[name] !== undefined) cut[name] = shorten(facts[name], found);
    if (found.length > 0) truncated[name] = found;
  }
  if (Object.keys(truncated).length === 0) return facts;
  return { ...cut, attributes: { ...(cut["attributes"] as object | undefined), truncated } };
}

function shorten(value: unknown, found: CutText[]): unknown {
  if (typeof value === "string") {
    if (value.length <= LONGEST_TEXT) return value;
    const { text, cut } = cutText(value);
    found.push(cut);
    return text;
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => shorten(item, found));
  // Without a prototype, a key called `__proto__` stays a key.
  const copy: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, item] of Object.entries(value)) copy[shorten(key, found) as string] = shorten(item, found);
  return copy;
}
