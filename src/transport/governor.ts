import type { Attempt, CallOptions, Instant, ProviderError } from "../sdk/index.ts";
import type { Account } from "./account.ts";
import type { AttemptState, CurrentAttempt } from "./attempt.ts";
import { createBreaker } from "./breaker.ts";
import type { CallTrace, CallWait } from "./contract.ts";
import { providerError, type Fault } from "./fault.ts";
import type { Departure, Lanes } from "./lanes.ts";
import { createRetryPolicy, type RetryPolicy } from "./retry.ts";
import type { Time } from "./time.ts";
import { tryOnce, type Outcome } from "./try-once.ts";

export interface GovernorOptions {
  readonly lanes: Lanes;
  readonly time: Time;
  readonly now: () => Instant;
  readonly random: () => number;
  readonly current: CurrentAttempt;
  readonly deadline: number;
  readonly onTrace: (trace: CallTrace) => void;
  readonly onWait: (wait: CallWait) => void;
}

/** On whose behalf a call is made. */
export interface Caller {
  readonly operations: ReadonlySet<string>;
  readonly account: Account;
  readonly signal: AbortSignal;
}

export interface Governor {
  call<Answer, Parsed>(
    caller: Caller,
    operation: string,
    send: (attempt: Attempt) => Promise<Answer>,
    options: CallOptions<Answer, Parsed>,
  ): Promise<Parsed>;
}

/** While a provider seems to be down, the one call that tries it is not given a minute. */
const PROBE_DEADLINE = 10_000;

/** The upper half of the door: when a call goes, how often, how long, and what becomes of it. */
export function createGovernor(options: GovernorOptions): Governor {
  const { time, current } = options;
  const breaker = createBreaker();

  async function call<Answer, Parsed>(
    caller: Caller,
    operation: string,
    send: (attempt: Attempt) => Promise<Answer>,
    callOptions: CallOptions<Answer, Parsed>,
  ): Promise<Parsed> {
    if (!caller.operations.has(operation)) throw providerError(operation, undeclared);
    if (caller.signal.aborted) throw providerError(operation, cancelled);
    const { account } = caller;
    const { bucket } = callOptions;
    account.calls += 1;
    const outer = current.getStore();
    const nested = outer !== undefined && !outer.over;

    const state = breaker.check(bucket, operation, time.elapsed());
    if (typeof state === "object") throw failInside(outer, providerError(operation, state));
    const policy = createRetryPolicy({ probe: state === "probe", random: options.random });
    const deadline = Math.min(
      callOptions.deadline ?? options.deadline,
      state === "probe" ? PROBE_DEADLINE : Number.POSITIVE_INFINITY,
    );
    let polls = 0;
    let slept = 0;

    for (let number = 1; ; number += 1) {
      const departure = await options.lanes.enter(bucket, operation, {
        signal: caller.signal,
        again: number > 1,
        nested,
      });
      if (departure === undefined) throw failInside(outer, providerError(operation, cancelled));
      const waited = slept + departure.waited;
      account.waited += departure.waited;
      const departedAt = time.elapsed();
      const at = options.now();
      const outcome = await tryOnce(operation, send, callOptions, {
        current,
        account,
        signal: caller.signal,
        number,
        deadline: Math.min(deadline, policy.remaining(departedAt)),
      });
      const now = time.elapsed();
      arrive(departure, outcome);
      if (outcome.attempt.status !== undefined) breaker.answered(bucket, operation, outcome.attempt.status);

      const next = whatNow(outcome, policy, callOptions, polls, now);
      options.onTrace(
        traceOf(outcome, next, { at, operation, bucket, number, milliseconds: now - departedAt, waited }),
      );
      if (next.outcome === "ok") return next.value;
      if (next.outcome === "failed") {
        if (next.fault.again === "fault" || next.fault.again === "timeout")
          breaker.gaveUp(
            bucket,
            operation,
            { ...next.fault, status: next.fault.status ?? outcome.attempt.status },
            now,
          );
        throw failInside(outer, providerError(operation, next.fault));
      }
      if (next.outcome === "poll") {
        polls += 1;
        account.polls += 1;
      } else {
        account.retries += 1;
        options.onWait({ operation, bucket, reason: next.reason, wait: Math.round(next.wait) });
      }
      await time.sleep(next.wait, caller.signal);
      slept = time.elapsed() - now;
      account.waited += slept;
    }
  }

  return { call };
}

