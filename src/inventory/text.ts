import { hash } from "node:crypto";

/**
 * SQLite keeps text as UTF-8, which has no lone surrogates. A string with one is stored behind a marker that no
 * provider's text carries unescaped (the noncharacter U+FDD0), and read back as it was. JSON needs no marker: it
 * escapes both.
 */
const MARKER = "\uFDD0";
const UNSTORABLE = /\uFDD0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

export function isPlain(text: string): boolean {
  return text.isWellFormed() && !text.includes(MARKER);
}

export function storeText(text: string): string {
  return isPlain(text) ? text : text.replace(UNSTORABLE, (unit) => MARKER + unit.charCodeAt(0).toString(16));
}

export function readText(text: string): string {
  return text.includes(MARKER)
    ? text.replace(/\uFDD0([0-9a-f]{4})/g, (_match, unit: string) => String.fromCharCode(Number.parseInt(unit, 16)))
    : text;
}

/** Longer strings are stored cut, with their length and hash in the record's attributes. */
export const LONGEST_TEXT = 2 ** 20;

export interface CutText {
  readonly length: number;
  readonly sha256: string;
}

/** The beginning of a text that is too long; never half a surrogate pair. */
export function cutText(text: string): { readonly text: string; readonly cut: CutText } {
  const last = text.charCodeAt(LONGEST_TEXT - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? LONGEST_TEXT - 1 : LONGEST_TEXT;
  return { text: text.slice(0, end), cut: { length: text.length, sha256: hash("sha256", text, "hex") } };
}
