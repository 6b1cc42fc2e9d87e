import { buildCommand } from "@stricli/core";
import { NATURES, SECRECIES, SEVERITIES, TIERS } from "../../model/kinds.ts";
import type { ChangesFlags } from "../commands/changes.ts";
import type { CoverageFlags } from "../commands/coverage.ts";
import type { CredentialsFlags } from "../commands/credentials.ts";
import type { FindingsFlags } from "../commands/findings.ts";
import type { IdentitiesFlags } from "../commands/identities.ts";
import type { Context } from "../context.ts";
import { LIST, optionalText, positive, several, span, switched, time } from "../flags.ts";

const PROVIDER = several("PROVIDER", "Only of these providers");
const SCOPE = several("SCOPE", "Only in these scopes: id, name or URN");
const KIND = several("KIND", "Only of these kinds, in the provider's words");
const STALE = {
  kind: "parsed",
  parse: span,
  optional: true,
  placeholder: "SPAN",
  brief: "Proven unused for so long: 90d",
} as const;

function choice<Value extends string>(values: readonly Value[], brief: string) {
  return { kind: "enum", values, optional: true, variadic: ",", brief } as const;
}

export const identities = () =>
  buildCommand<IdentitiesFlags, [], Context>({
    loader: async () => (await import("../commands/identities.ts")).identities,
    parameters: {
      flags: {
        ...LIST,
        provider: PROVIDER,
        scope: SCOPE,
        kind: KIND,
        nature: choice(NATURES, "Only of these natures"),
        privilege: choice(TIERS, "Only of these tiers of privilege"),
        environment: several("NAME", "Only of these environments"),
        owner: optionalText("OWNER", "Only what this person or team owns"),
        unowned: switched("Only what nobody is known to own"),
        name: optionalText("TEXT", "Only where the name has this in it; * stands for anything"),
        tag: optionalText("KEY[=VALUE]", "Only with this tag"),
        stale: STALE,
      },
    },
    docs: { brief: "List identities" },
  });

export const credentials = () =>
  buildCommand<CredentialsFlags, [], Context>({
    loader: async () => (await import("../commands/credentials.ts")).credentials,
    parameters: {
      flags: {
        ...LIST,
        provider: PROVIDER,
        scope: SCOPE,
        kind: KIND,
        secrecy: choice(SECRECIES, "Only of these kinds of secret"),
        identity: optionalText("NAME", "Only of this identity"),
        enabled: {
          kind: "boolean",
          optional: true,
          brief: "Only those that are accepted now; --no-enabled for the others",
        },
        expired: switched("Only those past their expiry"),
        stale: STALE,
      },
    },
    docs: { brief: "List credentials" },
  });

const STATES = ["open", "acknowledged", "suppressed", "resolved", "reopened"] as const;

export const findings = () =>
  buildCommand<FindingsFlags, [], Context>({
    loader: async () => (await import("../commands/findings.ts")).findings,
    parameters: {
      flags: {
        ...LIST,
        provider: PROVIDER,
        scope: SCOPE,
        rule: several("RULE", "Only of these rules"),
        severity: choice(SEVERITIES, "Only of these severities"),
        atLeast: { kind: "enum", values: SEVERITIES, optional: true, brief: "Only of this severity and above" },
        state: choice(STATES, "Only in these states (open, reopened and acknowledged unless told otherwise)"),
        verdict: {
          kind: "enum",
          values: ["fail", "unknown"],
          optional: true,
          brief: "Only failures, or only what could not be decided",
        },
        identity: optionalText("NAME", "Only about this identity"),
        nature: choice(NATURES, "Only about identities of these natures"),
        owner: optionalText("OWNER", "Only about what this person or team owns"),
        all: switched("In every state, resolved and suppressed as well"),
      },
    },
    docs: { brief: "List findings" },
  });

const STATUSES = ["complete", "partial", "not-attempted", "not-applicable"] as const;

export const coverage = () =>
  buildCommand<CoverageFlags, [], Context>({
    loader: async () => (await import("../commands/coverage.ts")).coverage,
    parameters: {
      flags: {
        ...LIST,
        scanner: several("SCANNER", "Only of these scanners"),
        scope: SCOPE,
        collection: several("COLLECTION", "Only of these collections"),
        status: choice(STATUSES, "Only of these statuses"),
      },
    },
    docs: { brief: "Show what was seen, what was not, and why" },
  });

export const changes = () =>
  buildCommand<ChangesFlags, [], Context>({
    loader: async () => (await import("../commands/changes.ts")).changes,
    parameters: {
      flags: {
        ...LIST,
        since: { kind: "parsed", parse: time, optional: true, placeholder: "TIME", brief: "Only from then on" },
        until: { kind: "parsed", parse: time, optional: true, placeholder: "TIME", brief: "Only before then" },
        run: { kind: "parsed", parse: positive, optional: true, placeholder: "RUN", brief: "Only of this run" },
        change: several("CHANGE", "Only these changes: added, changed, withdrawn, …"),
        type: several("TYPE", "Only of these record types"),
        kind: KIND,
        scope: SCOPE,
      },
    },
    docs: { brief: "List what changed, newest first" },
  });
