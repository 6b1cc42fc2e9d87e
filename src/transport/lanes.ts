import { createPacer, type Pacer } from "./pacer.ts";
import type { Time } from "./time.ts";

/**
 * Who may go, and when. Each quota bucket has a lane per operation with a pacer of its own, and a cap on what is under
 * way in the bucket. A departure needs the pacer's leave and a free place *at the same moment*, so nothing that was
 * let go earlier leaves during a pause. Within a lane the order is first come, first served, except that a call that
 * was sent back goes ahead of those that never went; between lanes a free place goes round.
 */
export interface Lanes {
  /** Waits for leave. Resolves to `undefined` when the signal aborts first. */
  enter(bucket: string, operation: string, options: EnterOptions): Promise<Departure | undefined>;
}

export interface EnterOptions {
  readonly signal: AbortSignal;
  /** It was under way before and was sent back. */
  readonly again: boolean;
  /** It runs inside another call, whose place it shares: waiting for one of its own could block both for ever. */
  readonly nested: boolean;
}

export interface Departure {
  readonly waited: number;
  /** Must be called exactly once. */
  arrived(outcome: {
    readonly took: "accepted" | "throttled" | "neither";
    readonly retryAfter?: number | undefined;
  }): void;
}

export interface LaneOptions {
  readonly share: number;
  readonly time: Time;
  /** Ends all sleeping. */
  readonly signal: AbortSignal;
  /** Told about once a second while calls queue in a lane. */
  readonly onQueue: (bucket: string, operation: string, wait: number) => void;
}

/** Calls under way per bucket. More hide no latency at the rates that providers allow. */
const PLACES = 64;
const QUEUE_NOTICE = 1_000;

interface Waiting extends EnterOptions {
  readonly since: number;
  readonly go: (departure: Departure | undefined) => void;
}

interface Lane {
  readonly operation: string;
  readonly pacer: Pacer;
  /** In order of precedence: calls inside calls, calls that were sent back, calls that never went. */
  readonly queues: readonly [Waiting[], Waiting[], Waiting[]];
  sleeping: boolean;
  noticedAt: number;
}

interface Bucket {
  readonly name: string;
  readonly lanes: Map<string, Lane>;
  underWay: number;
}

export function createLanes(options: LaneOptions): Lanes {
  const { time } = options;
  const buckets = new Map<string, Bucket>();

  function laneOf(bucket: Bucket, operation: string): Lane {
    let lane = bucket.lanes.get(operation);
    if (lane === undefined) {
      const now = time.elapsed();
      lane = {
        operation,
        pacer: createPacer(options.share, now),
        queues: [[], [], []],
        sleeping: false,
        noticedAt: now,
      };
      bucket.lanes.set(operation, lane);
    }
    return lane;
  }

  function pump(bucket: Bucket, lane: Lane): void {
    for (;;) {
      const queue = lane.queues.find((waiting) => waiting.length > 0);
      const next = queue?.[0];
      if (queue === undefined || next === undefined) return;
      const now = time.elapsed();
      const delay = lane.pacer.delay(now);
      if (delay > 0) {
        notice(bucket, lane, now);
        wake(bucket, lane, delay);
        return;
      }
      if (!next.nested && bucket.underWay >= PLACES) return;
      queue.shift();
      next.go(depart(bucket, lane, next, now));
    }
  }

  function wake(bucket: Bucket, lane: Lane, delay: number): void {
    if (lane.sleeping) return;
    lane.sleeping = true;
    void pumpLater(bucket, lane, delay);
  }

  async function pumpLater(bucket: Bucket, lane: Lane, delay: number): Promise<void> {
    await time.sleep(delay, options.signal);
    lane.sleeping = false;
    if (!options.signal.aborted) pump(bucket, lane);
  }

  function notice(bucket: Bucket, lane: Lane, now: number): void {
    const waiting = lane.queues.reduce((sum, queue) => sum + queue.length, 0);
    const wait = (waiting * 1_000) / lane.pacer.rate;
    if (wait < QUEUE_NOTICE || now - lane.noticedAt < QUEUE_NOTICE) return;
    lane.noticedAt = now;
    options.onQueue(bucket.name, lane.operation, Math.round(wait));
  }

  function depart(bucket: Bucket, lane: Lane, waiting: Waiting, departedAt: number): Departure {
    const limited = lane.pacer.depart(departedAt);
    if (!waiting.nested) bucket.underWay += 1;
    return {
      waited: departedAt - waiting.since,
      arrived({ took, retryAfter }) {
        const now = time.elapsed();
        if (took === "accepted") lane.pacer.accepted(now, limited);
        if (took === "throttled") lane.pacer.throttled(now, departedAt, retryAfter);
        if (took === "neither" && retryAfter !== undefined) lane.pacer.pause(now + retryAfter);
        if (!waiting.nested) bucket.underWay -= 1;
        pumpAll(bucket, lane);
      },
    };
  }

  function pumpAll(bucket: Bucket, last: Lane): void {
    // The lane that was just served goes to the end of the round.
    bucket.lanes.delete(last.operation);
    bucket.lanes.set(last.operation, last);
    for (const lane of bucket.lanes.values()) pump(bucket, lane);
  }

  return {
    enter(bucketName, operation, enterOptions) {
      if (enterOptions.signal.aborted || options.signal.aborted) return Promise.resolve(undefined);
      let bucket = buckets.get(bucketName);
      if (bucket === undefined) {
        bucket = { name: bucketName, lanes: new Map(), underWay: 0 };
        buckets.set(bucketName, bucket);
      }
      const lane = laneOf(bucket, operation);
      const queue = lane.queues[enterOptions.nested ? 0 : enterOptions.again ? 1 : 2];
      return new Promise((resolve) => {
        const leave = () => {
          const position = queue.indexOf(waiting);
          if (position >= 0) queue.splice(position, 1);
          resolve(undefined);
        };
        const waiting: Waiting = {
          ...enterOptions,
          since: time.elapsed(),
          go(departure) {
            enterOptions.signal.removeEventListener("abort", leave);
            resolve(departure);
          },
        };
        enterOptions.signal.addEventListener("abort", leave, { once: true });
        queue.push(waiting);
        pump(bucket, lane);
      });
    },
  };
}
