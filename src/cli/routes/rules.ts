import { buildCommand, buildRouteMap } from "@stricli/core";
import type { Context } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { GLOBAL } from "../flags.ts";
import { optionalWord, word } from "./words.ts";

const list = () =>
  buildCommand<GlobalFlags, [], Context>({
    loader: async () => (await import("../commands/rules.ts")).rules,
    parameters: { flags: GLOBAL },
    docs: { brief: "List the rules with their settings" },
  });

const show = () =>
  buildCommand<GlobalFlags, [string], Context>({
    loader: async () => (await import("../commands/rules.ts")).showRule,
    parameters: { flags: GLOBAL, positional: { kind: "tuple", parameters: [word("ID", "The rule's id")] } },
    docs: { brief: "Explain a rule: why, what it needs, its parameters, what to do" },
  });

const test = () =>
  buildCommand<GlobalFlags, [string | undefined], Context>({
    loader: async () => (await import("../commands/rules-test.ts")).testRules,
    parameters: {
      flags: GLOBAL,
      positional: {
        kind: "tuple",
        parameters: [optionalWord("FOLDER", "Folder of rules; those of the configuration if left out")],
      },
    },
    docs: { brief: "Check rules of your own: their form, and their examples" },
  });

export const rules = () =>
  buildRouteMap({
    routes: { list: list(), show: show(), test: test() },
    defaultCommand: "list",
    docs: { brief: "List, explain and test rules" },
  });
