import { isProviderError, type Attempt, type CallOptions } from "../sdk/index.ts";
import type { Account } from "./account.ts";
import type { AttemptState, CurrentAttempt } from "./attempt.ts";
import { providerErrorWithin, token, type Fault } from "./fault.ts";
import { codesOf, faultOf, sdkFault } from "./sdk-error.ts";

export type Outcome<Parsed> =
  | { readonly type: "answer"; readonly value: Parsed; readonly attempt: AttemptState }
  | {
      readonly type: "fault";
      readonly fault: Fault;
      readonly codes: readonly string[];
      readonly attempt: AttemptState;
    };

export interface TryContext {
  readonly current: CurrentAttempt;
  readonly account: Account;
  readonly signal: AbortSignal;
  readonly number: number;
  readonly deadline: number;
}

type Ending<Answer> =
  | { readonly end: "answer"; readonly answer: Answer }
  | { readonly end: "error"; readonly error: unknown }
  | { readonly end: "deadline" }
  | { readonly end: "cancelled" };

/**
 * One attempt, raced against its deadline by ourselves: no SDK is trusted to heed the signal. What the guard saw on
 * the wire decides over what the SDK made of it, in both directions.
 */
export async function tryOnce<Answer, Parsed>(
  operation: string,
  send: (attempt: Attempt) => Promise<Answer>,
  options: CallOptions<Answer, Parsed>,
  context: TryContext,
): Promise<Outcome<Parsed>> {
  const controller = new AbortController();
  const attempt: AttemptState = {
    operation,
    account: context.account,
    signal: controller.signal,
    over: false,
    bytes: 0,
    status: undefined,
    faults: [],
    inner: undefined,
  };
  const ending = await race(
    () => context.current.run(attempt, () => send({ signal: controller.signal, number: context.number })),
    context,
  );
  attempt.over = true;
  controller.abort();
  return judge(ending, attempt, options, context.deadline);
}

async function race<Answer>(send: () => Promise<Answer>, context: TryContext): Promise<Ending<Answer>> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const cut = new Promise<Ending<Answer>>((resolve) => {
    onAbort = () => resolve({ end: "cancelled" });
    context.signal.addEventListener("abort", onAbort, { once: true });
    if (Number.isFinite(context.deadline)) timer = setTimeout(() => resolve({ end: "deadline" }), context.deadline);
    if (context.signal.aborted) onAbort();
  });
  const work = (async (): Promise<Ending<Answer>> => {
    try {
      return { end: "answer", answer: await send() };
    } catch (error) {
      return { end: "error", error };
    }
  })();
  try {
    return await Promise.race([work, cut]);
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) context.signal.removeEventListener("abort", onAbort);
  }
}

function judge<Answer, Parsed>(
  ending: Ending<Answer>,
  attempt: AttemptState,
  options: CallOptions<Answer, Parsed>,
  deadline: number,
): Outcome<Parsed> {
  const failed = (fault: Fault, codes: readonly string[] = []): Outcome<Parsed> => ({
    type: "fault",
    fault,
    codes,
    attempt,
  });
  if (ending.end === "cancelled") return failed({ class: "cancelled", again: "never", reason: "was cancelled" });
  if (ending.end === "deadline") {
    return failed({
      class: "timeout",
      again: "timeout",
      reason: `was not answered within ${Math.round(deadline / 100) / 10} s`,
    });
  }

  const seen = attempt.faults.find((fault) => fault.refused === true) ?? attempt.faults.at(-1);
  const said = ending.end === "error" ? codesOf(ending.error) : [];
  if (seen !== undefined) {
    const answered = seen.refused !== true && attempt.status !== undefined && attempt.status >= 400;
    return failed(seen, answered ? [...(seen.code === undefined ? [] : [seen.code]), ...said] : []);
  }
  if (ending.end === "error") {
    const own = providerErrorWithin(ending.error) ?? attempt.inner;
    if (own !== undefined) return failed({ ...faultOf(own), again: "never" });
    return failed(sdkFault(ending.error, attempt.status !== undefined), said);
  }

  try {
    return { type: "answer", value: options.parse(ending.answer), attempt };
  } catch (error) {
    if (isProviderError(error))
      return failed(faultOf(error), error.details.code === undefined ? [] : [error.details.code]);
    return failed({
      class: "schema",
      again: "never",
      reason: `was answered in a shape that is not documented${placeOf(error)}`,
    });
  }
}

/** Where a schema stumbled; never what stood there. */
function placeOf(error: unknown): string {
  const { issues } = (typeof error === "object" && error !== null ? error : {}) as { issues?: unknown };
  const first = Array.isArray(issues) ? (issues[0] as { path?: unknown } | undefined) : undefined;
  if (first === undefined || !Array.isArray(first.path)) return "";
  const path = first.path.map((key) => (typeof key === "number" ? String(key) : (token(String(key)) ?? "?"))).join(".");
  return path === "" ? "" : ` (at ${path.slice(0, 120)})`;
}
