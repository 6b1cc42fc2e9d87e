import { ProviderError } from "../../sdk/index.ts";
import type { CallOptions, CallRange, Door, Attempt } from "../../sdk/index.ts";

/**
 * A door that counts the logical calls of one collection and closes when they leave the predicted range by a clear
 * margin: a scanner that suddenly asks a hundred times more than it said is stopped, not paid for.
 */
export interface MeteredDoor extends Door {
  /** Logical calls begun. */
  readonly calls: number;
  /** Those that gave an answer: pages, in a collection that pages. */
  readonly answers: number;
  /** The error of the call that was one too many; kept, because a collection may catch it. */
  readonly exceeded: ProviderError | undefined;
}

/** A first scan's prediction may be wide or off by a little; half as much again and ten is neither. */
export function callLimit(predicted: CallRange): number {
  return Math.floor(predicted.max * 1.5 + 10);
}

export function meteredDoor(door: Door, predicted: CallRange): MeteredDoor {
  const limit = callLimit(predicted);
  let calls = 0;
  let answers = 0;
  let exceeded: ProviderError | undefined;

  return {
    async call<Answer, Parsed = Answer>(
      operation: string,
      send: (attempt: Attempt) => Promise<Answer>,
      options: CallOptions<Answer, Parsed>,
    ): Promise<Parsed> {
      if (calls >= limit) {
        exceeded ??= new ProviderError(
          `${operation}: stopped after ${calls} calls, where ${predicted.min} to ${predicted.max} were predicted (${predicted.basis})`,
          {
            class: "limit",
            operation,
            remedy: "scan again: the prediction now knows more; if it stays wrong, report the scanner",
          },
        );
        throw exceeded;
      }
      calls += 1;
      const answer = await door.call(operation, send, options);
      answers += 1;
      return answer;
    },
    send: (request) => door.send(request),
    now: () => door.now(),
    get calls() {
      return calls;
    },
    get answers() {
      return answers;
    },
    get exceeded() {
      return exceeded;
    },
  };
}
