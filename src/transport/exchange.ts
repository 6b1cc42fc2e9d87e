import type { ClientRequest, IncomingMessage } from "node:http";
import type { GuardedRequest } from "../sdk/index.ts";
import { connectRefused, type Connections } from "./connections.ts";
import type { Limits } from "./contract.ts";
import { FaultError, type Fault } from "./fault.ts";
import { networkFault } from "./network-fault.ts";

/** An answer exactly as it came, whole as far as HTTP can tell. */
export interface RawAnswer {
  readonly status: number;
  /** Lower-case names; repeated ones joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Whether the connection's end is all that marks the body's end. */
  readonly unframed: boolean;
}

/** Ours to set: the connection, the framing, the host and the encoding are the door's business. */
const OWN_HEADERS = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * One request and its whole answer. `received` is told of every chunk. Aborting the signal destroys the socket: an
 * abandoned answer does not go on being read.
 *
 * @throws {FaultError}
 */
export function exchange(
  connections: Connections,
  url: URL,
  request: GuardedRequest,
  options: { readonly limits: Limits; readonly signal: AbortSignal; readonly received: (bytes: number) => void },
): Promise<RawAnswer> {
  const { limits, signal } = options;
  return new Promise((resolve, reject) => {
    let outgoing: ClientRequest;
    try {
      outgoing = connections.request(url, {
        method: request.method,
        headers: headersOf(url, request),
        maxHeaderSize: limits.headers,
        insecureHTTPParser: false,
      });
    } catch {
      reject(new FaultError(unsendable));
      return;
    }

    let settled = false;
    let answered = false;
    const settle = (outcome: () => void) => {
      if (settled) return;
      settled = true;
      signal.removeEventListener("abort", onAbort);
      outcome();
    };
    const fail = (fault: Fault) => {
      settle(() => reject(new FaultError(fault)));
      outgoing.destroy();
    };
    const onAbort = () => fail(abandoned);
    const context = () => ({ proxied: connections.proxied(url), reused: outgoing.reusedSocket });

    signal.addEventListener("abort", onAbort, { once: true });
    // Stays for good: a socket may fail again after its request has failed, and nobody else listens.
    outgoing.on("error", (error) => fail(error instanceof FaultError ? error.fault : networkFault(error, context())));
    outgoing.once("response", (incoming) => {
      answered = true;
      void take(incoming);
    });
    const take = async (incoming: IncomingMessage) => {
      try {
        const answer = await read(incoming, limits, options.received);
        if (answer.status === 407) fail(connectRefused(407).fault);
        else settle(() => resolve(answer));
      } catch (error) {
        fail(error instanceof FaultError ? error.fault : networkFault(error, { ...context(), reused: false }));
      }
    };
    outgoing.once("upgrade", () => fail(unasked));
    outgoing.once("close", () => {
      if (!answered) fail(networkFault(undefined, context()));
    });
    outgoing.end(request.body);
  });
}

async function read(incoming: IncomingMessage, limits: Limits, received: (bytes: number) => void): Promise<RawAnswer> {
  const headers = headersFrom(incoming.rawHeaders);
  if (Number(headers["content-length"]) > limits.body) throw tooLarge(limits);
  const chunks: Buffer[] = [];
  let size = 0;
  // Ends by throwing where the connection ends before the body does.
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    received(chunk.length);
    if (size > limits.body) throw tooLarge(limits);
    chunks.push(chunk);
  }
  const framed = headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
  return { status: incoming.statusCode ?? 0, headers, body: Buffer.concat(chunks), unframed: !framed && size > 0 };
}

function headersOf(url: URL, request: GuardedRequest): Record<string, string | number> {
  const headers: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (!OWN_HEADERS.has(name.toLowerCase())) headers[name] = value;
  }
  headers["host"] = url.host;
  headers["accept-encoding"] = "identity";
  if (request.body !== undefined) headers["content-length"] = Buffer.byteLength(request.body);
  else if (request.method !== "GET" && request.method !== "HEAD") headers["content-length"] = 0;
  return headers;
}

function headersFrom(raw: readonly string[]): Record<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = String(raw[index]).toLowerCase();
    const value = String(raw[index + 1]);
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  // Not by assignment: a header can be called `__proto__`.
  return Object.fromEntries(headers);
}

function tooLarge(limits: Limits): FaultError {
  return new FaultError({ class: "limit", again: "never", reason: `was answered with more than ${limits.body} bytes` });
}

const abandoned: Fault = { class: "cancelled", again: "never", reason: "was abandoned" };
const unsendable: Fault = {
  class: "protocol",
  again: "never",
  reason: "was not sent: its request is not valid HTTP",
  refused: true,
};
const unasked: Fault = { class: "protocol", again: "never", reason: "was answered in another protocol" };
