import type { Fault } from "./fault.ts";

/**
 * Spares a provider that is down, and the user the wait. Once a call gave up because nobody answered (or one operation
 * only ever failed), further calls are not each given a minute: one may try every few seconds, once; the others fail
 * at once with the same reason. Any answer closes it again.
 */
export interface Breaker {
  /** `closed`: go; `probe`: go, once and briefly; a fault: do not go. */
  check(bucket: string, operation: string, now: number): "closed" | "probe" | Fault;
  gaveUp(bucket: string, operation: string, fault: Fault, now: number): void;
  answered(bucket: string, operation: string, status: number): void;
}

const PROBE_EVERY = 5_000;

export function createBreaker(): Breaker {
  const open = new Map<string, { fault: Fault; probeAt: number }>();
  const keys = (bucket: string, operation: string) => [bucket, `${bucket} ${operation}`];

  return {
    check(bucket, operation, now) {
      for (const key of keys(bucket, operation)) {
        const state = open.get(key);
        if (state === undefined) continue;
        if (now < state.probeAt)
          return { ...state.fault, reason: `was not tried: the call before it ${state.fault.reason}` };
        state.probeAt = now + PROBE_EVERY;
        return "probe";
      }
      return "closed";
    },
    gaveUp(bucket, operation, fault, now) {
      // A provider that answers 500 to one operation may well answer another; one that does not answer at all will not.
      const key = fault.status === undefined ? bucket : `${bucket} ${operation}`;
      open.set(key, { fault, probeAt: now + PROBE_EVERY });
    },
    answered(bucket, operation, status) {
      open.delete(bucket);
      if (status < 500) open.delete(`${bucket} ${operation}`);
    },
  };
}
