import type { Instant } from "../model/index.ts";

/**
 * The only road from a scanner to a provider. No SDK is trusted with the network: Octokit answers `[]` to a cut
 * connection, AWS `ListUsers` succeeds on a captive portal, every pager loops on a repeated token, and none has a
 * deadline. So the door stands on both sides of the SDK:
 *
 * - above it, {@link Door.call} is the *governor*: pace, in-flight cap, retry, deadline, schema, accounting;
 * - below it, {@link Door.send} is the *guard*: the exact operations that are declared, the pinned origins, and an
 *   answer that is whole.
 *
 * An SDK is built with its own retries off and its HTTP handler replaced by one that calls `send`.
 *
 * @example
 * const page = await door.call("iam:ListUsers", (attempt) => client.send(new ListUsersCommand(input), { abortSignal: attempt.signal }), {
 *   bucket: `iam/${account}`,
 *   parse: usersPage,
 * });
 */
export interface Door {
  /**
   * One logical call. `send` runs once per attempt and must build a fresh request each time, so that signatures and
   * tokens are fresh. Resolves to what `parse` makes of the answer.
   *
   * @throws {ProviderError} after the last attempt, or at once where a retry cannot help (denied, schema, …).
   */
  call<Answer, Parsed = Answer>(
    operation: string,
    send: (attempt: Attempt) => Promise<Answer>,
    options: CallOptions<Answer, Parsed>,
  ): Promise<Parsed>;

  /**
   * One HTTP exchange, for an SDK's transport. Refuses what is not declared before a socket is opened, and gives
   * back the whole body or throws.
   *
   * @throws {ProviderError}
   */
  send(request: GuardedRequest): Promise<GuardedResponse>;

  /** The clock that everything behind the door uses; tests set it. */
  now(): Instant;
}

export interface Attempt {
  readonly signal: AbortSignal;
  /** 1 for the first try. */
  readonly number: number;
}

export interface CallOptions<Answer, Parsed> {
  /**
   * The quota that the call draws on, without the operation: `iam/111122223333`. Each bucket × operation learns its
   * own rate.
   */
  readonly bucket: string;
  /**
   * Checks the answer and reduces it to the fields that are read. Throws (anything) when the answer is not what the
   * operation documents; that becomes a `schema` error.
   */
  readonly parse: (answer: Answer) => Parsed;
  /** Milliseconds for one attempt; 60 s if left out. */
  readonly deadline?: number;
  /** A code that is an answer and not a failure here (`NoSuchEntity`): the call resolves to this value. */
  readonly absent?: Readonly<Record<string, Parsed>>;
  /** Codes that mean "not ready yet" (`ReportInProgress`); asked again each `every` ms for `atMost` ms, counted as polls. */
  readonly pending?: { readonly codes: readonly string[]; readonly every: number; readonly atMost: number };
}

export interface GuardedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface GuardedResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * How the guard knows what a request asks: a scanner names the operation of each wire request
 * (`Action=ListUsers` → `iam:ListUsers`), or `undefined` for one that it does not know, which is refused.
 */
export interface Wire {
  identify(request: GuardedRequest): string | undefined;
  /** The origins that may be spoken to, `https://iam.amazonaws.com`; a function where they follow from configuration. */
  origins(): readonly string[];
  /** Media types that an honest answer of this provider has: `text/xml`, `application/x-amz-json-1.1`. */
  readonly mediaTypes: readonly string[];
  /** The provider's error code in an error answer's body or headers, and its retry hint; pure. */
  classify(response: GuardedResponse): WireError;
}

export interface WireError {
  readonly code?: string | undefined;
  readonly kind: "denied" | "auth" | "expired" | "throttled" | "not-found" | "invalid" | "unavailable" | "other";
  readonly requestId?: string | undefined;
  /** Milliseconds that the provider asks to wait in a way of its own; `Retry-After` is read by the door itself. */
  readonly retryAfter?: number | undefined;
}
