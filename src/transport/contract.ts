import type { Door, GapClass, Instant, Wire } from "../sdk/index.ts";

/** How the process reaches the network. The engine's `Network` has this shape. */
export interface Network {
  /** `http://user:password@proxy.example:3128`; the credentials never appear in a message. */
  readonly proxy?: string | undefined;
  /** Hosts that are reached directly: `example.com` (and everything below it), `.example.com`, `host:port`, `10.0.0.0/8`, `*`. */
  readonly noProxy?: readonly string[] | undefined;
  /** PEM text of further certificate authorities, beside the public ones. */
  readonly ca?: string | undefined;
  /** The share of a provider's quota that may be used, above 0 and at most 1. 0.5 if left out: polite. */
  readonly share?: number | undefined;
  /** Milliseconds for one attempt where the call names none; 60 s if left out. */
  readonly deadline?: number | undefined;
}

/** One attempt, for `--debug`: timing and outcome, nothing of what was asked or answered. */
export interface CallTrace {
  readonly at: Instant;
  readonly operation: string;
  readonly bucket: string;
  readonly attempt: number;
  readonly status: number | undefined;
  readonly outcome: "ok" | "retry" | "poll" | "failed";
  readonly class?: GapClass;
  readonly code?: string;
  /** From the departure to the answer. */
  readonly milliseconds: number;
  readonly bytes: number;
  /** Milliseconds between asking to go and going. */
  readonly waited: number;
}

export interface CallWait {
  readonly operation: string;
  readonly bucket: string;
  readonly reason: "throttled" | "pace" | "retry";
  /** Milliseconds. */
  readonly wait: number;
}

/** What one label (a collection in a scope) cost. */
export interface DoorStats {
  /** Logical calls. */
  readonly calls: number;
  /** Further attempts because the provider was not ready yet. */
  readonly polls: number;
  /** HTTP requests, all of them. */
  readonly requests: number;
  /** Further attempts because the one before failed. */
  readonly retries: number;
  /** Attempts that the provider throttled. */
  readonly throttled: number;
  /** Bytes of answers' bodies, as received. */
  readonly bytes: number;
  /** Milliseconds spent waiting for the pace, for retries and for polls, summed over calls. */
  readonly waited: number;
}

/** What an answer may be at most. */
export interface Limits {
  /** Bytes of one body, decoded. */
  readonly body: number;
  /** Bytes of one string in it. A megabyte of text is an honest name; this is beyond. */
  readonly text: number;
  /** Levels of nesting. */
  readonly depth: number;
  /** Bytes of all headers. */
  readonly headers: number;
}

export interface GatewayOptions {
  /** The scanner's id, for messages. */
  readonly scanner: string;
  readonly wire: Wire;
  /** Every operation that the scanner declares. */
  readonly operations: ReadonlySet<string>;
  readonly network: Network;
  /** The wall clock: dates of traces, `Retry-After` dates, skew. Never used for pacing, so it may stand still. */
  readonly now: () => Instant;
  /** 0 to 1, for jitter. */
  readonly random?: () => number;
  /** Waits; time that it claims to have slept counts as passed, so a test's may return at once. */
  readonly sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** A clock that never goes back, in milliseconds, for pacing and budgets. */
  readonly clock?: () => number;
  readonly onTrace?: ((trace: CallTrace) => void) | undefined;
  readonly onWait?: ((wait: CallWait) => void) | undefined;
  readonly limits?: Partial<Limits>;
  /** Ends everything behind every door. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * One scanner's way out: any number of doors over one governor and one guard.
 */
export interface Gateway {
  /**
   * A door that lets through these operations only (of those that the scanner declares), accounted under `label`.
   * `signal` ends its calls as `cancelled`.
   */
  door(label: string, operations: ReadonlySet<string>, signal?: AbortSignal): Door;
  /** What the label cost so far; zeros for one that was never used. */
  stats(label: string): DoorStats;
  /** Milliseconds by which the provider's clock is ahead of ours, within about a second; `undefined` before an answer. */
  skew(): number | undefined;
  /** Ends what is under way as `cancelled` and closes all sockets. */
  close(): void;
}
