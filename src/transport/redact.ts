/**
 * Cuts what looks like a secret out of a text: keys and tokens by their shape, values behind telling names, queries
 * and credentials of URLs. For messages and logs only, never for data. Safe to apply twice, and bounded: no message
 * is longer than 2,000 characters.
 */
export function redact(text: string): string {
  // The cut may go through a secret: what is left of its word goes too.
  let safe = text.length > LONGEST * 4 ? text.slice(0, LONGEST * 4).replace(/\S{0,500}$/, "…") : text;
  // A cut may bring two halves together that look like a secret again.
  for (let pass = 0; pass < PASSES; pass += 1) {
    const before = safe;
    for (const [shape, replacement] of SHAPES) safe = safe.replace(shape, replacement);
    if (safe === before) break;
  }
  return safe.length > LONGEST ? `${safe.slice(0, LONGEST - 1)}…` : safe;
}

const LONGEST = 2_000;
const PASSES = 5;
const CUT = "[redacted]";

// In this order: whole blocks first, then URLs, then values behind names, then bare tokens.
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z0-9 ]{1,40}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,40}-----|$)/g, CUT],
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/?#@"'<>]{1,512}@/gi, `$1${CUT}@`],
  [/(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s?"'<>]{1,2048})\?[^\s"'<>]+/gi, `$1?${CUT}`],
  [/\b((?:proxy-)?authorization["']?\s*[:=]\s*)[^\r\n]+/gi, `$1${CUT}`],
  [/\b(bearer|basic|negotiate|ssws|aws4-hmac-sha256)\s+(?!\[redacted\])[\w.~+/=,;:@%-]{6,}/gi, `$1 ${CUT}`],
  [
    /((?:\b|[_-])(?:sig|signature|token|secret|password|passwd|pwd|passphrase|api[_-]?key|access[_-]?key|secret[_-]?access[_-]?key|session[_-]?token|security[_-]?token|client[_-]?secret|private[_-]?key|credential)["']?\s*[=:]\s*["']?)(?!\[redacted\])[^\s"'&,;]+/gi,
    `$1${CUT}`,
  ],
  [/(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}/g, CUT],
  [
    /\b(?:gh[pousr]_\w{16,}|github_pat_\w{16,}|gl[a-z]{2,6}-[\w-]{16,}|xox[abeoprs]-[\w-]{8,}|npm_\w{16,}|hv[sbr]\.[\w-]{16,}|dop_v1_\w{16,}|sk-[\w-]{16,}|ya29\.[\w.-]{8,}|AIza[\w-]{20,})/g,
    CUT,
  ],
  [/\beyJ[\w-]{6,}(?:\.[\w-]*){0,4}/g, CUT],
  [/(?<![\w/+-])(?:IQoJ|FwoG|FQoG)[\w/+=]{20,}/g, CUT],
  // An AWS secret key has forty characters and no marker; three kinds of character in it keep hashes and paths readable.
  [/(?<![\w/+-])(?=[\w/+]*[a-z])(?=[\w/+]*[A-Z])(?=[\w/+]*\d)[A-Za-z0-9/+]{40}(?![\w/+=-])/g, CUT],
];
