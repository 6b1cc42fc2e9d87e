import { ExitCode, run } from "@stricli/core";
import { EXIT } from "../sdk/errors.ts";
import { application } from "./app.ts";
import type { Context, Stream } from "./context.ts";
import { exitCodeOf, failureText } from "./failure.ts";
import { EXIT_CLOSED_PIPE, Output, OutputClosed } from "./output.ts";

/** The world that {@link runCommandLine} works in: a process's, or a test's. */
export interface World extends Omit<Context, "process" | "out" | "note" | "setExit"> {
  readonly stdout: Stream;
  readonly stderr: Stream;
}

/**
 * One run of `rollcall`.
 *
 * @returns the exit code, after all data has been handed to the output.
 */
export async function runCommandLine(
  inputs: readonly string[],
  world: World,
  output = new Output(world.stdout),
): Promise<number> {
  const { stdout, stderr, ...rest } = world;
  let wanted: number = EXIT.ok;
  const host: { stdout: Stream; stderr: Stream; env: Record<string, string>; exitCode?: number | string | null } = {
    stdout,
    stderr: new Quiet(stderr),
    env: { STRICLI_NO_COLOR: "1" },
  };
  const context: Context = {
    ...rest,
    process: host,
    out: output,
    note: (text) => void stderr.write(`${text}\n`),
    setExit: (code) => {
      wanted = code;
    },
  };
  await run(application(world.version, inputs[0]), inputs, context);
  const code = exitCode(host.exitCode);
  try {
    await output.flush();
  } catch (error) {
    if (!(error instanceof OutputClosed)) {
      // A command that failed has said why, and its own code is the stronger word.
      if (code !== EXIT.ok) return code;
      stderr.write(`${failureText(error, world.version)}\n`);
      return exitCodeOf(error);
    }
    return code === EXIT.ok && wanted === EXIT.ok ? EXIT_CLOSED_PIPE : code || wanted;
  }
  return code === EXIT.ok ? wanted : code;
}

/** The command line ends its own messages with a blank line where there is nothing to say. */
class Quiet implements Stream {
  readonly #stream: Stream;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  get isTTY(): boolean | undefined {
    return this.#stream.isTTY;
  }

  get columns(): number | undefined {
    return this.#stream.columns;
  }

  write(text: string): void {
    if (text.trim() !== "") this.#stream.write(text);
  }
}

/** Arguments that the command line could not make sense of are the person's to mend; its other troubles are ours. */
function exitCode(reported: number | string | null | undefined): number {
  const code = Number(reported ?? 0);
  if (code >= 0) return code;
  return code === ExitCode.UnknownCommand || code === ExitCode.InvalidArgument ? EXIT.usage : EXIT.bug;
}
