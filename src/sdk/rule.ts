import type { FactName, NhiRecord, Severity, UsageObservation, Coverage, Instant } from "../model/index.ts";

/**
 * A rule is data and two tiny functions. Its judgement has three values:
 *
 * - `fail`: `query` returned the subject;
 * - `unknown`: the subject belongs to the population, is not `settled`, and a fact in `needs` was not seen;
 * - pass: neither. Silence is a pass *only* because the engine checked the needs.
 *
 * The engine, not the author, derives `unknown`: it drops from `query`'s answer every subject whose needs are not
 * met, and reports the whole undecided population with the gap that hides it.
 *
 * SQL speaks to the documented views only, in the subset that SQLite and PostgreSQL share: integers for instants
 * (milliseconds) and booleans (0 and 1), `CASE`, CTEs, windows, `EXISTS`; no JSON functions, no `IIF`, no `GLOB`.
 * Values arrive as bound parameters: `@now` (when the scan began) and each of `params` by name. A duration parameter
 * (`unit: "days"`) arrives in milliseconds.
 *
 * @example
 * export default defineRule({
 *   id: "long-lived-static-credential",
 *   subject: "credential",
 *   population: "secrecy = 'static-secret' and kind <> 'password'",
 *   needs: ["credential.enabled", "credential.createdAt"],
 *   settled: "enabled = 0",
 *   query: `select urn as subject, identity, kind, created_at from credential where enabled = 1 and created_at < @now - @maxAge`,
 *   …
 * });
 */
export interface Rule {
  readonly id: string;
  readonly title: string;
  /** OWASP Non-Human Identities Top 10 (2025): `NHI7:2025`. */
  readonly owasp: readonly OwaspNhi[];
  readonly severity: Severity;
  readonly maturity: "stable" | "preview";
  /** Why it matters, for a reader who does not know yet: two or three sentences. */
  readonly rationale: string;
  /** Thresholds. A user may change them in the configuration; the page of the rule shows them. */
  readonly params: Readonly<Record<string, RuleParam>>;
  /** What is judged: the view that subjects come from. */
  readonly subject: RuleSubject;
  /**
   * The condition that makes a row of the subject's view a subject at all. May name only columns that are never
   * unknown (`always` in the table of facts, plus `provider`, `scope`, `nature`): a condition on a fact belongs in
   * `query` and the fact in `needs`.
   */
  readonly population: string;
  readonly needs: readonly Need[];
  /**
   * A condition over the subject's view that makes a subject pass whatever the other needs say (a disabled key is
   * not long-lived even if its age is unknown). A column that is unknown is NULL here, and NULL does not settle.
   */
  readonly settled?: string;
  /**
   * `select urn as subject, <why> as reason …`: subjects whose needs are met and that can still not be decided, because
   * what was seen does not tell (a sibling record whose state is unknown, a privilege that hangs on a condition). They
   * are unknown, unless `settled`. `query` must not return them.
   */
  readonly doubt?: string;
  /** `select urn as subject, <evidence columns> …`: the subjects that fail, one row each. */
  readonly query: string;
  /** Evidence columns that tell two findings of one subject apart. Never ages or counts. Part of the fingerprint. */
  readonly identity?: readonly string[];
  /** One sentence from a row of evidence (instants are numbers, `@now` is in `now`). */
  explain(row: EvidenceRow, params: Readonly<Record<string, number>>): string;
  /** Per provider (`"any"` for all): steps in safe order, each of which leaves things working if the next is never done. */
  readonly remediation: readonly Remediation[];
  /** What would make the finding go away, as one sentence. */
  readonly resolvedBy: string;
  readonly references: readonly string[];
}

export type RuleSubject = "identity" | "credential" | "trust" | "grant" | "anchor" | "permission-set";

export type OwaspNhi = `NHI${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10}:2025`;

export interface RuleParam {
  readonly default: number;
  readonly unit: "days" | "count" | "percent";
  readonly min: number;
  readonly max: number;
  readonly doc: string;
}

/**
 * - a fact of the subject's own type (`credential.createdAt` where the subject is a credential): that row must know it;
 * - anything else (`grant`, `owner`, `trust.externalId`): every collection that emits it must be complete in the
 *   subject's scope;
 * - usage with a window: the subject was seen used inside the window (that decides at once), or the observations
 *   cover the window (or the subject's whole life).
 */
export type Need = FactName | { readonly usage: "identity" | "credential"; readonly window: string };

export interface EvidenceRow extends Readonly<Record<string, unknown>> {
  readonly subject: string;
  readonly now: Instant;
}

export interface Remediation {
  readonly for: string;
  readonly steps: readonly string[];
  readonly docs: string;
}

export function defineRule(rule: Rule): Rule {
  return Object.freeze(rule);
}

/**
 * The smallest inventories on which a rule fails, passes and does not know. One generic test runs them all, on
 * SQLite and on PostgreSQL, and the rule's page prints them.
 */
export interface RuleExample {
  readonly name: string;
  /** When the scan began; {@link EXAMPLE_NOW} if left out. */
  readonly now?: Instant;
  readonly records: readonly (NhiRecord | UsageObservation)[];
  /** Collections that were not complete, by the facts that they hide. Everything else was seen. */
  readonly hidden?: readonly {
    readonly facts: readonly FactName[];
    readonly reason: string;
    readonly status?: Coverage["status"];
  }[];
  /** The verdict for every subject of the population: whole, so that a new subject cannot slip in. */
  readonly expect: Readonly<Record<string, "fail" | "pass" | "unknown">>;
}

export interface RuleExamples {
  readonly rule: Rule;
  readonly examples: readonly RuleExample[];
}

export function defineExamples(rule: Rule, examples: readonly RuleExample[]): RuleExamples {
  return { rule, examples };
}

/** 2026-01-01T00:00:00Z, the present of every example. */
export const EXAMPLE_NOW: Instant = Date.UTC(2026, 0, 1);
