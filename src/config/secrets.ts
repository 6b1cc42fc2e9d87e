import { redact } from "../transport/redact.ts";

const SECRET_KEY =
  /(?:secret|passwd|password|passphrase|pwd|token|private[_-]?key|api[_-]?key|access[_-]?key|credential|session[_-]?key|bearer)/i;
/** Keys that name the place of a secret, which is how it should be done. */
const REFERENCE_KEY = /(?:file|path|folder|profile|name|source|provider|helper|process|command|env)s?$/i;

/**
 * Whether a configuration value is, or stands in for, a secret: by the shapes that providers give them, or by its key.
 * A key's *id* (`AKIA…`) is not secret, but in a configuration it stands beside one.
 */
export function looksSecret(key: string, value: unknown): boolean {
  if (typeof value !== "string" && typeof value !== "number") return false;
  const text = String(value);
  if (text !== "" && SECRET_KEY.test(key) && !REFERENCE_KEY.test(key)) return true;
  return redact(text) !== text && text.length < 2_000;
}
