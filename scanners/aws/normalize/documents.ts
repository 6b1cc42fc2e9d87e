import { unknown } from "rollcall/sdk";
import type { Known } from "rollcall/sdk";

/** A policy is at most a few kilobytes; honest ones are ten levels deep. */
const MAX_DEPTH = 100;

/**
 * Reads a policy document as IAM sends it: JSON, URL-encoded (RFC 3986) in most answers and plain in some. Unknown
 * with the reason where it is neither; never an exception, so that one bad document does not hide its neighbours.
 */
export function parseDocument(text: string | undefined): Known<Readonly<Record<string, unknown>>> {
  if (text === undefined || text.trim() === "") return unknown("AWS sent no policy document");
  try {
    const plain = text.trimStart().startsWith("{") ? text : decodeURIComponent(text);
    const document: unknown = JSON.parse(plain);
    if (!isObject(document)) return unknown("the policy document is not a JSON object");
    if (deeperThan(document, MAX_DEPTH))
      return unknown(`the policy document is nested more than ${MAX_DEPTH} levels deep`);
    return document;
  } catch {
    return unknown("the policy document could not be parsed");
  }
}

/** A document's statements; IAM takes a single one outside a list as well. `undefined`: there is no usable list. */
export function statementsOf(
  document: Readonly<Record<string, unknown>>,
): readonly Readonly<Record<string, unknown>>[] | undefined {
  const statement = own(document, "Statement");
  const list = Array.isArray(statement) ? statement : [statement];
  return list.every(isObject) ? list : undefined;
}

/** A value that may stand alone or in a list. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** A key's own value, whatever its case as IAM reads element names; never one from the prototype. */
export function own(object: Readonly<Record<string, unknown>>, key: string): unknown {
  if (Object.hasOwn(object, key)) return object[key];
  const found = Object.keys(object).find((candidate) => candidate.toLowerCase() === key.toLowerCase());
  return found === undefined ? undefined : object[found];
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function deeperThan(root: unknown, limit: number): boolean {
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((value) => (typeof value === "object" && value !== null ? Object.values(value) : []));
  }
  return false;
}
