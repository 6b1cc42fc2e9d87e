import type { CommandContext } from "@stricli/core";
import type { ScannerCatalog } from "../config/sources.ts";
import type { Environment } from "../config/contract.ts";
import type { Instant } from "../sdk/index.ts";
import type { Output } from "./output.ts";

/**
 * Everything that a command touches of the world outside: streams, environment, clock, signals, scanners. Tests bring
 * their own, so a command runs in a test exactly as in a process.
 */
export interface Context extends CommandContext {
  readonly process: { readonly stdout: Stream; readonly stderr: Stream };
  /** Data: what a pipe reads. */
  readonly out: Output;
  /** Everything said to the person: progress, hints, problems. */
  readonly note: (text: string) => void;
  readonly cwd: string;
  readonly environment: Environment;
  /** Sets variables of the process, for the credential chain of a provider's SDK. */
  readonly setEnvironment: (variables: Readonly<Record<string, string>>) => void;
  readonly now: () => Instant;
  readonly scanners: ScannerCatalog;
  readonly version: () => string;
  /** Who acts, for the history of findings. */
  readonly actor: () => string;
  /** From the first call on, a hangup, interrupt or termination aborts this instead of killing the process. */
  readonly interruptible: () => AbortSignal;
  /** The exit code of a command that ends well and still has something to say. */
  readonly setExit: (code: number) => void;
}

/** What is used of a process's stream. */
export interface Stream {
  write(text: string, done?: () => void): boolean | void;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  once?(event: "drain" | "error" | "close", listener: () => void): unknown;
  removeListener?(event: "drain" | "error" | "close", listener: () => void): unknown;
}
