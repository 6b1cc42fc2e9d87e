import { isProviderError, ProviderError, type GapClass } from "../sdk/index.ts";
import { redact } from "./redact.ts";

/**
 * Why an attempt gave no usable answer, in the door's own words. `again` is what may be done about it:
 *
 * - `never`: asking again gives the same answer;
 * - `throttle`: ask again, more slowly, until it works;
 * - `fault`: ask again a few times, with growing waits;
 * - `timeout`: ask once more;
 * - `renew`: ask once more at once, with fresh credentials.
 */
export interface Fault {
  readonly class: GapClass;
  readonly again: "never" | "throttle" | "fault" | "timeout" | "renew";
  /** Without the operation, which is put in front: `"was denied (AccessDenied, HTTP 403)"`. */
  readonly reason: string;
  readonly code?: string | undefined;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  /** Milliseconds. */
  readonly retryAfter?: number | undefined;
  readonly remedy?: string | undefined;
  /** A kept-alive connection that had died in the meantime: asking again at once, on a new one, is free. */
  readonly stale?: boolean;
  /** The guard refused it: nothing was sent. */
  readonly refused?: boolean;
  /** Whose failure it is, where a call failed because of one inside it. */
  readonly operation?: string;
}

export function providerError(caller: string, fault: Fault): ProviderError {
  const operation = fault.operation ?? caller;
  return new ProviderError(redact(`${operation} ${fault.reason}`), {
    class: fault.class,
    operation,
    ...(fault.code === undefined ? {} : { code: fault.code }),
    ...(fault.status === undefined ? {} : { status: fault.status }),
    ...(fault.requestId === undefined ? {} : { requestId: fault.requestId }),
    ...(fault.retryAfter === undefined ? {} : { retryAfter: fault.retryAfter }),
    ...(fault.remedy === undefined ? {} : { remedy: redact(fault.remedy) }),
  });
}

/** How the exchange and the judges of an answer report a fault to the guard; never leaves the transport. */
export class FaultError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.reason);
    this.fault = fault;
  }
}

/** One of our own errors somewhere in an error's chain of causes, where an SDK wrapped it. */
export function providerErrorWithin(error: unknown): ProviderError | undefined {
  let link = error;
  for (let depth = 0; depth < 8 && typeof link === "object" && link !== null; depth += 1) {
    if (isProviderError(link)) return link;
    link = (link as { cause?: unknown }).cause;
  }
  return undefined;
}

/** A provider's code or request id, if it looks like one: it is a stranger's text and goes into messages. */
export function token(text: unknown): string | undefined {
  return typeof text === "string" && /^[\w.:/+=-]{1,128}$/.test(text) && redact(text) === text ? text : undefined;
}
