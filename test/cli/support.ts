import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { World } from "../../src/cli/run.ts";
import { runCommandLine } from "../../src/cli/run.ts";
import type { Environment } from "../../src/config/contract.ts";
import type { Scanner } from "../../src/sdk/index.ts";
import { tinyScanner } from "../engine/support/tiny-scanner.ts";

export const NOW = Date.UTC(2026, 0, 1);

/** What one run of `rollcall` left behind. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly environment?: Environment;
  readonly now?: number;
  /** Columns of the terminal that the output is; a pipe if left out. */
  readonly terminal?: number;
  readonly signal?: AbortSignal;
  /** Instead of the tiny provider's own. */
  readonly scanner?: Scanner;
}

/** A folder with a command line in it: real files, real inventory, the real engine; only the clock and the streams are ours. */
export class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), "rollcall-cli-"));

  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  async run(inputs: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const out: string[] = [];
    const err: string[] = [];
    const stream = (into: string[]) => ({
      write: (text: string) => {
        into.push(text);
        return true;
      },
      isTTY: options.terminal !== undefined,
      columns: options.terminal,
    });
    const world: World = {
      stdout: stream(out),
      stderr: stream(err),
      cwd: this.folder,
      environment: options.environment ?? {},
      setEnvironment: () => {},
      now: () => options.now ?? NOW,
      scanners: { tiny: async () => options.scanner ?? (tinyScanner as unknown as Scanner) },
      version: () => "0.0.0-test",
      actor: () => "tester",
      interruptible: () => options.signal ?? new AbortController().signal,
    };
    const code = await runCommandLine(inputs, world);
    return { code, stdout: out.join(""), stderr: err.join("") };
  }

  /** The documents of a `--json` output. */
  async json(
    inputs: readonly string[],
    options: RunOptions = {},
  ): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const { stdout, stderr, code } = await this.run([...inputs, "--json"], options);
    if (stdout === "" && code !== 0) throw new Error(`rollcall ${inputs.join(" ")} ended with ${code}: ${stderr}`);
    return stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
