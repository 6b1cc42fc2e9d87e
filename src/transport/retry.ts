import type { Fault } from "./fault.ts";

/** A promise to users: a failing provider is asked at most so often, and for at most so long, per call. */
const TRIES = 6;
const FAULT_BUDGET = 60_000;
/** Throttling is not failure: it is waited out. */
const THROTTLE_BUDGET = 15 * 60_000;
const LONGEST_RETRY_AFTER = 120_000;
const TIMEOUTS = 2;

const FAULT_WAITS = [500, 1_500, 4_500, 13_500, 14_000] as const;
const FIRST_THROTTLE_WAIT = 100;
const LONGEST_THROTTLE_WAIT = 20_000;

export interface RetryPolicy {
  /** Milliseconds to wait before the next attempt, or the fault with which the call ends. */
  after(
    fault: Fault,
    now: number,
  ): { readonly wait: number; readonly reason: "throttled" | "retry" } | { readonly end: Fault };
  /** Milliseconds that the next attempt may take at most, by the call's budget. */
  remaining(now: number): number;
}

/**
 * The one retry policy, per call. Jitter takes up to half of a wait, not all of it: six tries must outlast an outage
 * of ten seconds whatever the dice say.
 */
export function createRetryPolicy(options: { readonly probe: boolean; readonly random: () => number }): RetryPolicy {
  let faults = 0;
  let timeouts = 0;
  let throttles = 0;
  let renewed = false;
  let firstFaultAt: number | undefined;
  let firstThrottleAt: number | undefined;
  const jittered = (wait: number) => wait * (0.5 + options.random() / 2);

  function throttled(fault: Fault, now: number): ReturnType<RetryPolicy["after"]> {
    firstThrottleAt ??= now;
    throttles += 1;
    const asked = fault.retryAfter;
    if (asked !== undefined && asked > LONGEST_RETRY_AFTER) return { end: asksTooMuch(fault, asked) };
    const backOff = jittered(Math.min(LONGEST_THROTTLE_WAIT, FIRST_THROTTLE_WAIT * 2 ** (throttles - 1)));
    const wait = asked === undefined ? backOff : asked + Math.min(400, asked / 10) * options.random();
    if (now + wait - firstThrottleAt > THROTTLE_BUDGET) return { end: fault };
    return { wait, reason: "throttled" };
  }

  function failed(fault: Fault, now: number): ReturnType<RetryPolicy["after"]> {
    firstFaultAt ??= now;
    faults += 1;
    if (faults >= TRIES || options.probe) return { end: fault };
    const asked = fault.retryAfter ?? 0;
    if (asked > LONGEST_RETRY_AFTER) return { end: asksTooMuch(fault, asked) };
    if (fault.stale === true && faults === 1) return { wait: 0, reason: "retry" };
    const wait = Math.max(asked, jittered(FAULT_WAITS[faults - 1] ?? 14_000));
    if (now + wait - firstFaultAt >= FAULT_BUDGET) return { end: fault };
    return { wait, reason: "retry" };
  }

  return {
    after(fault, now) {
      if (fault.again === "never" || (fault.again === "renew" && renewed)) return { end: fault };
      if (fault.again === "renew") {
        renewed = true;
        return { wait: 0, reason: "retry" };
      }
      if (fault.again === "throttle") return throttled(fault, now);
      if (fault.again === "timeout") {
        timeouts += 1;
        if (timeouts >= TIMEOUTS) return { end: fault };
      }
      return failed(fault, now);
    },
    remaining(now) {
      // A single timed-out attempt may have used the whole budget; its one repetition gets a fair time of its own.
      if (firstFaultAt === undefined || timeouts > 0) return Number.POSITIVE_INFINITY;
      return Math.max(1_000, FAULT_BUDGET - (now - firstFaultAt));
    },
  };
}

function asksTooMuch(fault: Fault, asked: number): Fault {
  return {
    ...fault,
    reason: `${fault.reason} and asks to wait ${Math.round(asked / 1_000)} s, which is too long`,
    remedy: "scan again later",
  };
}
