import { RecordFault } from "./record/fault.ts";

/** Deeper JSON is refused: SQLite's own reader stops at 1,000 levels. */
const DEEPEST = 500;

/**
 * JSON with sorted keys and no blanks: equal values give equal text. Keys such as `__proto__` are plain data.
 *
 * @throws {RecordFault} for what JSON cannot say: functions, symbols, big integers, infinities, more than 500 levels.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case "string":
      return jsonText(value);
    case "number":
      if (!Number.isFinite(value)) throw new RecordFault(`${value} is not a JSON number`);
      return JSON.stringify(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      break;
    default:
      throw new RecordFault(`a ${typeof value} is not JSON`);
  }
  if (value === null) return "null";
  if (depth >= DEEPEST) throw new RecordFault(`it is nested deeper than ${DEEPEST} levels`);
  if (Array.isArray(value))
    return `[${value.map((item: unknown) => (item === undefined ? "null" : write(item, depth + 1))).join(",")}]`;
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") {
    return write((value as { toJSON: () => unknown }).toJSON(), depth + 1);
  }
  const entries = Object.entries(value).filter((entry) => entry[1] !== undefined);
  if (entries.length > 1) entries.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, item]) => `${jsonText(key)}:${write(item, depth + 1)}`).join(",")}}`;
}

/** One JSON string. The marker of {@link storeText} is escaped, so that JSON never meets it. */
export function jsonText(text: string): string {
  const json = JSON.stringify(text);
  return json.includes("\uFDD0") ? json.replaceAll("\uFDD0", "\\ufdd0") : json;
}
