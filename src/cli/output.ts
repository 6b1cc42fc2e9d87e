import { EXIT, UserError } from "../sdk/errors.ts";
import type { Stream } from "./context.ts";

/** Whoever read the output went away (`| head`): nothing is wrong, and there is nobody left to write to. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

/** What Unix programs end with when the reader of their output has gone: 128 + SIGPIPE. */
export const EXIT_CLOSED_PIPE = 141;

const CHUNK = 64 * 1024;

/**
 * Standard output for data: gathers lines into chunks, waits where the reader is slow (so memory does not grow with
 * the inventory), and stops the command where the reader has gone.
 */
export class Output {
  readonly #stream: Stream;
  #pending: string[] = [];
  #size = 0;
  #closed = false;
  #failure: Error | undefined;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  get terminal(): boolean {
    return this.#stream.isTTY === true;
  }

  /** Columns of the terminal; `undefined` where the output is a pipe or a file. */
  get width(): number | undefined {
    return this.terminal ? (this.#stream.columns ?? 80) : undefined;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The stream reported that its reader is gone. */
  close(): void {
    this.#closed = true;
  }

  /** The stream reported that it cannot be written: a full disk, a broken device. */
  fail(error: Error): void {
    this.#failure ??= error;
  }

  /** @throws {OutputClosed} or as {@link flush} */
  async line(text: string): Promise<void> {
    await this.text(`${text}\n`);
  }

  /** @throws {OutputClosed} or as {@link flush} */
  async text(text: string): Promise<void> {
    this.#pending.push(text);
    this.#size += text.length;
    if (this.#size >= CHUNK) await this.flush();
  }

  /**
   * @throws {OutputClosed}
   * @throws {UserError} exit 7 where the output cannot be written.
   */
  async flush(): Promise<void> {
    this.#check();
    if (this.#pending.length === 0) return;
    const chunk = this.#pending.join("");
    this.#pending = [];
    this.#size = 0;
    try {
      if (this.#stream.write(chunk) === false) await this.#drained();
    } catch (error) {
      this.fail(error as Error);
    }
    this.#check();
  }

  #check(): void {
    if (this.#closed) throw new OutputClosed("nobody reads the output");
    if (this.#failure === undefined) return;
    throw new UserError(`Standard output cannot be written, so the answer is not whole: ${this.#failure.message}`, {
      exit: EXIT.store,
      next: "make room there, or write somewhere else",
    });
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const stream = this.#stream;
      if (stream.once === undefined) return resolve();
      const done = (): void => {
        for (const event of ["drain", "error", "close"] as const) stream.removeListener?.(event, done);
        resolve();
      };
      for (const event of ["drain", "error", "close"] as const) stream.once(event, done);
    });
  }
}
