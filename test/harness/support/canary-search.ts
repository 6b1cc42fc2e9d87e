/** One way in which a secret may have been written down. */
export interface Hit {
  readonly canary: string;
  readonly encoding: string;
  readonly where: string;
}

/** The forms of a text that a search has to look for; shorter than eight characters says nothing. */
export function encodings(text: string): readonly (readonly [encoding: string, needle: string])[] {
  const bytes = Buffer.from(text);
  const url = encodeURIComponent(text);
  const forms: readonly (readonly [string, string])[] = [
    ["raw", text],
    ...[0, 1, 2].flatMap((offset) => [
      [`base64 at ${offset}`, base64Core(bytes, offset, "base64")] as const,
      [`base64url at ${offset}`, base64Core(bytes, offset, "base64url")] as const,
    ]),
    ["hex", bytes.toString("hex")],
    ["HEX", bytes.toString("hex").toUpperCase()],
    ["URL-escaped", url],
    ["url-escaped", url.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase())],
    ["JSON-escaped", JSON.stringify(text).slice(1, -1)],
    ["JSON-escaped with slashes", JSON.stringify(text).slice(1, -1).replaceAll("/", "\\/")],
    ["UTF-16", bytes.toString("utf8").split("").join("\0")],
  ];
  return forms.filter(([, needle]) => needle.length >= 8);
}

/** The part of a base64 text that is the same whatever stands before and after the secret, at one of three offsets. */
function base64Core(bytes: Buffer, offset: number, encoding: "base64" | "base64url"): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString(encoding)
    .replaceAll("=", "");
  const from = Math.ceil((offset * 8) / 6);
  const whole = Math.floor(((offset + bytes.length) * 8) / 6);
  return encoded.slice(from, whole);
}

/** Every canary in every form, in every text. */
export function findCanaries(canaries: Iterable<string>, texts: ReadonlyMap<string, Buffer>): readonly Hit[] {
  const hits: Hit[] = [];
  for (const canary of canaries) {
    const seen = new Set<string>();
    for (const [encoding, needle] of encodings(canary)) {
      if (seen.has(needle)) continue;
      seen.add(needle);
      for (const [where, text] of texts) if (text.includes(needle)) hits.push({ canary, encoding, where });
    }
  }
  return hits;
}
