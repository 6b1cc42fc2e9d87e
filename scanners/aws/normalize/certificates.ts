import { X509Certificate, createHash } from "node:crypto";

/** The public facts of a certificate. */
export interface CertificateFacts {
  /** `SHA256:…` of the public key alone, so that a renewed certificate over the same key is seen to be the same key. */
  readonly keyFingerprint: string;
  /** SHA-256 of the whole certificate, lower-case hexadecimal. */
  readonly certificateFingerprint: string;
  readonly expiresAt: number;
  readonly subject: string;
  readonly issuer: string;
}

const LONGEST = 64 * 1024;

/** Reads a PEM or bare base64 certificate; `undefined` for what is not one. */
export function readCertificate(body: string): CertificateFacts | undefined {
  if (body.length > LONGEST) return undefined;
  const pem = body.includes("-----BEGIN")
    ? body
    : `-----BEGIN CERTIFICATE-----\n${body.replace(/\s+/g, "")}\n-----END CERTIFICATE-----\n`;
  try {
    const certificate = new X509Certificate(pem);
    const expiresAt = Date.parse(certificate.validTo);
    if (!Number.isFinite(expiresAt)) return undefined;
    return {
      keyFingerprint: fingerprint(certificate.publicKey.export({ format: "der", type: "spki" })),
      certificateFingerprint: createHash("sha256").update(certificate.raw).digest("hex"),
      expiresAt,
      subject: certificate.subject,
      issuer: certificate.issuer,
    };
  } catch {
    return undefined;
  }
}

/** `SHA256:…` of an OpenSSH public key, as `ssh-keygen -l` prints it; `undefined` for what is not one. */
export function sshFingerprint(body: string): string | undefined {
  if (body.length > LONGEST) return undefined;
  const [, algorithm = "", text = ""] = /^\s*([a-z0-9@.-]+)\s+([A-Za-z0-9+/]+={0,2})(?:\s|$)/.exec(body) ?? [];
  const blob = Buffer.from(text, "base64");
  // The blob begins with the algorithm's name, after its length.
  const inside = blob.length < 4 ? "" : blob.toString("latin1", 4, 4 + Math.min(blob.readUInt32BE(0), 64));
  return algorithm !== "" && inside === algorithm ? fingerprint(blob) : undefined;
}

function fingerprint(bytes: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(bytes).digest("base64").replace(/=+$/, "")}`;
}
