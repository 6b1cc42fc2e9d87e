import { FaultError, type Fault } from "./fault.ts";
import type { Limits } from "./contract.ts";

/**
 * Looks over a body before any parser does: how deep, how long its longest text, and whether it ends where its
 * outermost element ends. A body that a wrong `Content-Length` cut off, or that lost its tail without HTTP noticing,
 * is found here. Not a validation: the provider's SDK parses it.
 *
 * @throws {FaultError} `limit` or `protocol`.
 */
export function checkJson(body: Uint8Array, limits: Limits): void {
  let depth = 0;
  let begun = false;
  for (let index = 0; index < body.length; index += 1) {
    const byte = body[index];
    if (byte === 0x22) {
      const end = endOfString(body, index + 1);
      if (end - index > limits.text) throw tooLong(limits);
      index = end;
      begun = true;
    } else if (byte === 0x7b || byte === 0x5b) {
      if (begun && depth === 0) throw new FaultError(trailing);
      begun = true;
      depth += 1;
      if (depth > limits.depth) throw tooDeep(limits);
    } else if (byte === 0x7d || byte === 0x5d) {
      depth -= 1;
      if (depth < 0) throw new FaultError(trailing);
    } else if (!begun && byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
      begun = true;
    }
  }
  if (depth !== 0) throw new FaultError(cutShort);
}

/** The index of the closing quote. */
function endOfString(body: Uint8Array, from: number): number {
  for (let quote = body.indexOf(0x22, from); quote >= 0; quote = body.indexOf(0x22, quote + 1)) {
    let backslashes = 0;
    while (quote - 1 - backslashes >= from && body[quote - 1 - backslashes] === 0x5c) backslashes += 1;
    if (backslashes % 2 === 0) return quote;
  }
  throw new FaultError(cutShort);
}

const COMMENT_END = Buffer.from("-->");
const CDATA = Buffer.from("<![CDATA[");
const CDATA_END = Buffer.from("]]>");

export function checkXml(body: Buffer, limits: Limits): void {
  let depth = 0;
  let elements = 0;
  let after = 0;
  for (;;) {
    const open = body.indexOf(0x3c, after);
    if ((open < 0 ? body.length : open) - after > limits.text) throw tooLong(limits);
    if (open < 0) break;
    const next = body[open + 1];
    if (next === 0x21) {
      after = endOfDeclaration(body, open, limits);
      continue;
    }
    const close = endOfTag(body, open + 1);
    if (close - open > limits.text) throw tooLong(limits);
    after = close + 1;
    if (next === 0x3f) continue;
    if (next === 0x2f) {
      depth -= 1;
      if (depth < 0) throw new FaultError(trailing);
      continue;
    }
    if (depth === 0 && elements > 0) throw new FaultError(trailing);
    elements += 1;
    if (body[close - 1] !== 0x2f) depth += 1;
    if (depth > limits.depth) throw tooDeep(limits);
  }
  if (elements === 0) throw new FaultError(noXml);
  if (depth !== 0) throw new FaultError(cutShort);
}

/** The index of the `>` that ends a tag; one in an attribute's value does not. */
function endOfTag(body: Buffer, from: number): number {
  for (let index = from; index < body.length; index += 1) {
    const byte = body[index];
    if (byte === 0x3e) return index;
    if (byte === 0x22 || byte === 0x27) {
      index = body.indexOf(byte, index + 1);
      if (index < 0) break;
    }
  }
  throw new FaultError(cutShort);
}

/** Behind a comment or a CDATA section; anything else that begins with `<!` declares types or entities. */
function endOfDeclaration(body: Buffer, open: number, limits: Limits): number {
  const comment = body[open + 2] === 0x2d && body[open + 3] === 0x2d;
  if (!comment && body.compare(CDATA, 0, CDATA.length, open, Math.min(body.length, open + CDATA.length)) !== 0) {
    throw new FaultError(declares);
  }
  const end = body.indexOf(comment ? COMMENT_END : CDATA_END, open + 4);
  if (end < 0) throw new FaultError(cutShort);
  if (end - open > limits.text) throw tooLong(limits);
  return end + 3;
}

function tooDeep(limits: Limits): FaultError {
  return new FaultError({
    class: "limit",
    again: "never",
    reason: `was answered with more than ${limits.depth} levels of nesting`,
  });
}

function tooLong(limits: Limits): FaultError {
  return new FaultError({
    class: "limit",
    again: "never",
    reason: `was answered with a text of more than ${limits.text} bytes`,
  });
}

const cutShort: Fault = { class: "protocol", again: "fault", reason: "was answered with a body that was cut short" };
const trailing: Fault = {
  class: "protocol",
  again: "fault",
  reason: "was answered with a body that goes on behind its end",
};
const noXml: Fault = { class: "protocol", again: "fault", reason: "was answered with something that is not XML" };
const declares: Fault = {
  class: "protocol",
  again: "never",
  reason: "was answered with XML that declares types or entities",
};