type Next<Parsed> =
  | { readonly outcome: "ok"; readonly value: Parsed; readonly code?: string }
  | { readonly outcome: "poll"; readonly wait: number; readonly code: string }
  | { readonly outcome: "retry"; readonly wait: number; readonly reason: "throttled" | "retry"; readonly fault: Fault }
  | { readonly outcome: "failed"; readonly fault: Fault };

function whatNow<Answer, Parsed>(
  outcome: Outcome<Parsed>,
  policy: RetryPolicy,
  callOptions: CallOptions<Answer, Parsed>,
  polls: number,
  now: number,
): Next<Parsed> {
  if (outcome.type === "answer") return { outcome: "ok", value: outcome.value };
  const { fault, codes } = outcome;
  const { absent, pending } = callOptions;
  const absentCode = codes.find((code) => absent !== undefined && Object.hasOwn(absent, code));
  // The value may well be `undefined` or `null`; that the code is there is what counts.
  if (absent !== undefined && absentCode !== undefined)
    return { outcome: "ok", value: absent[absentCode] as Parsed, code: absentCode };
  const pendingCode = codes.find((code) => pending?.codes.includes(code));
  if (pending !== undefined && pendingCode !== undefined) {
    if ((polls + 1) * pending.every <= pending.atMost)
      return { outcome: "poll", wait: pending.every, code: pendingCode };
    return {
      outcome: "failed",
      fault: { ...fault, class: "timeout", again: "never", reason: `was not ready within ${seconds(pending.atMost)}` },
    };
  }
  const decision = policy.after(fault, now);
  return "end" in decision ? { outcome: "failed", fault: decision.end } : { outcome: "retry", ...decision, fault };
}

function arrive(departure: Departure, outcome: Outcome<unknown>): void {
  const fault = outcome.type === "fault" ? outcome.fault : undefined;
  if (fault?.again === "throttle") {
    outcome.attempt.account.throttled += 1;
    departure.arrived({ took: "throttled", retryAfter: fault.retryAfter });
  } else {
    departure.arrived({ took: outcome.attempt.status === undefined ? "neither" : "accepted" });
  }
}

function traceOf<Parsed>(
  outcome: Outcome<Parsed>,
  next: Next<Parsed>,
  known: {
    readonly at: Instant;
    readonly operation: string;
    readonly bucket: string;
    readonly number: number;
    readonly milliseconds: number;
    readonly waited: number;
  },
): CallTrace {
  const fault = "fault" in next ? next.fault : undefined;
  const code = fault === undefined ? ("code" in next ? next.code : undefined) : fault.code;
  return {
    at: known.at,
    operation: known.operation,
    bucket: known.bucket,
    attempt: known.number,
    status: outcome.attempt.status,
    outcome: next.outcome,
    ...(fault === undefined ? {} : { class: fault.class }),
    ...(code === undefined ? {} : { code }),
    milliseconds: Math.round(known.milliseconds),
    bytes: outcome.attempt.bytes,
    waited: Math.round(known.waited),
  };
}

/** Tells the call around this one why it is about to fail, in case its SDK does not. */
function failInside(outer: AttemptState | undefined, error: ProviderError): ProviderError {
  if (outer !== undefined) outer.inner = error;
  return error;
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}

const undeclared: Fault = {
  class: "denied",
  again: "never",
  code: "NotDeclared",
  reason: "is not declared by the scanner; nothing was sent",
  remedy: "the scanner must list it under `requires.operations`",
};
const cancelled: Fault = { class: "cancelled", again: "never", reason: "was cancelled" };
