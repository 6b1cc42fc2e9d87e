import { AsyncLocalStorage } from "node:async_hooks";
import type { ProviderError } from "../sdk/index.ts";
import type { Account } from "./account.ts";
import type { Fault } from "./fault.ts";

/**
 * What one attempt of a call may do, and what the guard saw of it. It travels from the governor through the SDK to
 * the guard in the asynchronous context, so that no SDK has to carry it and none can lose it. A call inside a call
 * (a refresh of credentials) has an attempt of its own.
 */
export interface AttemptState {
  readonly operation: string;
  readonly account: Account;
  readonly signal: AbortSignal;
  /** The call has its answer, or gave up: whatever the SDK still wants to send is refused. */
  over: boolean;
  bytes: number;
  status: number | undefined;
  /** Everything that was wrong on the wire, in order. */
  readonly faults: Fault[];
  /** How the last call inside this one failed. */
  inner: ProviderError | undefined;
}

export type CurrentAttempt = AsyncLocalStorage<AttemptState>;

export function createCurrentAttempt(): CurrentAttempt {
  return new AsyncLocalStorage<AttemptState>();
}
