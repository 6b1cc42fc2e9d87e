import type { RunSummary } from "../../inventory/contract.ts";
import { SEVERITIES } from "../../model/index.ts";
import type { Coverage, Instant, Severity } from "../../model/index.ts";
import { EXIT } from "../../sdk/index.ts";
import type { ScanOptions, ScanResult, ScopeResult } from "../contract.ts";
import type { ExitCondition } from "../exit.ts";
import type { Evaluation } from "../judge/evaluate.ts";
import { VIEWS } from "../judge/needs.ts";
import { sumRanges } from "../predict.ts";
import type { RunContext } from "./context.ts";
import type { SourceOutcome } from "./source-run.ts";
import type { ScopeOutcome } from "./scope-run.ts";

export interface ResultInput {
  readonly context: RunContext;
  readonly outcomes: readonly SourceOutcome[];
  readonly evaluation: Evaluation | undefined;
  readonly exit: ExitCondition;
  readonly summary: RunSummary;
  readonly finishedAt: Instant;
}

export function resultOf({ context, outcomes, evaluation, exit, summary, finishedAt }: ResultInput): ScanResult {
  const { options, run } = context;
  const summaries = outcomes.flatMap(({ scopes }) => scopes.flatMap((scope) => scope.summaries));
  const total = (key: keyof (typeof summaries)[number]) => summaries.reduce((sum, one) => sum + one[key], 0);
  const calls = (key: keyof SourceOutcome["calls"]) => outcomes.reduce((sum, outcome) => sum + outcome.calls[key], 0);
  return {
    run: run.run,
    resumed: run.resumed,
    startedAt: run.startedAt,
    finishedAt,
    exit: { code: exit.code, reason: exit.reason },
    scopes: scopeResults(options, outcomes),
    changes: {
      added: total("added"),
      changed: total("changed"),
      missing: total("missing"),
      withdrawn: total("withdrawn"),
      suspected: total("suspected"),
    },
    versionsWritten: summary.versionsWritten,
    findings: {
      open:
        evaluation?.open ??
        (Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<Severity, number>),
      unknown: evaluation?.unknown ?? 0,
      opened: evaluation?.opened ?? 0,
      resolved: evaluation?.resolved ?? 0,
    },
    calls: {
      logical: calls("logical"),
      requests: calls("requests"),
      retries: calls("retries"),
      throttled: calls("throttled"),
      bytes: calls("bytes"),
      predicted: sumRanges(outcomes.flatMap(({ predicted }) => predicted)),
    },
    digest: summary.digest,
  };
}

/** Scopes in the order of their listing; a listing that was short stands before them, for what it may hide. */
function scopeResults(options: ScanOptions, outcomes: readonly SourceOutcome[]): readonly ScopeResult[] {
  return outcomes.flatMap(({ listing, scopes }) => [
    ...(listing.status === "complete" ? [] : [{ ...listing, allowed: isAllowed(options, listing) }]),
    ...scopes.map((outcome): ScopeResult => {
      const { id, title, urn } = outcome.scope;
      const status = scopeStatus(outcome);
      const allowed = (status === "partial" || status === "failed") && isAllowed(options, { id, urn });
      return { scanner: outcome.scanner, urn, id, title, status, allowed, collections: outcome.coverage };
    }),
  ]);
}

function isAllowed({ allowPartial }: ScanOptions, scope: { readonly id: string; readonly urn: string }): boolean {
  return allowPartial?.some((allowed) => allowed === "*" || allowed === scope.id || allowed === scope.urn) ?? false;
}

/** What the configuration left out is no shortfall; everything else that was not seen is. */
function isShort(coverage: Coverage): boolean {
  if (coverage.status === "partial") return true;
  return coverage.status === "not-attempted" && coverage.gaps.some((gap) => gap.class !== "opt-in");
}

function scopeStatus({ scope, coverage }: ScopeOutcome): ScopeResult["status"] {
  if (scope.skip?.status === "not-applicable") return "not-applicable";
  if (!coverage.some(isShort)) return scope.skip === undefined ? "complete" : "skipped";
  const read = coverage.some(({ status, items }) => status === "complete" || items > 0);
  return read ? "partial" : "failed";
}

/**
 * Scopes with records that the mass-change guard holds back. A resumed run does not know what its first attempt held
 * back, so there the views are asked.
 */
