import { SCANNERS } from "./catalog.ts";
import { EXIT } from "../sdk/errors.ts";
import type { Stream } from "./context.ts";
import { standardOutput } from "./standard-output.ts";
import { Output } from "./output.ts";
import { runCommandLine } from "./run.ts";
import { packageVersion } from "./version.ts";

const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** How long a command may take to put things in order after it was told to stop. */
const GRACE = 15_000;

/** `rollcall`, as the process runs it. Sets `process.exitCode` and lets the process end by itself, so no output is cut. */
export async function main(process: NodeJS.Process): Promise<void> {
  process.exitCode = await runRollcall(process.argv.slice(2), process);
}

/** One run in this process, with its streams, signals and environment. Resolves to the exit code. */
export async function runRollcall(inputs: readonly string[], process: NodeJS.Process): Promise<number> {
  const stdout = standardOutput(
    process,
    () => output.close(),
    (error) => {
      output.fail(error);
      if (!finished) return;
      // Too late for the command to say so, and the exit code may only be about to be set.
      setImmediate(() => {
        process.stderr.write("rollcall: Standard output cannot be written, so the answer is not whole\n");
        process.exitCode = EXIT.store;
      });
    },
  );
  let finished = false;
  const output = new Output(stdout);
  const interruption = new Interruption(process);
  const code = await runCommandLine(
    inputs,
    {
      stdout,
      stderr: lazyErrors(process),
      cwd: workingFolder(process),
      environment: process.env,
      setEnvironment: (variables) => void Object.assign(process.env, variables),
      now: Date.now,
      scanners: SCANNERS,
      version: packageVersion,
      actor: () => process.env["ROLLCALL_ACTOR"] ?? userName(),
      interruptible: () => interruption.listen(),
    },
    output,
  );
  interruption.done();
  finished = true;
  return interruption.code ?? code;
}

/** Standard error, opened when there is something to say: most runs have nothing, and opening it takes time. */
function lazyErrors(process: NodeJS.Process): Stream {
  let guarded = false;
  const open = (): NodeJS.WriteStream => {
    // Nobody reads the notes either; the data and the exit code still count.
    if (!guarded) process.stderr.on("error", () => {});
    guarded = true;
    return process.stderr;
  };
  return {
    write: (text) => open().write(text),
    get isTTY() {
      return open().isTTY;
    },
    get columns() {
      return open().columns;
    },
  };
}

/** Turns the first signal into an abort and the second into the end. */
class Interruption {
  readonly #process: NodeJS.Process;
  readonly #controller = new AbortController();
  #listening = false;
  code: number | undefined;

  constructor(process: NodeJS.Process) {
    this.#process = process;
  }

  listen(): AbortSignal {
    if (!this.#listening) {
      this.#listening = true;
      for (const signal of Object.keys(SIGNALS) as (keyof typeof SIGNALS)[]) this.#process.on(signal, this.#receive);
    }
    return this.#controller.signal;
  }

  done(): void {
    for (const signal of Object.keys(SIGNALS)) this.#process.removeListener(signal, this.#receive);
  }

  readonly #receive = (signal: keyof typeof SIGNALS): void => {
    const code = SIGNALS[signal];
    if (this.code !== undefined) this.#process.exit(code);
    this.code = code;
    this.#process.stderr.write(`\nrollcall: stopping; what is safe stays (${signal} again: stop at once)\n`);
    this.#controller.abort(Object.assign(new Error(`stopped by ${signal}`), { name: "AbortError", signal }));
    setTimeout(() => this.#process.exit(code), GRACE).unref();
  };
}

/** A folder that was deleted under the process has no name any more. */
function workingFolder(process: NodeJS.Process): string {
  try {
    return process.cwd();
  } catch {
    return "/";
  }
}

function userName(): string {
  try {
    return globalThis.process.getBuiltinModule("node:os").userInfo().username;
  } catch {
    return "unknown";
  }
}
