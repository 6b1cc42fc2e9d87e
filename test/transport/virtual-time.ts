import { createLanes, type Lanes } from "../../src/transport/lanes.ts";
import type { Time } from "../../src/transport/time.ts";

/** A clock that jumps from one due moment to the next, in order, once everything that can run has run. */
export class VirtualTime implements Time {
  #now = 0;
  #order = 0;
  readonly #due: { readonly at: number; readonly order: number; readonly wake: () => void }[] = [];

  elapsed(): number {
    return this.#now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      this.#due.push({ at: this.#now + Math.max(0, milliseconds), order: (this.#order += 1), wake: resolve });
      signal?.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  /** Runs until the moment, or until nothing is due any more. */
  async run(until = Number.POSITIVE_INFINITY): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#due.sort((left, right) => left.at - right.at || left.order - right.order);
      const next = this.#due[0];
      if (next === undefined || next.at > until) break;
      this.#due.shift();
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    if (Number.isFinite(until)) this.#now = Math.max(this.#now, until);
  }
}

/** A provider's token bucket, whose rate the client does not know. */
export class Quota {
  #tokens: number;
  #at = 0;
  readonly #burst: number;
  rate: number;

  constructor(rate: number, burst: number) {
    this.rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
  }

  take(now: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) * this.rate) / 1_000);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

export interface Departed {
  readonly at: number;
  readonly call: number;
  readonly operation: string;
  readonly taken: boolean;
}

export interface World {
  readonly time: VirtualTime;
  readonly lanes: Lanes;
  readonly departed: Departed[];
  readonly end: AbortController;
  /** One call that is sent again until the quota takes it. */
  call(number: number, operation?: string, bucket?: string): Promise<void>;
}

export function world(options: {
  readonly share?: number;
  readonly latency?: number;
  readonly quota?: Quota;
  readonly retryAfter?: number;
}): World {
  const time = new VirtualTime();
  const end = new AbortController();
  const departed: Departed[] = [];
  const lanes = createLanes({ share: options.share ?? 1, time, signal: end.signal, onQueue: () => undefined });
  const quota = options.quota ?? new Quota(1e9, 1e9);
  return {
    time,
    lanes,
    departed,
    end,
    async call(number, operation = "a:List", bucket = "bucket") {
      for (let again = false; ; again = true) {
        const departure = await lanes.enter(bucket, operation, { signal: end.signal, again, nested: false });
        if (departure === undefined) return;
        const taken = quota.take(time.elapsed());
        departed.push({ at: time.elapsed(), call: number, operation, taken });
        await time.sleep(options.latency ?? 20);
        departure.arrived(taken ? { took: "accepted" } : { took: "throttled", retryAfter: options.retryAfter });
        if (taken) return;
        await time.sleep(50);
      }
    },
  };
}

/** Departures per second in each second. */
export function perSecond(departed: readonly Departed[]): number[] {
  const counts: number[] = [];
  for (const { at } of departed) {
    const second = Math.floor(at / 1_000);
    counts[second] = (counts[second] ?? 0) + 1;
  }
  return Array.from(counts, (count) => count ?? 0);
}
