/**
 * Reads one XML answer of an AWS Query service straight into the shape that it should have: no tree in between.
 * Stricter than it is clever: a document that is not well-formed, or has a DTD, is an error and not a short answer.
 */
export type Shape =
  | { readonly kind: "text" }
  | { readonly kind: "scalar"; readonly read: (text: string) => unknown }
  | { readonly kind: "list"; readonly tag: string; readonly item: Shape }
  | { readonly kind: "map"; readonly keyTag: string; readonly valueTag: string; readonly value: Shape }
  | {
      readonly kind: "struct";
      readonly members: ReadonlyMap<string, { readonly name: string; readonly shape: Shape }>;
    };

/**
 * The value of the root's child `key` (`ListUsersResult`), or `undefined` if the root has no such child.
 *
 * @throws {Error} where the text is not well-formed XML.
 */
export function readXml(xml: string, key: string, shape: Shape): unknown {
  const reader = new XmlReader(xml);
  return reader.document(key, shape);
}

const LESS_THAN = 60;
const SLASH = 47;
const MAX_DEPTH = 200;

class XmlReader {
  readonly #xml: string;
  #at = 0;
  #depth = 0;
  /** The tag that was opened last, and whether it closed itself. */
  #tag = "";
  #closed = false;

  constructor(xml: string) {
    this.#xml = xml;
  }

