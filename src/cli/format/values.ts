import type { Row, ViewColumn } from "../../inventory/contract.ts";
import { formatInstant, parseUrn } from "../../sdk/index.ts";

export type Cell = Row[string] | undefined;
type ColumnType = ViewColumn["type"];

/** What a person reads where a fact is not known, and where it is known that there is none. */
export const UNKNOWN = "?";
export const NONE = "-";

/** A view's value as JSON: RFC 3339 instants, true and false, JSON columns parsed. */
export function jsonValue(value: Cell, type: ColumnType): unknown {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (typeof value === "bigint" && !Number.isSafeInteger(Number(value))) return exactInteger(value);
  const number = typeof value === "bigint" ? Number(value) : value;
  switch (type) {
    case "instant":
      return typeof number === "number" ? instantText(number) : number;
    case "boolean":
      return typeof number === "number" ? number !== 0 : number;
    case "json":
    case "list":
      return typeof number === "string" ? parsed(number) : number;
    case "text":
    case "integer":
      return number;
  }
}

/** What `JSON.stringify` writes with every digit; a number would be rounded. */
function exactInteger(value: bigint): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(String(value));
}

/** A view's value as one cell of text, unescaped: the table or the CSV escapes at its border. */
export function cellText(value: Cell, type: ColumnType): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "bigint") return String(value);
  const json = jsonValue(value, type);
  if (typeof json === "string") return json;
  return type === "json" || type === "list" ? String(value) : String(json);
}

/** An instant to the minute, for tables. */
export function shortInstant(value: Cell): string {
  if (typeof value !== "number") return NONE;
  return `${instantText(value).slice(0, 16).replace("T", " ")}Z`;
}

/** A date for tables. */
export function shortDate(value: Cell): string {
  return typeof value === "number" ? instantText(value).slice(0, 10) : NONE;
}

/** A URN's native id, which is what people know an account or a key by; other text as it is. */
export function shortUrn(text: string): string {
  return parseUrn(text)?.nativeId ?? text;
}

function instantText(value: number): string {
  return Math.abs(value) <= 8.64e15 ? formatInstant(value) : String(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
