/**
 * Escaping, one function per border. Every name that Rollcall shows was chosen by somebody else: a role can be
 * called `=HYPERLINK(…)`, and a tag can carry the escape sequence that rewrites a terminal's title.
 *
 * Nothing is dropped: except where it says so, two different texts never look the same behind a border.
 */

// Controls (C0, DEL, C1), format characters (zero-width, bidirectional, tags), lone surrogates, line and paragraph
// separators, and whatever else a font draws as nothing (fillers, variation selectors).
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

// A backslash must be doubled where it would read as the start of an escape of ours: before text that looks like one,
// and before a character that becomes one. Whole runs only, or a megabyte of backslashes would take hours.
const AMBIGUOUS_BACKSLASHES =
  /(?<!\\)\\+(?!\\)(?=x[0-9a-f]{2}|u[0-9a-f]{4}|u\{|[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}])/gu;

const PRINTABLE_ASCII = /^[ -~]*$/;

/**
 * Text that is safe on a terminal: every control, format, bidirectional and invisible character becomes a visible
 * escape (`\x1b`, `\u202e`, `\u{e0041}`), and a backslash is doubled where it would read as one of ours. One line,
 * always. Injective, therefore not idempotent: escape once, at the border.
 */
export function terminal(text: string): string {
  if (PRINTABLE_ASCII.test(text) && !text.includes("\\")) return text;
  return text.replace(AMBIGUOUS_BACKSLASHES, "$&$&").replace(UNPRINTABLE, escapeCharacter);
}

function escapeCharacter(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  if (point <= 0xff) return `\\x${point.toString(16).padStart(2, "0")}`;
  if (point <= 0xffff) return `\\u${point.toString(16).padStart(4, "0")}`;
  return `\\u{${point.toString(16)}}`;
}

/**
 * {@link terminal}, cut to `width` columns with an ellipsis. Two texts that differ behind the cut look the same; a
 * place where that matters shows the URN beside it.
 */
export function terminalCut(text: string, width: number): string {
  const safe = terminal(text);
  if (terminalWidth(safe) <= width) return safe;
  let kept = "";
  let used = 1;
  for (const character of safe) {
    used += characterWidth(character);
    if (used > width) break;
    kept += character;
  }
  return width < 1 ? "" : `${kept}…`;
}

/** Columns that a terminal gives to text that went through {@link terminal}: East Asian characters and emoji take two. */
export function terminalWidth(safe: string): number {
  if (PRINTABLE_ASCII.test(safe)) return safe.length;
  let width = 0;
  for (const character of safe) width += characterWidth(character);
  return width;
}

const COMBINING = /^\p{M}$/u;
const WIDE =
  /^[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{16FE0}-\u{18DFF}\u{1AFF0}-\u{1B2FF}\u{20000}-\u{3FFFD}]|^\p{Emoji_Presentation}$/u;

function characterWidth(character: string): number {
  if (PRINTABLE_ASCII.test(character)) return 1;
  if (COMBINING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

// A spreadsheet executes what begins with one of these, also behind blanks. The place after a `;` counts too: a
// spreadsheet whose list separator is the semicolon begins a cell there, and takes a quote for the cell's own. A `'` of
// the text's own is guarded as well, so that taking one `'` away always gives the text back. Most cells have nothing
// of the kind: no quote, no backslash, no `;`, a letter or digit first.
const HARMLESS = /^[A-Za-z0-9][ !#-:<-[\]-~]*$/;
const FORMULA = /(^|;)(?=['"\s]*[=+\-@＝＋－＠])/gu;

/**
 * One CSV cell (RFC 4180), always quoted and on one line: {@link terminal}, and a `'` before whatever a spreadsheet
 * would execute. `raw` keeps the text as it is, line breaks, control characters, formulas and all; only a lone
 * surrogate, which UTF-8 cannot say, becomes U+FFFD.
 */
export function csvCell(text: string, raw = false): string {
  if (HARMLESS.test(text)) return `"${text}"`;
  const content = raw ? text.toWellFormed() : terminal(text).replace(FORMULA, "$1'");
  return `"${content.replaceAll('"', '""')}"`;
}

/**
 * Text inside Markdown prose or a table cell, also at the beginning of a line: {@link terminal}, and nothing in it is
 * markup, a link, a mention, an issue number, an emoji or HTML, in CommonMark and in GitHub's dialect. Where escaping
 * cannot stop a dialect from making something of plain text (`https://`, `www.`, `@name`, `#12`, `:smile:`), a
 * zero-width space stands in between. Harmless punctuation stays as it is, because people read the source as well.
 */
export function markdown(text: string): string {
  return terminal(text)
    .replace(/:(?=\/\/|[\w+-]+:)|www(?=\.)|@|#(?=\d)|GH-(?=\d)/gi, "$&\u200B")
    .replaceAll("&", "&amp;")
    .replace(/[\\`*{}[\]~^$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\$&")
    .replace(LINE_START, "$1\\$2")
    .replaceAll("<", "&lt;")
    .replaceAll("|", "&#124;")
    .replace(/^ +|(?<! ) +$/g, (blanks) => "&#32;".repeat(blanks.length))
    .replaceAll("\u200B", "&#8203;");
}

// What makes a heading, a list, a quotation, a rule or a definition of a line, where it stands first.
const LINE_START = /^(\d*)([-+#>=:.)])/;

/**
 * Text as a Markdown code span, for names that people copy: {@link terminal}, and nothing in it is read as markup.
 * A text with `|` in it would end a table's cell there; it is written as {@link markdown} instead.
 */
export function markdownCode(text: string): string {
  const safe = terminal(text);
  if (safe === "") return "";
  if (safe.includes("|")) return markdown(text);
  const longest = (safe.match(/`+/g) ?? []).reduce((length, run) => Math.max(length, run.length), 0);
  const fence = "`".repeat(longest + 1);
  const padding = /^[ `]|[ `]$/.test(safe) && safe.trim() !== "" ? " " : "";
  return `${fence}${padding}${safe}${padding}${fence}`;
}

/**
 * One JSON document on one line. Every character that {@link terminal} would escape is written as `\uXXXX`, so the
 * line is safe to look at and says exactly the same; a lone surrogate, which many readers refuse, becomes U+FFFD.
 *
 * @throws {TypeError} for what JSON cannot say: `undefined`, a function, a bigint, a cycle.
 */
export function jsonLine(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) throw new TypeError("This value has no JSON form");
  if (PRINTABLE_ASCII.test(json)) return json.includes("\\ud") ? replaceSurrogates(json) : json;
  return replaceSurrogates(json).replace(UNPRINTABLE, escapeUnits);
}

// `JSON.stringify` writes a lone surrogate, and nothing else, as an escape that begins with \ud8 to \udf; behind an
// odd number of backslashes, or it would be text that only looks like one.
function replaceSurrogates(json: string): string {
  return json.replace(/(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g, "$1\uFFFD");
}

function escapeUnits(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");
}
