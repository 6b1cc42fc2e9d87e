import type { Reader, RunWriter } from "../../inventory/contract.ts";
import type { Instant } from "../../model/index.ts";
import { EXIT, isUserError } from "../../sdk/index.ts";
import type { ExitCondition } from "../exit.ts";
import type { ScanOptions } from "../contract.ts";

/** Thrown to unwind when the run stops: by the caller's signal, or because the store failed. */
export class RunStopped extends Error {
  override readonly name = "RunStopped";
}

/**
 * What all parts of one run share: the writer, the instant that everything is dated from, and the one switch that
 * stops it. A store that fails stops the run at once; a provider that fails never does.
 */
export class RunContext {
  readonly options: ScanOptions;
  readonly run: RunWriter;
  readonly reader: Reader;
  /** When the run began: the only present that collections and rules know. */
  readonly now: Instant;
  readonly conditions: ExitCondition[] = [];
  readonly #stop: AbortController;
  #fatal: unknown;

  /** @param stop ends everything that the run has under way; the doors hang on it too. */
  constructor(options: ScanOptions, run: RunWriter, stop: AbortController) {
    this.options = options;
    this.run = run;
    this.reader = options.inventory.reader;
    this.now = run.startedAt;
    this.#stop = stop;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** What ends the run and is nobody's to handle: the store's failure, or a bug of the engine itself. */
  get fatal(): unknown {
    return this.#fatal;
  }

  /**
   * Does something in the store. Its failure is nobody's to handle: the run ends with it.
   *
   * @throws {RunStopped}
   */
  store<Result>(work: () => Result): Result {
    this.throwIfStopped();
    try {
      return work();
    } catch (error) {
      this.fail(error);
      throw new RunStopped("the inventory failed", { cause: error });
    }
  }

  fail(error: unknown): void {
    this.#fatal ??= error;
    this.#stop.abort(error);
  }

  throwIfStopped(): void {
    if (this.signal.aborted) throw new RunStopped("the run was stopped");
  }

  /** Settles with `work`, or throws {@link RunStopped} as soon as the run stops, whatever `work` is waiting for. */
  async untilStopped<Result>(work: Promise<Result>): Promise<Result> {
    this.throwIfStopped();
    let onAbort: (() => void) | undefined;
    const stopped = new Promise<never>((_resolve, reject) => {
      onAbort = () => reject(new RunStopped("the run was stopped"));
      this.signal.addEventListener("abort", onAbort, { once: true });
    });
    try {
      return await Promise.race([work, stopped]);
    } finally {
      if (onAbort !== undefined) this.signal.removeEventListener("abort", onAbort);
      // When the race is lost, the work's own end must not surface as an unhandled rejection.
      work.catch(() => undefined);
    }
  }

  /**
   * Waits until all have ended, so that nothing writes behind the back of what comes next. A failure that is not a
   * stop is a bug of the engine: it stops the run.
   *
   * @throws the first failure.
   */
  async settleAll<Result>(work: readonly Promise<Result>[]): Promise<readonly Result[]> {
    const watched = work.map((promise) =>
      promise.catch((error: unknown) => {
        if (!(error instanceof RunStopped)) this.fail(error);
        throw error;
      }),
    );
    const ended = await Promise.allSettled(watched);
    return ended.map((outcome) => {
      if (outcome.status === "rejected") throw outcome.reason;
      return outcome.value;
    });
  }

  /**
   * Remembers what must show in the exit code: a bug (1), or something that the user can mend (its own code). A source
   * that could not be read at all says so in coverage, and whether others could decides between 6 and 4.
   */
  noteUnexpected(error: unknown, what: string): void {
    if (isUserError(error) && error.exit === EXIT.nothingRead) return;
    if (isUserError(error)) this.conditions.push({ code: error.exit, reason: error.message });
    else this.conditions.push({ code: 1, reason: `${what} failed unexpectedly, which is a bug` });
  }
}
