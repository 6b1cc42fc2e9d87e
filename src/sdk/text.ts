/**
 * Escaping, one function per border. Every name that Rollcall shows was chosen by somebody else: a role can be
 * called `=HYPERLINK(…)`, and a tag can carry the escape sequence that rewrites a terminal's title.
 */

// C0, DEL, C1; zero-width, bidirectional and other format characters (Unicode Cf), line and paragraph separators;
// lone surrogates; tag characters.
const UNPRINTABLE =
  /[\u0000-\u001F\u007F-\u009F\u2028\u2029]|\p{Cf}|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/gu;

/**
 * Text that is safe on a terminal: every control, format and bidirectional character becomes a visible escape
 * (`\x1b`, `\u202e`), and a backslash is doubled where it would read as one of ours. One line, always.
 */
export function terminal(text: string): string {
  return text
    .replace(/\\(?=x[0-9a-f]{2}|u[0-9a-f]{4}|u\{)/g, "\\\\")
    .replace(UNPRINTABLE, escapeCharacter);
}

function escapeCharacter(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  if (point <= 0xff) return `\\x${point.toString(16).padStart(2, "0")}`;
  if (point <= 0xffff) return `\\u${point.toString(16).padStart(4, "0")}`;
  return `\\u{${point.toString(16)}}`;
}

/** {@link terminal}, cut to `width` characters with an ellipsis. */
export function terminalCut(text: string, width: number): string {
  const safe = terminal(text);
  const characters = [...safe];
  return characters.length <= width ? safe : `${characters.slice(0, Math.max(0, width - 1)).join("")}…`;
}

/**
 * One CSV cell (RFC 4180), always quoted. A cell that a spreadsheet would execute gets a leading `'`, also behind
 * blanks; `raw` leaves it as it is.
 */
export function csvCell(text: string, raw = false): string {
  const guarded = !raw && /^[\s\u0000]*[=+\-@\t\r\n＝＋－＠]/u.test(text) ? `'${text}` : text;
  return `"${guarded.toWellFormed().replaceAll('"', '""')}"`;
}

/** Text inside Markdown prose or a table cell: nothing in it is markup, a link or HTML. */
export function markdown(text: string): string {
  return terminal(text)
    .replace(/[\\`*_{}[\]()#+\-.!|~>]/g, (character) => `\\${character}`)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll("://", ":&#8203;//");
}

/** One JSON document on one line: lone surrogates become U+FFFD, and no line separator stands raw. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}
