import type { ProviderError } from "../sdk/index.ts";
import { token, type Fault } from "./fault.ts";
import { networkFault } from "./network-fault.ts";
import { redact } from "./redact.ts";

/** The codes by which an SDK's error may be known, for `absent` and `pending`. */
export function codesOf(error: unknown): readonly string[] {
  if (typeof error !== "object" || error === null) return [];
  const { name, code, Code } = error as { name?: unknown; code?: unknown; Code?: unknown };
  return [code, Code, name].filter((text) => typeof text === "string");
}

/** What one of our own errors means for the call that it passed through. */
export function faultOf(error: ProviderError): Fault {
  const { class: faultClass, operation } = error.details;
  const again =
    faultClass === "throttled"
      ? "throttle"
      : faultClass === "network"
        ? "fault"
        : faultClass === "timeout"
          ? "timeout"
          : "never";
  const reason = error.message.startsWith(`${operation} `) ? error.message.slice(operation.length + 1) : error.message;
  return { ...error.details, again, reason };
}

/**
 * What an SDK threw, where the guard saw nothing wrong on the wire: by its name, status and code. What the SDK says is
 * repeated only if nothing had come from the provider yet (then it speaks of this machine: profiles, tokens, files).
 */
export function sdkFault(error: unknown, answered: boolean): Fault {
  const name = error instanceof Error ? (token(error.name) ?? "Error") : "something that is no error";
  if (answered)
    return { class: "protocol", again: "fault", reason: `was answered with something that cannot be read (${name})` };

  const said = error instanceof Error ? `: ${oneLine(error.message)}` : "";
  if (/credential|token|sso|profile|identity|sign-?in|unauthori[sz]ed/i.test(name)) {
    return {
      class: "auth",
      again: "never",
      reason: `found no usable credentials${said}`,
      remedy: "check the profile or role, and sign in again",
    };
  }
  const status = (error as { $metadata?: { httpStatusCode?: unknown } } | undefined)?.$metadata?.httpStatusCode;
  if (typeof status === "number") return byStatus(status, name);
  if (name === "AbortError" || name === "TimeoutError")
    return { class: "timeout", again: "timeout", reason: "was given up by the provider's SDK" };
  const { code } = (typeof error === "object" && error !== null ? error : {}) as { code?: unknown };
  if (
    typeof code === "string" &&
    /^(E[A-Z]{4,}|CERT_|ERR_TLS|ERR_SSL|HPE_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)/.test(code)
  ) {
    return networkFault(error, { proxied: false, reused: false });
  }
  return { class: "protocol", again: "never", reason: `failed before anything was sent (${name}${said})` };
}

function byStatus(status: number, name: string): Fault {
  const known = { status, code: name };
  if (status === 429)
    return { ...known, class: "throttled", again: "throttle", reason: `was throttled (HTTP ${status})` };
  if (status === 401)
    return {
      ...known,
      class: "auth",
      again: "never",
      reason: `was refused: the credentials are not accepted (HTTP ${status})`,
    };
  if (status === 403) return { ...known, class: "denied", again: "never", reason: `was denied (HTTP ${status})` };
  if (status >= 500)
    return { ...known, class: "network", again: "fault", reason: `failed at the provider (HTTP ${status})` };
  return { ...known, class: "protocol", again: "never", reason: `was refused as invalid (HTTP ${status})` };
}

function oneLine(text: string): string {
  const line = redact(text.split(/[\r\n]/, 1)[0] ?? "");
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
