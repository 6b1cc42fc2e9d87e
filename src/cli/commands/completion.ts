import { proposeCompletions } from "@stricli/core";
import type { Application } from "@stricli/core";
import { application } from "../app.ts";
import { completionScript } from "../completion-scripts.ts";
import type { Shell } from "../completion-scripts.ts";
import type { Context } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";

/** `rollcall completion SHELL`: a script for the shell to read; it changes no file of anybody's. */
export async function completion(this: Context, _flags: GlobalFlags, shell: Shell): Promise<void> {
  await this.out.text(completionScript(shell));
}

/** `rollcall complete -- WORD…`: what the last word may become, one per line. The scripts call it. */
export async function complete(this: Context, _flags: GlobalFlags, ...words: readonly string[]): Promise<void> {
  const app = application(this.version);
  const proposals = await proposeCompletions(app, words, this);
  const found = [...subcommands(app.root, words), ...proposals.map((proposal) => proposal.completion)];
  for (const word of new Set(found)) await this.out.line(word);
}

/** Where a group of commands does something by itself (`rollcall findings`), its subcommands are proposed as well. */
function subcommands(root: Application<Context>["root"], words: readonly string[]): readonly string[] {
  const partial = words.at(-1) ?? "";
  let target: typeof root | undefined = root;
  for (const word of words.slice(0, -1)) {
    if (target === undefined || !("getAllEntries" in target)) return [];
    target = target.getRoutingTargetForInput(word);
  }
  if (target === undefined || target === root || !("getAllEntries" in target)) return [];
  return target
    .getAllEntries()
    .flatMap(({ name, hidden }) => (!hidden && name.original.startsWith(partial) ? [name.original] : []));
}
