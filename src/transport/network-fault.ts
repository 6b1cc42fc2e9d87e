import type { Fault } from "./fault.ts";

/** Turns what a socket, the resolver, TLS or the HTTP parser reports into a fault with a reason for people. */
export function networkFault(error: unknown, context: { readonly proxied: boolean; readonly reused: boolean }): Fault {
  const code = codeOf(error);
  const via = context.proxied ? " through the proxy" : "";

  const certificate = CERTIFICATE[code];
  if (certificate !== undefined) {
    return {
      class: "network",
      again: "never",
      code,
      reason: `did not trust the server${via}: ${certificate}`,
      remedy: "check the endpoint; name a private authority under network.ca in the configuration",
    };
  }
  if (code === "HPE_HEADER_OVERFLOW") {
    return { class: "limit", again: "never", code, reason: "was answered with more headers than are read" };
  }
  if (code.startsWith("HPE_")) {
    return {
      class: "protocol",
      again: "fault",
      code,
      reason: `was answered with something that is not HTTP${via} (${code})`,
    };
  }
  if (code.startsWith("ERR_SSL_") || code === "EPROTO") {
    return { class: "network", again: "never", code, reason: `could not agree on TLS with the server${via} (${code})` };
  }
  if (code === "ERR_TLS_CERT_ALTNAME_FORMAT") {
    return {
      class: "network",
      again: "never",
      code,
      reason: `did not trust the server${via}: its certificate names nobody properly`,
    };
  }
  const reason = CONNECTION[code] ?? `lost the connection${via}`;
  const stale = context.reused && (code === "ECONNRESET" || code === "EPIPE" || code === "");
  return {
    class: "network",
    again: "fault",
    ...(code === "" ? {} : { code }),
    reason:
      CONNECTION[code] === undefined && code !== ""
        ? `${reason} (${code})`
        : `${reason}${CONNECTION[code] === undefined ? "" : via}`,
    ...(stale ? { stale } : {}),
  };
}

function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const { code, errors } = error as { code?: unknown; errors?: unknown };
  // Several addresses were tried and each failed: the first tells.
  if (Array.isArray(errors) && errors.length > 0) return codeOf(errors[0]);
  return typeof code === "string" && /^[A-Z0-9_]{1,64}$/.test(code) ? code : "";
}

const CERTIFICATE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  CERT_REVOKED: "its certificate was revoked",
  CERT_SIGNATURE_FAILURE: "its certificate's signature does not hold",
  CERT_UNTRUSTED: "its certificate is not trusted",
  CERT_REJECTED: "its certificate is rejected",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate comes from an authority that is not known here",
  UNABLE_TO_GET_ISSUER_CERT: "its certificate comes from an authority that is not known here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate comes from an authority that is not known here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate comes from an authority that is not known here",
  INVALID_CA: "its certificate comes from something that is no authority",
  INVALID_PURPOSE: "its certificate is not meant for servers",
  PATH_LENGTH_EXCEEDED: "its chain of certificates is too long",
  HOSTNAME_MISMATCH: "its certificate is for another host",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
  CA_MD_TOO_WEAK: "its certificate's signature is too weak",
  EE_KEY_TOO_SMALL: "its certificate's key is too small",
  CA_KEY_TOO_SMALL: "its authority's key is too small",
};

const CONNECTION: Readonly<Record<string, string>> = {
  ENOTFOUND: "did not find the provider's host (DNS)",
  EAI_AGAIN: "could not ask for the provider's host (DNS)",
  ECONNREFUSED: "was refused a connection",
  EHOSTUNREACH: "did not reach the provider's host",
  ENETUNREACH: "did not reach the provider's network",
  ETIMEDOUT: "did not reach the provider's host in time",
};
