import { hash } from "node:crypto";
import type { Row } from "../contract.ts";

/**
 * The stable name of a finding: of its rule, its subject and the columns that tell two findings of one subject apart.
 * Each part is length-prefixed by JSON, so no two lists of parts read the same.
 */
export function fingerprintOf(rule: string, subject: string, identity: readonly unknown[]): string {
  const parts = identity.map((value) =>
    typeof value === "bigint"
      ? Number(value)
      : value instanceof Uint8Array
        ? Buffer.from(value).toString("base64")
        : value,
  );
  return hash("sha256", JSON.stringify([rule, subject, ...parts]), "hex");
}

/** How a rule's answer becomes evidence: every column but the subject and the present, in the order of their names. */
export type Evidence = (row: Row) => string;

/** The maker of evidence for answers with these columns; instants are shown as text. */
export function evidenceMaker(
  columns: readonly string[],
  isInstant: (column: string) => boolean,
  format: (instant: number) => string,
): Evidence {
  const shown = columns
    .toSorted()
    .map((column) => ({ column, prefix: `${JSON.stringify(column)}:`, instant: isInstant(column) }));
  return (row) => {
    let text = "";
    for (const { column, prefix, instant } of shown) {
      const value = row[column] ?? null;
      text += `${text === "" ? "" : ","}${prefix}${JSON.stringify(instant && isDate(value) ? format(value) : plain(value))}`;
    }
    return `{${text}}`;
  };
}

function isDate(value: Row[string]): value is number {
  return typeof value === "number" && Math.abs(value) <= 8.64e15;
}

function plain(value: Row[string]): string | number | null {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return value;
}
