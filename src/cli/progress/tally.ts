import type { ScanEvent } from "../../engine/contract.ts";
import type { Instant } from "../../sdk/index.ts";

/** A collection that is being read. */
export interface Reading {
  readonly scope: string;
  readonly collection: string;
  readonly items: number;
  readonly done: number | undefined;
  readonly total: number | undefined;
}

/** What the events add up to: the one model behind the live region and the plain lines. */
export class Tally {
  readonly startedAt: Instant;
  scopes = 0;
  finished = 0;
  partial = 0;
  items = 0;
  callsExpected = 0;
  callsDone = 0;
  requests = 0;
  throttled = 0;
  waiting: { readonly operation: string; readonly reason: string; readonly until: Instant } | undefined;
  judging: { readonly done: number; readonly of: number } | undefined;
  readonly reading = new Map<string, Reading>();
  readonly #expected = new Map<string, number>();

  constructor(startedAt: Instant) {
    this.startedAt = startedAt;
  }

  receive(event: ScanEvent, now: Instant): void {
    switch (event.type) {
      case "run-started":
      case "run-finished":
        return;
      case "scope-found":
        this.scopes += event.scope.skip === undefined ? 1 : 0;
        return;
      case "collection-started": {
        const key = keyOf(event.scope.urn, event.collection);
        const calls = (event.calls.min + event.calls.max) / 2;
        this.#expected.set(key, calls);
        this.callsExpected += calls;
        this.reading.set(key, {
          scope: event.scope.title,
          collection: event.collection,
          items: 0,
          done: undefined,
          total: undefined,
        });
        return;
      }
      case "collection-advanced": {
        const key = keyOf(event.scope.urn, event.collection);
        this.items += event.items - (this.reading.get(key)?.items ?? 0);
        this.reading.set(key, {
          scope: event.scope.title,
          collection: event.collection,
          items: event.items,
          done: event.done,
          total: event.total,
        });
        return;
      }
      case "collection-finished": {
        const { coverage } = event;
        const key = keyOf(event.scope.urn, coverage.collection);
        this.items += coverage.items - (this.reading.get(key)?.items ?? 0);
        this.callsDone += this.#expected.get(key) ?? 0;
        this.reading.delete(key);
        this.finished += 1;
        this.partial += coverage.status === "partial" ? 1 : 0;
        this.requests += coverage.requests;
        return;
      }
      case "call-waiting":
        this.throttled += event.reason === "throttled" ? 1 : 0;
        // The pace is always there; only waits that somebody notices are worth telling.
        if (event.wait >= 1_000)
          this.waiting = { operation: event.operation, reason: event.reason, until: now + event.wait };
        return;
      case "rules-started":
        this.judging = { done: 0, of: event.count };
        return;
      case "rule-judged":
        this.judging = { done: (this.judging?.done ?? 0) + 1, of: this.judging?.of ?? 1 };
    }
  }

  /** Items per second since the beginning. */
  rate(now: Instant): number {
    const seconds = (now - this.startedAt) / 1_000;
    return seconds <= 0 ? 0 : this.items / seconds;
  }

  /** Milliseconds that are left, by the share of predicted calls that is done; `undefined` while there is too little to tell. */
  left(now: Instant): number | undefined {
    const inside = [...this.reading].reduce((sum, [key, { done, total }]) => {
      const share = done === undefined || total === undefined || total === 0 ? 0 : Math.min(1, done / total);
      return sum + share * (this.#expected.get(key) ?? 0);
    }, 0);
    const share = this.callsExpected === 0 ? 0 : (this.callsDone + inside) / this.callsExpected;
    const passed = now - this.startedAt;
    if (share < 0.05 || share >= 1 || passed < 2_000) return undefined;
    return (passed * (1 - share)) / share;
  }
}

function keyOf(scope: string, collection: string): string {
  return `${scope}\n${collection}`;
}
