import { isUtf8 } from "node:buffer";
import type { GuardedResponse, Wire, WireError } from "../sdk/index.ts";
import type { Limits } from "./contract.ts";
import { decodeBody } from "./decode.ts";
import type { RawAnswer } from "./exchange.ts";
import { FaultError, token, type Fault } from "./fault.ts";
import { retryAfter } from "./retry-after.ts";
import { checkJson, checkXml } from "./structure.ts";

/** An answer that may be handed to the SDK, and what is wrong with it if it is an error answer. */
export interface JudgedAnswer {
  readonly response: GuardedResponse;
  readonly fault: Fault | undefined;
}

/**
 * Decides whether a raw answer is the API's own, whole, and readable.
 *
 * @throws {FaultError} for one that must not reach the SDK at all: a redirect, a captive portal, an empty or damaged
 * body. An honest error answer is handed on (an SDK may learn from it, the provider's clock for one) with its fault.
 */
export async function judgeAnswer(
  raw: RawAnswer,
  context: { readonly method: string; readonly wire: Wire; readonly limits: Limits; readonly now: number },
): Promise<JudgedAnswer> {
  const { wire, limits } = context;
  const { status } = raw;
  if (status >= 300 && status < 400)
    throw fault(status, "protocol", "was redirected, and redirects are not followed", "never");
  const body = await decodeBody(raw.body, raw.headers["content-encoding"], limits);
  const answer = { status, headers: raw.headers, body };

  if (status < 200 || status >= 300) return { response: answer, fault: errorFault(answer, wire, context.now) };
  if (status === 206) throw fault(status, "protocol", "was answered with a part of the answer only");
  if (body.length === 0) {
    if (context.method === "HEAD" || status === 204 || status === 205 || status === 202)
      return { response: answer, fault: undefined };
    throw fault(status, "protocol", "was answered with nothing");
  }
  return { response: { ...answer, body: checkContent(raw, body, wire, limits) }, fault: undefined };
}

function checkContent(raw: RawAnswer, body: Buffer, wire: Wire, limits: Limits): Buffer {
  const { status } = raw;
  const mediaType = mediaTypeOf(raw.headers["content-type"]);
  if (!wire.mediaTypes.some((expected) => expected.toLowerCase() === mediaType)) throw notTheApi(status, mediaType);
  const charset = /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(raw.headers["content-type"] ?? "")?.[1]?.toLowerCase();
  if (charset !== undefined && charset !== "utf-8" && charset !== "utf8" && charset !== "us-ascii") {
    throw fault(status, "protocol", "was answered in another character set than UTF-8");
  }
  const structured = /[/+](json|xml)$|^application\/x-amz-json/.test(mediaType);
  if (!structured && !mediaType.startsWith("text/")) {
    if (raw.unframed) throw noEnd(status);
    return body;
  }
  if (!isUtf8(body)) throw fault(status, "protocol", "was answered with text that is not UTF-8");
  const text = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body;
  if (/json/.test(mediaType)) checkJson(text, limits);
  else if (/[/+]xml$/.test(mediaType)) checkXml(text, limits);
  // Nothing but the closed connection says that this is all of it, and a lost one looks the same.
  else if (raw.unframed) throw noEnd(status);
  return text;
}

function errorFault(answer: GuardedResponse, wire: Wire, now: number): Fault {
  const { status, headers } = answer;
  const wired = classified(answer, wire);
  const code = token(wired.code);
  const known = { code, status, requestId: token(wired.requestId) };
  const wait = retryAfter(headers, now) ?? wired.retryAfter;
  const shown = code === undefined ? `(HTTP ${status})` : `(${code}, HTTP ${status})`;

  // A 429 of a load balancer is as good as the API's own; a login page with a 403 says nothing about permissions.
  const kind = wired.kind === "other" ? kindOfStatus(status) : wired.kind;
  if (
    code === undefined &&
    kind !== "throttled" &&
    kind !== "unavailable" &&
    mediaTypeOf(headers["content-type"]) === "text/html"
  ) {
    return notTheApi(status, "text/html").fault;
  }
  const { what, ...means } = MEANING[kind];
  return { ...known, ...means, reason: `${what} ${shown}`, ...(wait === undefined ? {} : { retryAfter: wait }) };
}

const MEANING: Readonly<
  Record<WireError["kind"], Pick<Fault, "class" | "again" | "remedy"> & { readonly what: string }>
> = {
  throttled: { class: "throttled", again: "throttle", what: "was throttled" },
  unavailable: { class: "network", again: "fault", what: "failed at the provider" },
  expired: {
    class: "auth",
    again: "renew",
    what: "was refused: the credentials have expired",
    remedy: "sign in again",
  },
  auth: { class: "auth", again: "never", what: "was refused: the credentials are not accepted" },
  denied: { class: "denied", again: "never", what: "was denied" },
  "not-found": { class: "protocol", again: "never", what: "asked for something that is not there" },
  invalid: { class: "protocol", again: "never", what: "was refused as invalid" },
  other: { class: "protocol", again: "never", what: "was refused as invalid" },
};

function classified(answer: GuardedResponse, wire: Wire): WireError {
  try {
    return wire.classify(answer);
  } catch {
    // A scanner's reader of errors that stumbles over one leaves the status to decide.
    return { kind: "other" };
  }
}

function kindOfStatus(status: number): WireError["kind"] {
  if (status === 429) return "throttled";
  if (status === 401) return "auth";
  if (status === 403) return "denied";
  if (status === 404 || status === 410) return "not-found";
  return status === 408 || status >= 500 ? "unavailable" : "invalid";
}

function mediaTypeOf(header: string | undefined): string {
  return (header ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

function notTheApi(status: number, mediaType: string): FaultError {
  const what =
    mediaType === ""
      ? "without a content type"
      : /^[\w.+/-]{1,80}$/.test(mediaType)
        ? `with ${mediaType}`
        : "with an odd content type";
  return fault(
    status,
    "protocol",
    `was answered ${what} (HTTP ${status}): this is not the API`,
    "fault",
    "look for a captive portal, a proxy or a firewall between here and the provider, and check the endpoint",
  );
}

function noEnd(status: number): FaultError {
  return fault(status, "protocol", "was answered with a body whose end nothing marks");
}

function fault(
  status: number,
  faultClass: Fault["class"],
  reason: string,
  again: Fault["again"] = "fault",
  remedy?: string,
): FaultError {
  return new FaultError({ class: faultClass, again, reason, status, ...(remedy === undefined ? {} : { remedy }) });
}
