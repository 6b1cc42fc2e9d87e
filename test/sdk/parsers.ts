/**
 * Readers of what the borders write, made from the formats' own texts and sharing nothing with the writers: RFC 4180,
 * a spreadsheet that splits where its locale says, and the inline rules of CommonMark 0.31.
 */

/**
 * RFC 4180, strictly: CRLF or LF between records, quotes doubled inside quotes, nothing behind a closing quote. An empty
 * field without quotes is `null`, as PostgreSQL's `COPY` reads it.
 */
export function parseCsv(text: string): readonly (readonly (string | null)[])[] {
  const records: (string | null)[][] = [];
  let record: (string | null)[] = [];
  let at = 0;
  while (at < text.length) {
    let field = "";
    const quoted = text[at] === '"';
    if (quoted) {
      at += 1;
      for (;;) {
        const quote = text.indexOf('"', at);
        if (quote < 0) throw new Error("a quoted field that never ends");
        field += text.slice(at, quote);
        at = quote + 1;
        if (text[at] !== '"') break;
        field += '"';
        at += 1;
      }
    } else {
      while (at < text.length && !',\r\n"'.includes(text.charAt(at))) {
        field += text.charAt(at);
        at += 1;
      }
    }
    record.push(!quoted && field === "" ? null : field);
    if (at >= text.length || text[at] === "\r" || text[at] === "\n") {
      records.push(record);
      record = [];
      at += text.startsWith("\r\n", at) ? 2 : 1;
    } else if (text[at] === ",") {
      at += 1;
      // A comma at the end of a record has one more field behind it.
      if (at >= text.length || text[at] === "\r" || text[at] === "\n") {
        records.push([...record, null]);
        record = [];
        at += text.startsWith("\r\n", at) ? 2 : 1;
      }
    } else {
      throw new Error(`${JSON.stringify(text[at])} behind a closing quote`);
    }
  }
  return records;
}

/**
 * What a spreadsheet sees that splits at another separator: a quote opens a quoted field only where a field begins,
 * and what stands behind its closing quote belongs to the field all the same.
 */
export function spreadsheetCells(text: string, separator: string): readonly string[] {
  const cells: string[] = [];
  let cell = "";
  let quoted = false;
  let fresh = true;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] as string;
    if (quoted && character === '"' && text[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (quoted && character === '"') {
      quoted = false;
    } else if (quoted) {
      cell += character;
    } else if (character === '"' && fresh) {
      quoted = true;
      fresh = false;
    } else if (character === separator || character === "\n" || character === "\r") {
      cells.push(cell);
      cell = "";
      fresh = true;
    } else {
      cell += character;
      fresh = false;
    }
  }
  return [...cells, cell];
}

/** Whether a spreadsheet would run the cell, blanks trimmed. */
export function isFormula(cell: string): boolean {
  return /^[=+\-@＝＋－＠\t\r\n]/u.test(cell.trimStart()) || /^[\t\r\n]/.test(cell);
}

const PUNCTUATION = /[!-/:-@[-`{-~]/;
const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&#124;": "|",
  "&#32;": " ",
  "&#8203;": "\u200B",
};

/** What makes a block of a line that begins with it: CommonMark 0.31 chapter 4 and 5, and definition lists. */
const BLOCK_START = /^ *(#|>|[-+*](\s|$)|\d{1,9}[.)](\s|$)|=+ *$|-+ *$|([-_*] *){3,}$|~~~|```|:|\||\[)/;

/**
 * The plain text that a piece of Markdown renders as, or an error that names the markup in it: a line that would be a
 * block, and every character that could begin something inline, unless it is escaped. An underscore between letters
 * or digits is one that cannot (chapter 6.2, rules 2 and 4).
 */
export function plainTextOfMarkdown(source: string): string {
  if (BLOCK_START.test(source)) throw new Error(`a block: ${source}`);
  if (/^ | $/.test(source)) throw new Error("a blank at the edge");
  let text = "";
  for (let at = 0; at < source.length; at += 1) {
    const character = source.charAt(at);
    if (character === "\\") {
      const next = source.charAt(at + 1);
      if (!PUNCTUATION.test(next)) throw new Error(`a backslash before ${JSON.stringify(next)}`);
      text += next;
      at += 1;
    } else if (character === "&") {
      const entity = Object.keys(ENTITIES).find((name) => source.startsWith(name, at));
      if (entity === undefined) throw new Error(`an entity: ${source.slice(at, at + 8)}`);
      text += ENTITIES[entity] ?? "";
      at += entity.length - 1;
    } else if (character === "_" && !/[\p{L}\p{N}]_[\p{L}\p{N}]/u.test(around(source, at))) {
      throw new Error(`an underscore that may open: ${source}`);
    } else if (/[`*{}[\]~^$<|\n\r\t]/.test(character)) {
      throw new Error(`markup: ${JSON.stringify(source.slice(at, at + 8))}`);
    } else {
      text += character;
    }
  }
  return text;
}

/** The character, with the whole code points beside it. */
function around(source: string, at: number): string {
  return `${Array.from(source.slice(0, at)).at(-1) ?? ""}${source.charAt(at)}${Array.from(source.slice(at + 1))[0] ?? ""}`;
}

/** What GitHub's dialect makes a link of in plain text, escaped or not. */
export const AUTOLINK = /https?:\/\/|ftp:\/\/|www\.|[\w.+-]@[\w-]|@\w|#\d|\bGH-\d|:[\w+-]+:/i;

/** The content of a CommonMark code span that is the whole source. */
export function contentOfCodeSpan(source: string): string {
  const fence = /^`+/.exec(source)?.[0] ?? "";
  if (fence === "" || source.length < fence.length * 2 || !source.endsWith(fence)) throw new Error("not a code span");
  const content = source.slice(fence.length, source.length - fence.length);
  for (const run of content.match(/`+/g) ?? []) if (run.length === fence.length) throw new Error("the span ends early");
  if (content.startsWith("`") || content.endsWith("`")) throw new Error("the content runs into the fence");
  return content.startsWith(" ") && content.endsWith(" ") && content.trim() !== "" ? content.slice(1, -1) : content;
}
