import type { Coverage, Finding, Instant, NhiRecord, RecordType, Tier, Urn, UsageObservation } from "../model/index.ts";

/**
 * The inventory: one SQLite file, and the only code that opens it. The engine writes through {@link Writer}; rules,
 * reports, the command line and users read *views* through {@link Reader}; nobody else sees a table.
 *
 * ## How a record is kept
 *
 * A *source* is one collection of one scanner in one scope. A record's row holds the contributions of its sources
 * (`{"12": {…facts}, "13": {…}}`) and, in typed columns, their merge: per fact, the known value of the first source in
 * the scanner's order of collections that could look (one that could not see the record again yields to one that
 * could), so the order of arrival never shows. A fact that nobody knows has its bit in
 * `known` clear; a fact whose winning source could not see the record again keeps its last value with the bit clear.
 *
 * A source that ends `complete` sets what it is authoritative for and did not see to `missing`, and at the second
 * complete miss to `withdrawn`. More than 20 % and more than 10 of one source's records at once are `suspected`
 * instead (the next complete scan, or `acceptMassChange`, goes on). A source without authority takes its contribution
 * back and keeps nothing alive. A source that did not end `complete` withdraws nothing.
 *
 * A change of a record's facts or presence closes its version (`record_version`, with the run that replaced it);
 * observations of use, times of confirmation and staleness do not. Each finished run adds the digest of its sorted
 * changes to a hash chain.
 */
export interface Inventory {
  readonly path: string;
  readonly reader: Reader;
  /** @throws {UserError} exit 7 where the file cannot be written. */
  writer(): Writer;
  close(): void;
}

export interface OpenOptions {
  readonly path: string;
  /** `read` never writes, not even a migration; `write` creates, migrates (after a backup) and locks nothing yet. */
  readonly mode: "read" | "write";
  /** Read the inventory as it was at this time: the views then show the state after the last run that began before it. */
  readonly asOf?: Instant;
  readonly now: () => Instant;
}

/**
 * The read model. View names and columns: `docs/views.md`. Every record view (`scope`, `identity`, `credential`,
 * `identity_group`, `membership`, `permission_set`, `access_grant`, `trust`, `anchor`, `owner`) has `urn`, `provider`,
 * `scope`, `presence` (live records only: `present`, `missing`, `suspected`), `first_seen_at`, `changed_at`; for each
 * fact its column and, unless the fact is always there, `<column>_known` (0 or 1; the column of an unknown fact holds
 * its last known value or NULL); the named types also `tags` and `attributes` (JSON text).
 *
 * `identity` and `credential` add what was derived: `last_used_at`, `observed_from`, `observed_through`, `usage_known`
 * (every source that could have seen a use has an observation); `identity` adds `privilege` (a tier),
 * `privilege_certainty` (`certain`, `possible`), `privilege_reason` and `score` (NULL until judged).
 *
 * Further views: `alias` (subject, alias), `tag` (subject, key, value), `usage` (subject, source, last_used_at, place,
 * observed_from, observed_through), `effective_grant` (principal, permission_set, via, effect, resource: direct and
 * through groups), `finding` (fingerprint, rule, subject, subject_type, identity, provider, scope, verdict, severity,
 * severity_rank, state, message, evidence, first_seen_at, last_seen_at, resolved_at, suppressed_until),
 * `finding_event` (fingerprint, rule, subject, at, run, event, actor, reason, until), `coverage` (scanner, scope,
 * collection, status, gaps, as_of, as_of_note, started_at, finished_at, pages, items, requests, retries, throttled,
 * bytes, last_complete_at), `covered` (scope, fact: what every collection that emits it saw completely, last time),
 * `run` (run, started_at, finished_at, status, exit_code, digest, previous_digest, version), `change_log` (run, at,
 * change, type, urn, kind, name, scope, facts), `facet` (type, provider, scope, kind, nature, live: kept counts),
 * `record_history` (type, urn, kind, name, scope, presence, valid_from, valid_to, from_run, to_run, facts), which also
 * holds the withdrawn.
 */
export interface Reader {
  /**
   * One read-only `SELECT` over the views.
   *
   * @throws {UserError} exit 2 for SQL that is not a single `SELECT`, names something that is not a view, or runs
   * longer than `timeout` ms.
   */
  query(sql: string, options?: { readonly timeout?: number }): Iterable<Row>;
  /** Our own statements: trusted SQL over views, bound parameters. */
  select<T extends Row = Row>(sql: string, params?: Params): readonly T[];
  iterate<T extends Row = Row>(sql: string, params?: Params): Iterable<T>;
  /** Columns of a view with types, for reports, CSV headers and the generated page. */
  columns(view: string): readonly ViewColumn[];
  /** Where each fact of a record comes from: the winning source, its time, and why it is unknown if it is. */
  provenance(urn: Urn): readonly FactProvenance[];
}

export type Row = Readonly<Record<string, string | number | bigint | null | Uint8Array>>;
export type Params = Readonly<Record<string, string | number | bigint | null>>;

export interface ViewColumn {
  readonly name: string;
  readonly type: "text" | "integer" | "boolean" | "instant" | "json" | "list";
  readonly doc: string;
}

export interface FactProvenance {
  readonly fact: string;
  readonly column: string;
  readonly value: unknown;
  readonly state: "known" | "absent" | "unknown";
  /** `aws/authorization-details`; `undefined` where no collection contributed it. */
  readonly source: string | undefined;
  readonly asOf: Instant | undefined;
  readonly asOfNote: string | undefined;
  /** Why it is unknown. */
  readonly reason: string | undefined;
}

