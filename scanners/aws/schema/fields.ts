import { unknown } from "rollcall/sdk";
import type { Known } from "rollcall/sdk";

/**
 * Small readers of one field each. An answer's shape is checked once, here, and reduced to the fields that are read;
 * what an API adds later is ignored, what it leaves out is noticed.
 */

/** Something is not in the documented shape. The message names the field and never its content. */
export class Malformed extends Error {
  override readonly name = "Malformed";
}

export type Fields = Readonly<Record<string, unknown>>;

export function fields(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Malformed(`${what} is not a structure`);
  return value as Fields;
}

export function text(item: Fields, key: string): string {
  const value = item[key];
  if (typeof value !== "string" || value === "") throw new Malformed(`${key} is missing`);
  return value;
}

/** Free text; an empty one is absent. */
export function optionalText(item: Fields, key: string): string | undefined {
  const value = item[key];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") throw new Malformed(`${key} is not text`);
  return value;
}

/** Milliseconds. The SDK gives a `Date`, our own REST calls RFC 3339 or seconds. */
export function instant(item: Fields, key: string): number {
  const value = optionalInstant(item, key);
  if (value === undefined) throw new Malformed(`${key} is missing`);
  return value;
}

export function optionalInstant(item: Fields, key: string): number | undefined {
  const value = item[key];
  if (value === undefined || value === null || value === "") return undefined;
  const at =
    value instanceof Date
      ? value.getTime()
      : typeof value === "string"
        ? Date.parse(value)
        : typeof value === "number"
          ? value * 1000
          : Number.NaN;
  if (!Number.isFinite(at)) throw new Malformed(`${key} is not a date`);
  return at;
}

export function flag(item: Fields, key: string): boolean {
  const value = item[key];
  if (typeof value !== "boolean") throw new Malformed(`${key} is missing`);
  return value;
}

export function optionalFlag(item: Fields, key: string): boolean | undefined {
  const value = item[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "boolean") throw new Malformed(`${key} is neither true nor false`);
  return value;
}

export function optionalNumber(item: Fields, key: string): number | undefined {
  const value = item[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isFinite(value)) throw new Malformed(`${key} is not a number`);
  return value;
}

/** A list that has to be there, if empty. */
export function list(item: Fields, key: string): readonly unknown[] {
  const value = item[key];
  if (!Array.isArray(value)) throw new Malformed(`${key} is missing`);
  return value;
}

/** A list that may be left out where it would be empty. */
export function optionalList(item: Fields, key: string): readonly unknown[] {
  const value = item[key];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Malformed(`${key} is not a list`);
  return value;
}

export function texts(item: Fields, key: string): readonly string[] {
  return optionalList(item, key).map((value) => {
    if (typeof value !== "string") throw new Malformed(`${key} has an entry that is not text`);
    return value;
  });
}

/** IAM's `Active` and `Inactive`; a state that AWS adds is a thing that we do not know, not a broken answer. */
export function active(item: Fields, key = "Status"): Known<boolean> {
  const status = text(item, key);
  if (status === "Active" || status === "Inactive") return status === "Active";
  return unknown(`AWS says ${key} ${JSON.stringify(status.slice(0, 40))}, which this version does not know`);
}

/** Tags as a plain object that no key can reach out of. */
export function tags(item: Fields, key = "Tags"): Readonly<Record<string, string>> {
  const pairs = optionalList(item, key).map((entry) => {
    const tag = fields(entry, key);
    const name = tag["Key"] ?? tag["key"];
    const value = tag["Value"] ?? tag["value"] ?? "";
    if (typeof name !== "string" || typeof value !== "string") throw new Malformed(`${key} has an entry without a key`);
    return [name, value] as const;
  });
  return Object.fromEntries(pairs);
}
