import type { CollectionSummary, Inventory, JudgementSummary } from "../inventory/contract.ts";
import type { Coverage, Instant, Severity, Urn } from "../model/index.ts";
import type { CallRange, ExitCode, Rule, Scanner, Scope } from "../sdk/index.ts";

/** One source of the configuration: a scanner and its validated settings. */
export interface Source {
  readonly scanner: Scanner;
  readonly config: unknown;
  /** Opt-in collections that the configuration asks for. */
  readonly deep: readonly string[];
}

export interface RuleSetting {
  readonly rule: Rule;
  readonly enabled: boolean;
  readonly severity: Severity;
  /** By name, in the parameter's own unit (days). */
  readonly params: Readonly<Record<string, number>>;
}

/** How the process reaches the network: the same for every scanner. */
export interface Network {
  readonly proxy?: string | undefined;
  readonly noProxy?: readonly string[] | undefined;
  /** PEM text of further certificate authorities. */
  readonly ca?: string | undefined;
  /** The share of a provider's quota that may be used, above 0 and at most 1. 0.5 if left out: polite. */
  readonly share?: number | undefined;
  readonly deadline?: number | undefined;
}

export interface ScanOptions {
  readonly inventory: Inventory;
  readonly sources: readonly Source[];
  readonly rules: readonly RuleSetting[];
  readonly network: Network;
  readonly version: string;
  readonly now: () => Instant;
  readonly signal: AbortSignal;
  readonly onEvent: (event: ScanEvent) => void;
  /** Every provider call with its timing, for `--debug`; nothing secret. */
  readonly onCall?: (call: CallTrace) => void;
  readonly failOn?: Severity | undefined;
  /** Scope ids or URNs whose partial coverage is accepted; `"*"`: all. */
  readonly allowPartial?: readonly string[];
  readonly acceptMassChange?: boolean;
  /** Scope ids to scan; all if left out. */
  readonly onlyScopes?: readonly string[];
}

/** Events are noun-verb and plain data: the terminal, the plain log and the tests read the same stream. */
export type ScanEvent =
  | {
      readonly type: "run-started";
      readonly run: number;
      readonly resumed: boolean;
      readonly sources: readonly string[];
    }
  | { readonly type: "scope-found"; readonly scanner: string; readonly scope: Scope }
  | {
      readonly type: "collection-started";
      readonly scanner: string;
      readonly scope: Scope;
      readonly collection: string;
      readonly calls: CallRange;
    }
  | {
      readonly type: "collection-advanced";
      readonly scanner: string;
      readonly scope: Scope;
      readonly collection: string;
      readonly items: number;
      readonly pages: number;
      readonly done?: number;
      readonly total?: number;
    }
  | {
      readonly type: "collection-finished";
      readonly scanner: string;
      readonly scope: Scope;
      readonly coverage: Coverage;
      readonly summary: CollectionSummary;
    }
  | {
      readonly type: "call-waiting";
      readonly operation: string;
      readonly bucket: string;
      readonly reason: "throttled" | "pace" | "retry";
      readonly wait: number;
    }
  | { readonly type: "rules-started"; readonly count: number }
  | { readonly type: "rule-judged"; readonly summary: JudgementSummary }
  | { readonly type: "run-finished"; readonly result: ScanResult };

export interface CallTrace {
  readonly at: Instant;
  readonly operation: string;
  readonly bucket: string;
  readonly attempt: number;
  readonly status: number | undefined;
  readonly outcome: "ok" | "retry" | "poll" | "failed";
  readonly class?: string;
  readonly code?: string;
  readonly milliseconds: number;
  readonly bytes: number;
  readonly waited: number;
}

export interface ScanResult {
  readonly run: number;
  readonly resumed: boolean;
  readonly startedAt: Instant;
  readonly finishedAt: Instant;
  readonly exit: { readonly code: ExitCode; readonly reason: string };
  readonly scopes: readonly ScopeResult[];
  readonly changes: {
    readonly added: number;
    readonly changed: number;
    readonly missing: number;
    readonly withdrawn: number;
    readonly suspected: number;
  };
  readonly versionsWritten: number;
  readonly findings: {
    readonly open: Readonly<Record<Severity, number>>;
    readonly unknown: number;
    readonly opened: number;
    readonly resolved: number;
  };
  readonly calls: {
    readonly logical: number;
    readonly requests: number;
    readonly retries: number;
    readonly throttled: number;
    readonly bytes: number;
    readonly predicted: CallRange;
  };
  readonly digest: string;
}

export interface ScopeResult {
  readonly scanner: string;
  readonly urn: Urn;
  readonly id: string;
  readonly title: string;
  readonly status: "complete" | "partial" | "failed" | "skipped" | "not-applicable";
  /** Accepted by `--allow-partial`. */
  readonly allowed: boolean;
  readonly collections: readonly Coverage[];
}

export interface ScanPlan {
  readonly scopes: readonly {
    readonly scanner: string;
    readonly scope: Scope;
    readonly collections: readonly {
      readonly collection: string;
      readonly calls: CallRange;
      readonly optIn: boolean;
      readonly selected: boolean;
    }[];
    readonly calls: CallRange;
  }[];
  readonly calls: CallRange;
  /** At the polite share of the provider's usual limits. */
  readonly minutes: { readonly min: number; readonly max: number; readonly basis: string };
}
