import type { Row } from "../contract.ts";

/** What a query process is told, on one line of JSON. */
export interface QueryRequest {
  readonly path: string;
  readonly asOf: number | null;
  readonly sql: string;
}

/** What it answers, a line each: that it begins, the columns, rows, and how it ended. */
export type QueryAnswer =
  | { readonly type: "ready" }
  | { readonly type: "columns"; readonly columns: readonly string[] }
  | { readonly type: "rows"; readonly rows: readonly (readonly EncodedValue[])[] }
  | { readonly type: "end" }
  | { readonly type: "error"; readonly message: string; readonly exit: number | null; readonly next: string | null };

/** JSON has no large integers and no bytes. */
export type EncodedValue = string | number | null | { readonly integer: string } | { readonly bytes: string };

export function encodeValue(value: Row[string]): EncodedValue {
  if (typeof value === "bigint")
    return Number.isSafeInteger(Number(value)) ? Number(value) : { integer: String(value) };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("base64") };
  if (typeof value === "number" && !Number.isFinite(value)) return null;
  return value;
}

export function decodeValue(value: EncodedValue): Row[string] {
  if (value === null || typeof value !== "object") return value;
  return "integer" in value ? BigInt(value.integer) : Uint8Array.from(Buffer.from(value.bytes, "base64"));
}
