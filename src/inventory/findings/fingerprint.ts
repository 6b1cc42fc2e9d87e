import { hash } from "node:crypto";
import type { Row } from "../contract.ts";

/**
 * The stable name of a finding: of its rule, its subject and the columns that tell two findings of one subject apart.
 * Each part is length-prefixed by JSON, so no two lists of parts read the same.
 */
export function fingerprintOf(rule: string, subject: string, identity: readonly unknown[]): string {
  const parts = identity.map((value) => (typeof value === "bigint" ? Number(value) : value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value));
  return hash("sha256", JSON.stringify([rule, subject, ...parts]), "hex");
}

/** Columns of a rule's answer that are evidence: all but the subject and the present. */
export function evidenceOf(row: Row, isInstant: (column: string) => boolean, format: (instant: number) => string): string {
  const entries = Object.entries(row)
    .filter(([column]) => column !== "subject" && column !== "now")
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([column, value]) => [column, shown(column, value)] as const);
  return JSON.stringify(Object.fromEntries(entries));

  function shown(column: string, value: Row[string]): unknown {
    if (typeof value === "number" && isInstant(column)) return Number.isFinite(new Date(value).getTime()) ? format(value) : value;
    if (typeof value === "bigint") return Number(value);
    if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
    return value;
  }
}
