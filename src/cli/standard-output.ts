import type { Stream } from "./context.ts";

/**
 * Standard output. A pipe or a file is written directly: `process.stdout` loads all of Node's streams before it writes a
 * byte, which a short answer should not wait for, and on Linux it writes synchronously anyway. A terminal, and whatever
 * else it may be, stays with `process.stdout`.
 *
 * @param gone is called when nobody reads any more.
 */
export function standardOutput(process: NodeJS.Process, gone: () => void): Stream {
  return isPlain(process) ? new DirectOutput(process, gone) : streamed(process, gone);
}

function isPlain(process: NodeJS.Process): boolean {
  if (process.platform !== "linux") return false;
  try {
    const kind = process.getBuiltinModule("node:fs").fstatSync(1);
    return kind.isFIFO() || kind.isFile() || kind.isSocket();
  } catch {
    return false;
  }
}

function streamed(process: NodeJS.Process, gone: () => void): NodeJS.WriteStream {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    gone();
  });
  return process.stdout;
}

class DirectOutput implements Stream {
  readonly isTTY = false;
  readonly #process: NodeJS.Process;
  readonly #gone: () => void;
  /** From the moment on that the pipe was full and does not block: waiting for it is what streams are for. */
  #stream: NodeJS.WriteStream | undefined;

  constructor(process: NodeJS.Process, gone: () => void) {
    this.#process = process;
    this.#gone = gone;
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
        if (code === "EPIPE") {
          this.#gone();
          return true;
        }
        if (code !== "EAGAIN") throw error;
        this.#stream = streamed(this.#process, this.#gone);
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