  document(key: string, shape: Shape): unknown {
    if (!this.#nextChild(undefined)) throw this.#malformed("no root element");
    const root = this.#tag;
    let result: unknown;
    if (!this.#closed) {
      while (this.#nextChild(root)) {
        if (this.#tag === key) result = this.#value(shape);
        else this.#skip();
      }
    }
    if (this.#nextChild(undefined)) throw this.#malformed("a second root element");
    return result;
  }

  #value(shape: Shape): unknown {
    switch (shape.kind) {
      case "text":
        return this.#text();
      case "scalar": {
        const text = this.#text();
        return typeof text === "string" ? shape.read(text) : text;
      }
      case "list":
        return this.#list(shape);
      case "map":
        return this.#map(shape);
      case "struct":
        return this.#struct(shape);
    }
  }

  #struct(shape: Shape & { kind: "struct" }): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    if (this.#closed) return result;
    const tag = this.#enter();
    while (this.#nextChild(tag)) {
      const member = shape.members.get(this.#tag);
      if (member === undefined) this.#skip();
      else result[member.name] = this.#value(member.shape);
    }
    this.#depth -= 1;
    return result;
  }

  #list(shape: Shape & { kind: "list" }): unknown[] {
    const result: unknown[] = [];
    if (this.#closed) return result;
    const tag = this.#enter();
    while (this.#nextChild(tag)) {
      if (this.#tag === shape.tag) result.push(this.#value(shape.item));
      else this.#skip();
    }
    this.#depth -= 1;
    return result;
  }

  #map(shape: Shape & { kind: "map" }): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    if (this.#closed) return result;
    const tag = this.#enter();
    while (this.#nextChild(tag)) {
      if (this.#tag !== "entry") {
        this.#skip();
        continue;
      }
      let key: string | undefined;
      let value: unknown;
      if (!this.#closed) {
        while (this.#nextChild("entry")) {
          if (this.#tag === shape.keyTag) key = String(this.#text());
          else if (this.#tag === shape.valueTag) value = this.#value(shape.value);
          else this.#skip();
        }
      }
      // A key may be `__proto__`: define it, never assign it.
      if (key !== undefined)
        Object.defineProperty(result, key, { value, enumerable: true, writable: true, configurable: true });
    }
    this.#depth -= 1;
    return result;
  }

  #enter(): string {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw this.#malformed(`more than ${MAX_DEPTH} levels`);
    return this.#tag;
  }

  /** Passes over the element that was just opened. */
  #skip(): void {
    if (this.#closed) return;
    const tag = this.#enter();
    while (this.#nextChild(tag)) this.#skip();
    this.#depth -= 1;
  }

  /** The text of the element that was just opened, up to and past its closing tag. */
  #text(): unknown {
    if (this.#closed) return "";
    const xml = this.#xml;
    const tag = this.#tag;
    const start = this.#at;
    const end = xml.indexOf("<", start);
    if (end === -1) throw this.#malformed(`<${tag}> is not closed`);
    // The common case by far: text, then the closing tag of the same name.
    if (
      xml.charCodeAt(end + 1) === SLASH &&
      xml.startsWith(tag, end + 2) &&
      xml.charCodeAt(end + 2 + tag.length) === 62
    ) {
      this.#at = end + 3 + tag.length;
      return decode(xml.slice(start, end));
    }
    return this.#mixedText(tag);
  }

  #mixedText(tag: string): unknown {
    const xml = this.#xml;
    const parts: string[] = [];
    for (;;) {
      const next = xml.indexOf("<", this.#at);
      if (next === -1) throw this.#malformed(`<${tag}> is not closed`);
      parts.push(decode(xml.slice(this.#at, next)));
      this.#at = next;
      if (xml.startsWith("<![CDATA[", next)) {
        const from = next + 9;
        this.#past("]]>");
        parts.push(xml.slice(from, this.#at - 3));
      } else if (xml.startsWith("<!--", next)) {
        this.#past("-->");
      } else if (xml.startsWith("<?", next)) {
        this.#past("?>");
      } else if (xml.charCodeAt(next + 1) === SLASH) {
        this.#close(tag);
        return parts.join("");
      } else {
        // Well-formed, and not what it should be: for the schema to refuse, with this item and no other.
        while (this.#nextChild(tag)) this.#skip();
        return {};
      }
    }
  }

  /**
   * Moves into the next child element of `parent` and answers true, or past the closing tag of `parent` and answers
   * false. For the document itself `parent` is undefined and its end is the end of the text.
   */
  #nextChild(parent: string | undefined): boolean {
    const xml = this.#xml;
    for (;;) {
      const next = xml.indexOf("<", this.#at);
      if (next === -1) {
        if (parent !== undefined) throw this.#malformed(`<${parent}> is not closed`);
        if (xml.slice(this.#at).trim() !== "") throw this.#malformed("text outside the root element");
        return false;
      }
      if (parent === undefined && next > this.#at && xml.slice(this.#at, next).trim().replace("\uFEFF", "") !== "") {
        throw this.#malformed("text outside the root element");
      }
      this.#at = next;
      const code = xml.charCodeAt(next + 1);
      if (code === SLASH) {
        if (parent === undefined) throw this.#malformed("a closing tag that opens nothing");
        this.#close(parent);
        return false;
      }
      if (code === 33) {
        if (xml.startsWith("<!--", next)) this.#past("-->");
        else if (parent !== undefined && xml.startsWith("<![CDATA[", next)) this.#past("]]>");
        else throw this.#malformed("a document type declaration");
      } else if (code === 63) {
        this.#past("?>");
      } else {
        this.#open();
        return true;
      }
    }
  }

  /** Reads an opening tag; attributes carry nothing that the Query protocol uses. */
  #open(): void {
    const xml = this.#xml;
    const start = this.#at + 1;
    let end = start;
    for (let code = xml.charCodeAt(end); code > 32 && code !== 62 && code !== SLASH; code = xml.charCodeAt(end)) {
      if (code === LESS_THAN) throw this.#malformed("a tag inside a tag");
      end += 1;
    }
    if (end === start || end >= xml.length) throw this.#malformed("a tag without a name");
    this.#tag = xml.slice(start, end);
    if (xml.charCodeAt(end) === 62) {
      this.#closed = false;
      this.#at = end + 1;
      return;
    }
    this.#at = this.#endOfTag(end);
    this.#closed = xml.charCodeAt(this.#at - 2) === SLASH;
  }

  #endOfTag(from: number): number {
    const xml = this.#xml;
    let quote = 0;
    for (let at = from; at < xml.length; at += 1) {
      const code = xml.charCodeAt(at);
      if (quote !== 0) {
        if (code === quote) quote = 0;
      } else if (code === 34 || code === 39) {
        quote = code;
      } else if (code === 62) {
        return at + 1;
      } else if (code === LESS_THAN) {
        break;
      }
    }
    throw this.#malformed(`<${this.#tag}> is not a whole tag`);
  }

  #close(tag: string): void {
    const end = this.#xml.indexOf(">", this.#at);
    const name = end === -1 ? "" : this.#xml.slice(this.#at + 2, end).trim();
    if (name !== tag) throw this.#malformed(`<${tag}> is closed by </${name}>`);
    this.#at = end + 1;
  }

  #past(mark: string): void {
    const end = this.#xml.indexOf(mark, this.#at);
    if (end === -1) throw this.#malformed(`"${mark}" is missing`);
    this.#at = end + mark.length;
  }

  #malformed(what: string): Error {
    return new Error(`the XML is not well-formed: ${what}, near character ${this.#at}`);
  }
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decode(text: string): string {
  if (text.includes("\r")) return decode(text.replace(/\r\n?/g, "\n"));
  // White space that only lays the document out is no text: an empty element written over two lines is empty.
  if (text.includes("\n") && text.trim() === "") return "";
  if (!text.includes("&")) return text;
  return text.replace(
    /&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|([a-z]{2,4}));|&/g,
    (_match, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return character(Number.parseInt(hex, 16));
      if (decimal !== undefined) return character(Number.parseInt(decimal, 10));
      const named = name === undefined ? undefined : NAMED[name];
      if (named === undefined) throw new Error("the XML is not well-formed: an entity that it does not define");
      return named;
    },
  );
}

function character(point: number): string {
  if (point > 0x10ffff) throw new Error("the XML is not well-formed: a character beyond Unicode");
  return String.fromCodePoint(point);
}