export function suspectedScopes(context: RunContext, outcomes: readonly SourceOutcome[]): readonly string[] {
  const named = outcomes.flatMap(({ scopes }) =>
    scopes.filter(({ summaries }) => summaries.some(({ suspected }) => suspected > 0)).map(({ scope }) => scope.title),
  );
  const views = context.run.resumed ? Object.values(VIEWS) : [VIEWS.scope];
  const titles = new Map(
    outcomes.flatMap(({ scopes }) => scopes.map(({ scope }) => [scope.urn, scope.title] as const)),
  );
  const held = views.flatMap((view) =>
    context.reader
      .select<{ scope: string }>(`select distinct scope from ${view} where presence = 'suspected'`)
      .map(({ scope }) => titles.get(scope) ?? scope),
  );
  return [...new Set([...named, ...held])];
}

export interface ConditionsInput {
  readonly options: ScanOptions;
  readonly outcomes: readonly SourceOutcome[];
  readonly evaluation: Pick<Evaluation, "open">;
  /** Titles of scopes in which a mass disappearance is held back. */
  readonly suspected: readonly string[];
}

/** Every reason, apart from bugs, why this scan does not end with 0. */
export function conditionsOf({ options, outcomes, evaluation, suspected }: ConditionsInput): readonly ExitCondition[] {
  const results = scopeResults(options, outcomes);
  const conditions: ExitCondition[] = [];

  for (const wanted of options.onlyScopes ?? []) {
    const listed = outcomes.flatMap((outcome) => outcome.listed);
    const found = listed.some(({ id, urn }) => id === wanted || urn === wanted);
    if (!found && outcomes.every(({ listedCompletely }) => listedCompletely)) {
      conditions.push({
        code: EXIT.usage,
        reason: `no scope is called ${wanted}; there are ${names(listed.map(({ id }) => id))}`,
      });
    }
  }

  const short = results.filter(({ status }) => status === "partial" || status === "failed");
  const attempted = results.filter(({ status }) => status !== "skipped" && status !== "not-applicable");
  if (short.length > 0 && attempted.every(({ status }) => status === "failed")) {
    conditions.push({ code: EXIT.nothingRead, reason: `nothing could be read: ${names(short.map(describe))}` });
  }
  const counted = short.filter(({ allowed }) => !allowed);
  if (counted.length > 0) {
    conditions.push({
      code: EXIT.partial,
      reason: `${counted.length} of ${results.length} scopes ${counted.length === 1 ? "is" : "are"} incomplete: ${names(counted.map(describe))}`,
    });
  } else if (suspected.length > 0) {
    conditions.push({
      code: EXIT.partial,
      reason: `a mass disappearance is held back in ${names(suspected)} until a second complete scan or --accept-mass-change`,
    });
  }

  const gate = gateOf(options, evaluation);
  if (gate !== undefined) conditions.push(gate);
  return conditions;
}

/** Why nothing stands against an exit of 0: what was seen, what was accepted, and what nobody was to look at. */
export function cleanSentence({ options, outcomes, evaluation }: Omit<ConditionsInput, "suspected">): string {
  const results = scopeResults(options, outcomes);
  const count = (...statuses: readonly ScopeResult["status"][]) =>
    results.filter(({ status }) => statuses.includes(status)).length;
  const seen = count("complete");
  const rest: readonly (readonly [number, string])[] = [
    [count("partial", "failed"), "incomplete and accepted"],
    [count("not-applicable"), "closed or suspended"],
    [count("skipped"), "left out by the configuration"],
  ];
  const parts = [
    `${seen} of ${results.length} scopes ${seen === 1 ? "was" : "were"} seen completely, as far as the configuration asks`,
    ...rest.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`),
  ];
  const sentence = parts.join("; ");
  if (options.failOn === undefined) return sentence;
  const open = Object.values(evaluation.open).reduce((sum, severity) => sum + severity, 0);
  return `${sentence}; none of ${open} open findings is ${options.failOn} or worse`;
}

function gateOf({ failOn }: ScanOptions, { open }: Pick<Evaluation, "open">): ExitCondition | undefined {
  if (failOn === undefined) return undefined;
  const tripping = SEVERITIES.slice(SEVERITIES.indexOf(failOn)).reduce((sum, severity) => sum + open[severity], 0);
  if (tripping === 0) return undefined;
  return { code: EXIT.gate, reason: `${tripping} open finding${tripping === 1 ? " is" : "s are"} ${failOn} or worse` };
}

function describe(scope: ScopeResult): string {
  const classes = new Set(
    scope.collections.flatMap(({ gaps }) => gaps.map((gap) => gap.class)).filter((gapClass) => gapClass !== "opt-in"),
  );
  return `${scope.title} (${[...classes].join(", ")})`;
}

/** Names as a person lists them; a long list is cut, never the count that stands before it. */
function names(all: readonly string[]): string {
  const shown = all.slice(0, 5).join(", ");
  if (all.length === 0) return "none";
  return all.length > 5 ? `${shown} and ${all.length - 5} more` : shown;
}
