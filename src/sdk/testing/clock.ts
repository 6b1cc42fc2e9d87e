import type { Duration, Instant } from "../../model/index.ts";

export interface FixedClock {
  readonly now: () => Instant;
  advance(by: Duration): void;
}

/** A clock that stands still until it is told to move. 2026-11-23T05:00:00Z if nothing is given. */
export function fixedClock(start: Instant = Date.UTC(2026, 10, 23, 5)): FixedClock {
  let present = start;
  return {
    now: () => present,
    advance(by) {
      present += by;
    },
  };
}
