import type { GuardedRequest, GuardedResponse, Instant, Wire } from "../sdk/index.ts";
import { judgeAnswer } from "./answer.ts";
import type { AttemptState, CurrentAttempt } from "./attempt.ts";
import type { Connections } from "./connections.ts";
import type { Limits } from "./contract.ts";
import { exchange } from "./exchange.ts";
import { FaultError, providerError, type Fault } from "./fault.ts";
import { isLoopback } from "./proxy.ts";
import type { SkewMeter } from "./skew.ts";

export interface GuardOptions {
  readonly scanner: string;
  readonly wire: Wire;
  readonly connections: Connections;
  readonly limits: Limits;
  readonly current: CurrentAttempt;
  readonly skew: SkewMeter;
  readonly now: () => Instant;
}

/**
 * The lower half of the door. A request goes out only inside a call, only if it *is* that call's operation, and only
 * to a pinned origin; an answer comes back only whole. What was wrong is noted in the attempt before it is thrown, so
 * that an SDK that swallows it changes nothing.
 */
export function createGuard(options: GuardOptions): (request: GuardedRequest) => Promise<GuardedResponse> {
  const { wire, current } = options;

  async function send(request: GuardedRequest): Promise<GuardedResponse> {
    const attempt = current.getStore();
    if (attempt === undefined) throw providerError(options.scanner, outside);
    try {
      const url = admit(request, attempt, wire);
      return await converse(url, request, attempt);
    } catch (error) {
      const fault = error instanceof FaultError ? error.fault : broken(error);
      attempt.faults.push(fault);
      if (fault.status !== undefined) attempt.status = fault.status;
      throw providerError(attempt.operation, fault);
    }
  }

  async function converse(url: URL, request: GuardedRequest, attempt: AttemptState): Promise<GuardedResponse> {
    const ends = [attempt.signal, ...(request.signal === undefined ? [] : [request.signal])];
    const signal = ends.length === 1 ? attempt.signal : AbortSignal.any(ends);
    signal.throwIfAborted();
    attempt.account.requests += 1;
    const sentAt = options.now();
    const raw = await exchange(options.connections, url, request, {
      limits: options.limits,
      signal,
      received(bytes) {
        attempt.bytes += bytes;
        attempt.account.bytes += bytes;
      },
    });
    const receivedAt = options.now();
    attempt.status = raw.status;
    options.skew.observe(raw.headers["date"], sentAt, receivedAt);
    const judged = await judgeAnswer(raw, { method: request.method, wire, limits: options.limits, now: receivedAt });
    if (judged.fault !== undefined) attempt.faults.push(judged.fault);
    return judged.response;
  }

  return (request) => {
    const answer = send(request);
    // An SDK may drop the promise of a request that it gave up; that is not a reason for the process to end.
    answer.catch(() => undefined);
    return answer;
  };
}

function admit(request: GuardedRequest, attempt: AttemptState, wire: Wire): URL {
  if (attempt.over) throw new FaultError(late);
  let asked: string | undefined;
  try {
    asked = wire.identify(request);
  } catch {
    asked = undefined;
  }
  if (asked === undefined) throw refused("NotDeclared", "sent a request that the scanner does not know");
  if (asked !== attempt.operation)
    throw refused("NotDeclared", `sent ${asked} instead, which this call does not allow`);

  const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
  if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw refused("ForeignOrigin", "has no usable URL");
  if (url.username !== "" || url.password !== "") throw refused("ForeignOrigin", "has credentials in its URL");
  if (url.protocol === "http:" && !isLoopback(url.hostname)) throw refused("ForeignOrigin", "would go out without TLS");
  const pinned = wire.origins().some((origin) => URL.canParse(origin) && new URL(origin).origin === url.origin);
  if (!pinned) throw refused("ForeignOrigin", `would go to ${url.origin}, which is not the provider's`);
  return url;
}

function refused(code: "NotDeclared" | "ForeignOrigin", reason: string): FaultError {
  return new FaultError({
    class: code === "NotDeclared" ? "denied" : "protocol",
    again: "never",
    code,
    reason: `${reason}; nothing was sent`,
    refused: true,
  });
}

/** An abort by the SDK's own signal, or a bug of ours; the attempt's own end is told apart by the governor. */
function broken(error: unknown): Fault {
  const name = error instanceof Error && /^\w{1,40}$/.test(error.name) ? error.name : "error";
  if (name === "AbortError" || name === "TimeoutError")
    return { class: "timeout", again: "timeout", reason: "was given up by the provider's SDK" };
  return { class: "protocol", again: "never", reason: `could not be carried out (${name})` };
}

const outside: Fault = {
  class: "denied",
  again: "never",
  code: "NotDeclared",
  reason: "sent a request outside of a call; nothing was sent",
  refused: true,
};
const late: Fault = {
  class: "cancelled",
  again: "never",
  reason: "sent a request after its call had ended; nothing was sent",
  refused: true,
};
