/**
 * Learns how fast one operation may be called on one quota bucket, where the provider does not say. A token bucket
 * of our own (depth: a tenth of a second) shapes departures at a rate that rises by a fixed step per second while the
 * rate is what limits us, and falls by a factor at each throttled answer.
 *
 * Between two throttlings the provider's bucket was empty twice, so what it accepted in between is what it refills:
 * that is the learned ceiling. A share of 1 goes on probing around it; a smaller share goes to that part of the
 * ceiling and stays there, creeping up by a tenth per minute, because other people use the same quota and a busy hour
 * must not slow us for ever.
 *
 * Pure: no timers; the caller says what time it is.
 */
export interface Pacer {
  /** Departures per second. */
  readonly rate: number;
  /** What the provider was seen to give per second; `undefined` until it throttled twice. */
  readonly ceiling: number | undefined;
  /** Milliseconds until the next departure is allowed; 0: now. */
  delay(now: number): number;
  /** Takes a departure. `true` when the rate, and not the caller's demand, set its time. */
  depart(now: number): boolean;
  /** The provider took the call (whatever it answered), which left at a time when the rate was the limit or not. */
  accepted(now: number, limited: boolean): void;
  /** The provider throttled the call that left at `departedAt`, and may have said how long to stay away. */
  throttled(now: number, departedAt: number, retryAfter: number | undefined): void;
  /** No departure for a while, for another reason than throttling. */
  pause(until: number): void;
}

/** Per second, at a share of 1. AWS IAM's actions allow some 15 to 100. */
const START = 50;
const EXPLORE_STEP = 200;
/** Even when everything is throttled, something goes out every two seconds. */
const SLOWEST = 0.5;
const FASTEST = 5_000;
/** Before the ceiling is known we may be far above it; near it a shallow cut keeps the average high. */
const FIRST_CUT = 0.5;
const CUT = 0.8;
/** The slowest quota that we believe: a burst of failures must not teach a crawl. */
const LEAST_CEILING = 10;
const DEPTH_SECONDS = 0.1;
/** A longer pause between throttlings means that the provider's bucket was full in between: it then says nothing. */
const LONGEST_MEASURE = 8_000;
const SHORTEST_MEASURE = 250;
const CREEP_PER_MINUTE = 0.1;
/** Unthrottled for so long, the step doubles. */
const STEP_DOUBLES = 5_000;

export function createPacer(share: number, start: number): Pacer {
  let rate = START * share;
  let ceiling: number | undefined;
  let step: number | undefined;
  let tokens = depth();
  let refilledAt = start;
  let pausedUntil = start;
  let cutAt: number | undefined;
  let acceptedSinceCut = 0;
  let creptAt = start;

  function depth(): number {
    return Math.max(1, rate * DEPTH_SECONDS);
  }

  function refill(now: number): void {
    tokens = Math.min(depth(), tokens + ((now - refilledAt) * rate) / 1_000);
    refilledAt = now;
  }

  function allowed(): number {
    return share < 1 && ceiling !== undefined ? share * Math.max(LEAST_CEILING, ceiling) : FASTEST;
  }

  function setRate(next: number, now: number): void {
    refill(now);
    rate = Math.min(Math.max(SLOWEST, next), allowed());
    tokens = Math.min(tokens, depth());
  }

  function measure(now: number): void {
    const span = cutAt === undefined ? Number.POSITIVE_INFINITY : now - cutAt;
    if (span < SHORTEST_MEASURE) return;
    if (span <= LONGEST_MEASURE && acceptedSinceCut >= 5) ceiling = (acceptedSinceCut * 1_000) / span;
    else if (ceiling !== undefined) ceiling = rate;
    creptAt = now;
  }

  function stepNow(now: number): number {
    if (step === undefined || cutAt === undefined) return EXPLORE_STEP * share;
    return step * 2 ** Math.min(10, Math.floor((now - cutAt) / STEP_DOUBLES));
  }

  function creep(now: number): void {
    if (share === 1 || ceiling === undefined) return;
    ceiling *= 1 + (CREEP_PER_MINUTE * (now - creptAt)) / 60_000;
    creptAt = now;
  }

  function stayAway(now: number, until: number): void {
    if (until <= pausedUntil) return;
    refill(now);
    // What would have been saved during the pause is not sent at its end in one go.
    tokens = Math.min(tokens, 1);
    pausedUntil = until;
  }

  return {
    get rate() {
      return rate;
    },
    get ceiling() {
      return ceiling;
    },
    delay(now) {
      if (now < pausedUntil) return pausedUntil - now;
      if (refilledAt < pausedUntil) refilledAt = pausedUntil;
      refill(now);
      // A rounding error of a timer is no reason to sleep again.
      return tokens >= 0.999 ? 0 : ((1 - tokens) * 1_000) / rate;
    },
    depart(now) {
      refill(now);
      tokens = Math.max(0, tokens - 1);
      return tokens < 1;
    },
    accepted(now, limited) {
      acceptedSinceCut += 1;
      if (!limited) return;
      creep(now);
      setRate(rate + stepNow(now) / rate, now);
    },
    throttled(now, departedAt, retryAfter) {
      if (retryAfter !== undefined) stayAway(now, now + retryAfter);
      // What left before the last cut tells nothing about the rate since.
      if (cutAt !== undefined && departedAt < cutAt) return;
      measure(now);
      setRate(rate * (cutAt === undefined ? FIRST_CUT : CUT), now);
      // One throttling alone may have been a fluke; the way to the second one, which teaches, is short.
      step = Math.max(1, ceiling === undefined ? rate / 2 : ceiling / 20);
      tokens = Math.min(tokens, 1);
      cutAt = now;
      acceptedSinceCut = 0;
    },
    pause(until) {
      stayAway(refilledAt, until);
    },
  };
}
