import { buildCommand, buildRouteMap } from "@stricli/core";
import type { PruneFlags } from "../commands/db.ts";
import { SHELLS } from "../completion-scripts.ts";
import type { Shell } from "../completion-scripts.ts";
import type { Context } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { GLOBAL, span } from "../flags.ts";
import { optionalWord, word } from "./words.ts";

const check = () =>
  buildCommand<GlobalFlags, [], Context>({
    loader: async () => (await import("../commands/db.ts")).check,
    parameters: { flags: GLOBAL },
    docs: { brief: "Check the file, the chain of digests and the views" },
  });

const backup = () =>
  buildCommand<GlobalFlags, [string | undefined], Context>({
    loader: async () => (await import("../commands/db.ts")).backup,
    parameters: {
      flags: GLOBAL,
      positional: { kind: "tuple", parameters: [optionalWord("FILE", "Where to; beside the inventory if left out")] },
    },
    docs: { brief: "Copy the inventory, while it is in use" },
  });

const prune = () =>
  buildCommand<PruneFlags, [], Context>({
    loader: async () => (await import("../commands/db.ts")).prune,
    parameters: {
      flags: {
        ...GLOBAL,
        keep: { kind: "parsed", parse: span, placeholder: "SPAN", brief: "How much history to keep: 365d" },
      },
    },
    docs: { brief: "Forget history that is older than --keep" },
  });

const restore = () =>
  buildCommand<GlobalFlags, [string], Context>({
    loader: async () => (await import("../commands/db.ts")).restore,
    parameters: { flags: GLOBAL, positional: { kind: "tuple", parameters: [word("FILE", "The backup")] } },
    docs: { brief: "Put a backup in the inventory's place, keeping what was there" },
  });

export const db = () =>
  buildRouteMap({
    routes: { check: check(), backup: backup(), prune: prune(), restore: restore() },
    docs: { brief: "Check, back up, prune and restore the inventory" },
  });

function shell(input: string): Shell {
  const found = SHELLS.find((name) => name === input);
  if (found === undefined) throw new Error(`"${input}" is not one of ${SHELLS.join(", ")}`);
  return found;
}

export const completion = () =>
  buildCommand<GlobalFlags, [Shell], Context>({
    loader: async () => (await import("../commands/completion.ts")).completion,
    parameters: {
      flags: GLOBAL,
      positional: {
        kind: "tuple",
        parameters: [
          { placeholder: "SHELL", brief: SHELLS.join(", "), parse: shell, proposeCompletions: () => SHELLS },
        ],
      },
    },
    docs: { brief: "Print a completion script for a shell" },
  });

export const complete = () =>
  buildCommand<GlobalFlags, readonly string[], Context>({
    loader: async () => (await import("../commands/completion.ts")).complete,
    parameters: { flags: GLOBAL, positional: { kind: "array", parameter: word("WORD", "The words so far") } },
    docs: { brief: "Propose words for a completion script" },
  });
