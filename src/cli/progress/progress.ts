import type { ScanEvent } from "../../engine/contract.ts";
import type { Context } from "../context.ts";
import { LiveProgress } from "./live.ts";
import { PlainProgress } from "./plain.ts";

/** Tells the person how a scan goes, from the events of the engine alone. */
export interface Progress {
  receive(event: ScanEvent): void;
  /** Anything else that is to be said while it runs. */
  note(text: string): void;
  /** Leaves the terminal as it was. */
  end(): void;
}

/** A live region on a terminal; plain lines elsewhere, with `TERM=dumb`, in CI, and with `--debug`, whose lines would fight with it. */
export function progressFor(context: Context, options: { readonly debug: boolean }): Progress {
  const { stderr } = context.process;
  const live =
    stderr.isTTY === true && context.environment["TERM"] !== "dumb" && !context.environment["CI"] && !options.debug;
  return live
    ? new LiveProgress({
        write: (text) => void stderr.write(text),
        width: () => stderr.columns ?? 80,
        now: context.now,
      })
    : new PlainProgress(context.note, context.now);
}
