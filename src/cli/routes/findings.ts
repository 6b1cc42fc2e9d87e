import { buildCommand, buildRouteMap } from "@stricli/core";
import type { DecideFlags, SuppressFlags } from "../commands/decide.ts";
import type { Context } from "../context.ts";
import { GLOBAL, optionalText, time } from "../flags.ts";
import { findings as list } from "./lists.ts";
import { word } from "./words.ts";

const DECISION = {
  ...GLOBAL,
  reason: { kind: "parsed", parse: String, placeholder: "TEXT", brief: "Why, for the history" },
  by: optionalText("WHO", "Who decides (ROLLCALL_ACTOR; the user of this machine)"),
} as const;

const FINDINGS = {
  kind: "array",
  minimum: 1,
  parameter: word("FINDING", "Fingerprint, or its first 8 characters or more"),
} as const;

const ack = () =>
  buildCommand<DecideFlags, readonly string[], Context>({
    loader: async () => (await import("../commands/decide.ts")).acknowledge,
    parameters: { flags: DECISION, positional: FINDINGS },
    docs: { brief: "Put a name on findings: somebody takes care" },
  });

const suppress = () =>
  buildCommand<SuppressFlags, readonly string[], Context>({
    loader: async () => (await import("../commands/decide.ts")).suppress,
    parameters: {
      flags: {
        ...DECISION,
        until: {
          kind: "parsed",
          parse: time,
          placeholder: "TIME",
          brief: "When it comes back: a date, or 90d from now",
        },
      },
      positional: FINDINGS,
    },
    docs: { brief: "Set findings aside until a date" },
  });

const reopen = () =>
  buildCommand<DecideFlags, readonly string[], Context>({
    loader: async () => (await import("../commands/decide.ts")).reopen,
    parameters: { flags: DECISION, positional: FINDINGS },
    docs: { brief: "Take a decision back" },
  });

export const findings = () =>
  buildRouteMap({
    routes: { list: list(), ack: ack(), suppress: suppress(), reopen: reopen() },
    defaultCommand: "list",
    docs: {
      brief: "List findings; acknowledge, suppress or reopen them",
      fullDescription:
        "List findings; acknowledge, suppress or reopen them.\n\nAlone it lists: `rollcall findings --severity high,critical`. `rollcall findings list --help` shows the filters.",
    },
  });
