import { buildCommand } from "@stricli/core";
import { SEVERITIES } from "../../model/kinds.ts";
import type { PermissionsFlags } from "../commands/permissions.ts";
import type { PlanFlags } from "../commands/plan.ts";
import type { ScanFlags } from "../commands/scan.ts";
import type { Context } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { GLOBAL, several, switched } from "../flags.ts";
import { word } from "./words.ts";

const SOURCES = {
  kind: "array",
  parameter: word("SOURCE", "Source of the configuration; all of them if left out"),
} as const;
const SCOPE = several("SCOPE", "Only these scopes, by id or URN");

export const init = () =>
  buildCommand<GlobalFlags, [], Context>({
    loader: async () => (await import("../commands/init.ts")).init,
    parameters: { flags: GLOBAL },
    docs: { brief: "Write a commented rollcall.yaml from what this machine has" },
  });

export const doctor = () =>
  buildCommand<GlobalFlags, readonly string[], Context>({
    loader: async () => (await import("../commands/doctor.ts")).doctor,
    parameters: { flags: GLOBAL, positional: SOURCES },
    docs: { brief: "Check each source: who am I, may I, can I" },
  });

export const plan = () =>
  buildCommand<PlanFlags, readonly string[], Context>({
    loader: async () => (await import("../commands/plan.ts")).plan,
    parameters: { flags: { ...GLOBAL, scope: SCOPE }, positional: SOURCES },
    docs: { brief: "Predict the calls, minutes and permissions of a scan" },
  });

export const permissions = () =>
  buildCommand<PermissionsFlags, [string], Context>({
    loader: async () => (await import("../commands/permissions.ts")).permissions,
    parameters: {
      flags: { ...GLOBAL, deep: several("COLLECTION", "Include these opt-in collections") },
      positional: { kind: "tuple", parameters: [word("SCANNER", "aws, …")] },
    },
    docs: { brief: "Print the least-privilege policy that a scan needs" },
  });

export const scan = () =>
  buildCommand<ScanFlags, readonly string[], Context>({
    loader: async () => (await import("../commands/scan.ts")).scan,
    parameters: {
      flags: {
        ...GLOBAL,
        failOn: {
          kind: "enum",
          values: SEVERITIES,
          optional: true,
          brief: "End with 3 if an open finding is this severe or worse",
        },
        allowPartial: several("SCOPE", "Accept that these scopes are not complete; * for all"),
        acceptMassChange: switched("Believe that so many things are gone"),
        scope: SCOPE,
      },
      positional: SOURCES,
    },
    docs: { brief: "Read the sources into the inventory, and judge what was found" },
  });
