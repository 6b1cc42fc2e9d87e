import { EXIT } from "../sdk/index.ts";
import type { ExitCode } from "../sdk/index.ts";

/** One reason for a process to end with something else than 0. */
export interface ExitCondition {
  readonly code: ExitCode;
  /** A sentence without its full stop. */
  readonly reason: string;
}

/** The strongest first; partial and gate together are a code of their own. */
const PRECEDENCE: readonly ExitCode[] = [
  EXIT.usage,
  EXIT.store,
  EXIT.nothingRead,
  EXIT.bug,
  EXIT.partialAndGate,
  EXIT.partial,
  EXIT.gate,
  EXIT.delivery,
];

/**
 * The exit code of several conditions, by the precedence 2 > 7 > 6 > 1 > 5 > 4 > 3 > 8 > 0. A stop by signal
 * (129, 130, 143) and a busy inventory (75) end the run before it can have any other, so they win.
 */
export function chooseExit(conditions: readonly ExitCondition[], clean: string): ExitCondition {
  const stop = conditions.find(({ code }) => code >= EXIT.busy);
  if (stop !== undefined) return stop;
  const partial = conditions.find(({ code }) => code === EXIT.partial);
  const gate = conditions.find(({ code }) => code === EXIT.gate);
  const all =
    partial !== undefined && gate !== undefined
      ? [...conditions, { code: EXIT.partialAndGate, reason: `${partial.reason}; and ${gate.reason}` }]
      : conditions;
  for (const code of PRECEDENCE) {
    // Which of several came first is an accident; which is told must not be.
    const reasons = [...new Set(all.filter((condition) => condition.code === code).map(({ reason }) => reason))].sort();
    const [first, ...more] = reasons;
    if (first !== undefined)
      return { code, reason: more.length === 0 ? first : `${first}; and ${more.length} more of the kind` };
  }
  return { code: EXIT.ok, reason: clean };
}

/**
 * The exit code of a run that was told to stop. `reason` is the reason of the caller's `AbortSignal`: the signal's name,
 * or an object with it under `signal`; anything else counts as an interrupt.
 */
export function exitOfSignal(reason: unknown): ExitCondition {
  const name = typeof reason === "object" && reason !== null && "signal" in reason ? reason.signal : reason;
  const code = name === "SIGTERM" ? EXIT.terminated : name === "SIGHUP" ? EXIT.hangup : EXIT.interrupted;
  const shown = typeof name === "string" && /^SIG[A-Z]+$/.test(name) ? ` by ${name}` : "";
  return { code, reason: `stopped${shown}; what was committed is kept, and nothing was withdrawn or judged` };
}
