import type { Stream } from "./context.ts";

/**
 * Standard output. A pipe or a file is written directly: `process.stdout` loads all of Node's streams before it writes a
 * byte, which a short answer should not wait for, and on Linux it writes synchronously anyway. A terminal, and whatever
 * else it may be, stays with `process.stdout`.
 *
 * @param gone is called when nobody reads any more.
 * @param failed is called when it cannot be written.
 */
export function standardOutput(process: NodeJS.Process, gone: () => void, failed: (error: Error) => void): Stream {
  const ended = (error: Error): void => {
    if ((error as NodeJS.ErrnoException).code === "EPIPE") gone();
    else failed(error);
  };
  return isPlain(process) ? new DirectOutput(process, ended) : streamed(process, ended);
}

function isPlain(process: NodeJS.Process): boolean {
  if (process.platform !== "linux") return false;
  try {
    const kind = process.getBuiltinModule("node:fs").fstatSync(1);
    if (kind.isCharacterDevice()) return !process.getBuiltinModule("node:tty").isatty(1);
    return kind.isFIFO() || kind.isFile() || kind.isSocket();
  } catch {
    return false;
  }
}

type Ended = (error: Error) => void;

function streamed(process: NodeJS.Process, ended: Ended): NodeJS.WriteStream {
  process.stdout.on("error", ended);
  return process.stdout;
}

class DirectOutput implements Stream {
  readonly isTTY = false;
  readonly #process: NodeJS.Process;
  readonly #ended: Ended;
  /** From the moment on that the pipe was full and does not block: waiting for it is what streams are for. */
  #stream: NodeJS.WriteStream | undefined;

  constructor(process: NodeJS.Process, ended: Ended) {
    this.#process = process;
    this.#ended = ended;
  }

  write(text: string): boolean {
    if (this.#stream !== undefined) return this.#stream.write(text);
    const fs = this.#process.getBuiltinModule("node:fs");
    let left: Uint8Array = Buffer.from(text);
    while (left.length > 0) {
      try {
        left = left.subarray(fs.writeSync(1, left));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== "EAGAIN") {
          this.#ended(error as Error);
          return true;
        }
        this.#stream = streamed(this.#process, this.#ended);
        return this.#stream.write(left);
      }
    }
    return true;
  }

  once(event: "drain" | "error" | "close", listener: () => void): void {
    this.#stream?.once(event, listener);
  }

  removeListener(event: "drain" | "error" | "close", listener: () => void): void {
    this.#stream?.removeListener(event, listener);
  }
}
