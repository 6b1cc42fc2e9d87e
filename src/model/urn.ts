/**
 * The stable name of a thing: `nhi:<provider>/<namespace>/<kind>/<native id>`.
 *
 * The namespace is the space in which the provider's ids are unique (`aws:111122223333`, an Entra tenant,
 * a GitHub host), not the place where the thing was found, so that a transferred repository keeps its name.
 * The native id is the one that the provider never uses again (`AIDA…`, not the ARN); a thing that has none
 * is `name@createdAt`. ARNs, e-mails and names are aliases, never URNs.
 *
 * Segments are percent-encoded UTF-8; `:`, `@`, `+`, `,` and `=` stay readable. A lone surrogate keeps its own
 * three-byte encoding, so distinct ids stay distinct.
 */
export type Urn = string;

export interface UrnParts {
  readonly provider: string;
  readonly namespace: string;
  readonly kind: string;
  readonly nativeId: string;
}

export function urn(parts: UrnParts): Urn {
  return `nhi:${encode(parts.provider)}/${encode(parts.namespace)}/${encode(parts.kind)}/${encode(parts.nativeId)}`;
}

/**
 * The parts of a URN, or `undefined` if the text is not one. Only the spelling that {@link urn} writes is a URN
 * (`%41` for `A` is not), so two different texts never name one thing.
 */
export function parseUrn(text: string): UrnParts | undefined {
  if (!text.startsWith("nhi:")) return undefined;
  const segments = text.slice(4).split("/");
  if (segments.length !== 4 || segments.includes("")) return undefined;
  const decoded = segments.map(decode);
  const [provider, namespace, kind, nativeId] = decoded;
  if (provider === undefined || namespace === undefined || kind === undefined || nativeId === undefined)
    return undefined;
  const canonical = segments.every((segment, index) => PLAIN.test(segment) || segment === encode(decoded[index] ?? ""));
  return canonical ? { provider, namespace, kind, nativeId } : undefined;
}

const PLAIN = /^[A-Za-z0-9\-_.!~*'():@+,=]*$/;
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

function encode(segment: string): string {
  if (PLAIN.test(segment)) return segment;
  const parts: string[] = [];
  let from = 0;
  for (const match of segment.matchAll(LONE_SURROGATE)) {
    parts.push(encodeWellFormed(segment.slice(from, match.index)), encodeSurrogate(match[0].charCodeAt(0)));
    from = match.index + 1;
  }
  parts.push(encodeWellFormed(segment.slice(from)));
  return parts.join("");
}

function encodeWellFormed(text: string): string {
  return encodeURIComponent(text).replace(/%(3A|40|2B|2C|3D)/g, (escape) => decodeURIComponent(escape));
}

function encodeSurrogate(unit: number): string {
  const bytes = [0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)];
  return bytes.map((byte) => `%${byte.toString(16).toUpperCase()}`).join("");
}

function decode(segment: string): string | undefined {
  const withSurrogates = segment.replace(
    /%ED%([AB][0-9A-F])%([89AB][0-9A-F])/g,
    (_match, second: string, third: string) =>
      String.fromCharCode(0xd000 | ((Number.parseInt(second, 16) & 0x3f) << 6) | (Number.parseInt(third, 16) & 0x3f)),
  );
  try {
    return decodeURIComponent(withSurrogates);
  } catch {
    return undefined;
  }
}