export interface Writer {
  /**
   * Begins a run, or takes up the unfinished one of the same plan (its number, its start time, its finished
   * collections and its checkpoints).
   *
   * @throws {UserError} exit 75 naming the process that holds the lease.
   */
  startRun(plan: RunPlan): RunWriter;
  findings: FindingWriter;
  /** Replaces what is derived per identity (privilege, score). Streams. */
  replaceDerived(rows: Iterable<DerivedIdentity>): void;
  /** Recomputes usage per identity and credential, facets, and other derived tables that are pure SQL. */
  refreshDerived(): void;
}

export interface RunPlan {
  /** Hash of what is scanned and how: scanners, their configuration, filters. Only a run of the same plan is resumed. */
  readonly planHash: string;
  readonly scanners: readonly string[];
  readonly startedAt: Instant;
  readonly version: string;
  readonly acceptMassChange: boolean;
  /** An unfinished run that began longer ago than this is closed as `abandoned`, not resumed. */
  readonly resumeWithin: number;
}

export interface RunWriter {
  readonly run: number;
  readonly resumed: boolean;
  /** The resumed run's start where it is resumed: every age in a run is counted from this one instant. */
  readonly startedAt: Instant;
  /** Renews the lease; the engine calls it every few seconds. */
  heartbeat(): void;
  openCollection(options: CollectionPlan): CollectionWriter;
  /**
   * The scopes that this scanner's complete listing named. A scope that was known and is not among them goes missing
   * with everything in it, by the same two misses; without `complete`, nothing does.
   */
  finishScopes(scanner: string, scopes: readonly Urn[], complete: boolean): void;
  /** Closes the run: digest, chain, facets. */
  finish(outcome: {
    readonly status: "finished" | "cancelled";
    readonly exitCode: number;
    readonly finishedAt: Instant;
  }): RunSummary;
}

export interface CollectionPlan {
  readonly scanner: string;
  readonly scope: Urn;
  readonly collection: string;
  /** Position in the scanner's list: the order of precedence. */
  readonly precedence: number;
  readonly facts: readonly string[];
  readonly authoritative: Partial<Readonly<Record<RecordType, readonly string[] | "all">>>;
  readonly optIn: boolean;
  readonly startedAt: Instant;
  readonly checkpointMaxAge: number;
}

export interface CollectionWriter {
  /** `done` where an earlier attempt of the resumed run finished it: nothing is to be collected again. */
  readonly state: "fresh" | "resumed" | "done";
  /** The last durable checkpoint's cursor. */
  readonly cursor: unknown;
  /** Counters carried over from before a crash. */
  readonly carried: { readonly pages: number; readonly items: number };
  find(alias: string):
    | {
        readonly urn: Urn;
        readonly type: RecordType;
        readonly facts: Readonly<Record<string, unknown>>;
        readonly tags: Readonly<Record<string, string>>;
      }
    | undefined;
  /**
   * One transaction: the batch, and the cursor behind it. Without a cursor the batch is durable and a resume repeats
   * it (which changes nothing).
   */
  commit(
    batch: readonly (NhiRecord | UsageObservation)[],
    cursor?: { readonly cursor: unknown; readonly pages: number; readonly items: number },
  ): void;
  /** Confirms everything this source knew, for an `unchanged` signal. */
  confirmAll(): void;
  /** One transaction: coverage, withdrawals (only if `complete`), staleness (if not). */
  finish(coverage: Omit<Coverage, "scanner" | "scope" | "collection">): CollectionSummary;
}

export interface CollectionSummary {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly missing: number;
  readonly withdrawn: number;
  /** Held back by the mass-change guard. */
  readonly suspected: number;
}

export interface RunSummary {
  readonly run: number;
  readonly versionsWritten: number;
  readonly digest: string;
  readonly previousDigest: string;
}

export interface DerivedIdentity {
  readonly urn: Urn;
  readonly privilege: Tier;
  readonly certainty: "certain" | "possible";
  /** Which permission set or statement gives the tier, or what could not be read. */
  readonly reason: string;
  readonly score: number | null;
}

/** A rule that the engine compiled to SQL over the views. */
export interface Judgement {
  readonly rule: string;
  readonly severity: Finding["severity"];
  readonly subjectType: RecordType;
  /** `select subject, …evidence`: failing subjects whose needs are met. */
  readonly failing: string;
  /** `select subject, reason`: subjects of the population that cannot be decided. */
  readonly undecided: string;
  readonly params: Params;
  readonly identity: readonly string[];
  readonly explain: (row: Row) => string;
}

export interface JudgementSummary {
  readonly rule: string;
  readonly failed: number;
  readonly unknown: number;
  readonly opened: number;
  readonly resolved: number;
}

export interface FindingWriter {
  /**
   * Runs a judgement and moves its findings: new failures open, vanished ones resolve unless their subject is now
   * undecided (then the verdict turns `unknown` and the state stays), suppressions that expired reopen, a resolved
   * one that fails again is reopened. Every move is an event.
   */
  judge(judgement: Judgement, context: { readonly run: number; readonly now: Instant }): JudgementSummary;
  /** Closes the findings of rules that are switched off, with that as the reason. */
  retire(activeRules: readonly string[], context: { readonly run: number; readonly now: Instant }): void;
  /**
   * A person's decision. `fingerprint` may be an unambiguous prefix of 8 or more.
   *
   * @throws {UserError} exit 2 for an unknown or ambiguous fingerprint, a missing reason or expiry.
   */
  decide(decision: {
    readonly action: "acknowledge" | "suppress" | "reopen";
    readonly fingerprint: string;
    readonly reason: string;
    readonly actor: string;
    readonly at: Instant;
    readonly until?: Instant;
  }): Finding;
}
