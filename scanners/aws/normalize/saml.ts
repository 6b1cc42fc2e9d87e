import { readCertificate } from "./certificates.ts";

export interface SamlMetadata {
  readonly entityId: string | undefined;
  /** When the first of the signing certificates ends. */
  readonly expiresAt: number | undefined;
  readonly keyFingerprint: string | undefined;
}

const LONGEST = 10_000_000;

/** The few facts of SAML metadata that matter, found by their elements; nothing in it is executed or resolved. */
export function readSamlMetadata(text: string): SamlMetadata {
  if (text.length > LONGEST) return { entityId: undefined, expiresAt: undefined, keyFingerprint: undefined };
  const entity = /<(?:\w+:)?EntityDescriptor\b[^>]{0,4096}?\bentityID\s*=\s*(?:"([^"]{1,2048})"|'([^']{1,2048})')/.exec(
    text,
  );
  const certificates = [...text.matchAll(/<(?:\w+:)?X509Certificate\b[^>]{0,500}>([A-Za-z0-9+/=\s]{1,65536})<\//g)]
    .map((match) => readCertificate(match[1] ?? ""))
    .filter((certificate) => certificate !== undefined)
    .toSorted((a, b) => a.expiresAt - b.expiresAt);
  return {
    entityId: entity?.[1] ?? entity?.[2],
    expiresAt: certificates[0]?.expiresAt,
    keyFingerprint: certificates[0]?.keyFingerprint,
  };
}
