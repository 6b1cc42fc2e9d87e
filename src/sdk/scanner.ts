import type { FactName, GapDetail, Instant, NhiRecord, Urn, UsageObservation } from "../model/index.ts";
import type { Door, Wire } from "./door.ts";
import type { StandardSchema } from "./standard-schema.ts";

/**
 * A scanner enumerates one provider. Built-in scanners are written exactly as an outsider writes one: against
 * `rollcall/sdk` and the provider's own package, nothing else.
 *
 * `open` makes a session from configuration, with the provider's own credential chain; `scopes` says which accounts,
 * tenants or organizations there are; each collection then tells what one scope holds. Everything that a scanner can
 * do is declared beside the code that does it, and the door refuses the rest: the least-privilege policy, the
 * documentation and the prediction of calls are generated from the same declarations.
 */
export interface Scanner<Config = unknown, Session = unknown> {
  readonly apiVersion: 1;
  /** `aws`, `github`: the name in the configuration, in coverage and on the command line. */
  readonly id: string;
  readonly title: string;
  readonly config: StandardSchema<Config>;
  readonly wire: Wire | ((config: Config) => Wire);
  /** What `open` and `scopes` ask, beside what the collections ask. */
  readonly requires: Authorization;
  /** How the scope that `scopes` could not list is called in coverage, before any scope is known. */
  readonly root: (config: Config) => Scope;
  open(config: Config, context: OpenContext): Promise<Session>;
  /**
   * The scopes, each with its own record. Yield a gap where the list may be short (a scope is then never taken for
   * gone); yield a scope with `skip` where it exists and cannot be entered.
   */
  scopes(session: Session, context: ScopesContext): AsyncIterable<Scope | Gap>;
  /** In order of precedence: where two contribute the same fact, the earlier one's known value stands. */
  readonly collections: readonly Collection<Session>[];
  /** Renders the declared operations as the provider's least-privilege policy (IAM JSON, an App manifest, …). */
  policy(authorizations: readonly Authorization[], config?: Config): PolicyDocument;
  /** For `rollcall doctor`: who am I, and is it who the configuration says. Calls go through the door. */
  diagnose(config: Config, context: OpenContext): AsyncIterable<Diagnosis>;
  /** For `rollcall init`: a commented block of configuration from what this machine already has, or nothing. */
  suggest?(environment: Readonly<Record<string, string | undefined>>): Promise<string | undefined>;
}

export interface OpenContext {
  readonly door: Door;
  readonly signal: AbortSignal;
}

export interface ScopesContext extends OpenContext {
  readonly now: Instant;
}

/** A unit of work, of coverage, of resuming and of distribution. */
export interface Scope {
  readonly urn: Urn;
  /** The provider's word: `account`, `organization`, `tenant`. */
  readonly kind: string;
  /** What people call it: `payments-production (111122223333)`. */
  readonly title: string;
  /** The provider's id, for configuration and `--allow-partial`: `111122223333`. */
  readonly id: string;
  /** The scope's own record, where this listing is what knows it. */
  readonly record?: NhiRecord;
  /** Why it is not entered: `not-applicable` on documented proof (a suspended account), or left out by configuration. */
  readonly skip?: { readonly status: "not-applicable" | "not-attempted"; readonly gap: GapDetail };
  /** Whatever the collections need to enter it (a region list, a partition). Plain JSON. */
  readonly hints?: Readonly<Record<string, unknown>>;
}

export interface Collection<Session = unknown> {
  readonly id: string;
  readonly title: string;
  /** Collections of the same scope that run first, because this one finds their records. */
  readonly after?: readonly string[];
  /** Only when the configuration asks for it (`deep: [ssh-keys]`); otherwise `not-attempted`, and said so. */
  readonly optIn?: { readonly reason: string };
  readonly emits: Emits;
  readonly requires: Authorization;
  /** Sentences: what even a full run cannot see. */
  readonly blindSpots?: readonly string[];
  /** A checkpoint older than this is not resumed from; the collection starts again. 15 minutes if left out. */
  readonly checkpointMaxAge?: number;
  /** Logical calls (no retries, no polls) that a full run takes. */
  cost(estimate: Estimate): CallRange;
  collect(session: Session, context: CollectContext): AsyncGenerator<Signal, void, void>;
}

export interface Emits {
  /** Facts that this collection contributes: `identity.enabled`, `credential` (existence), `usage`. */
  readonly facts: readonly FactName[];
  /**
   * The kinds whose existence this collection decides, by record type. What it knew before and does not see in a
   * complete run goes missing. A collection that only adds facts leaves it out.
   */
  readonly authoritative?: Partial<Readonly<Record<NhiRecord["type"], readonly string[] | "all">>>;
  /** Sources of its usage observations. */
  readonly usage?: readonly string[];
}

export interface Authorization {
  /** Exact operations, `iam:ListUsers`. The door lets no other through while this scanner runs. */
  readonly operations: readonly string[];
  /** Those among them that are not plain reads, each with the reason: listed in SECURITY.md. */
  readonly notReads?: Readonly<Record<string, string>>;
  /** Permissions to grant where they differ from the operations' names (an operation needs another, or none). */
  readonly permissions?: readonly string[];
  readonly licences?: readonly string[];
  /** The vendor's pages that the declaration rests on. */
  readonly docs: readonly string[];
}

/** What the inventory already knows about a scope, for predicting calls. */
export interface Estimate {
  readonly scope: Scope;
  /** Live records by `type/kind` (`identity/user`), and `type` alone; `undefined` for a scope never seen complete. */
  count(key: string): number | undefined;
  /** Live records of `identity/user` that have a credential of the kind: `with("identity/user", "access-key")`. */
  holders(identityKind: string, credentialKind: string): number | undefined;
}

export interface CallRange {
  readonly min: number;
  readonly max: number;
  /** What the range rests on: `"1,204 users known from 2026-11-22"`, `"nothing known; 1 to 5,000 users"`. */
  readonly basis: string;
}

export interface CollectContext {
  readonly scope: Scope;
  /** Where the last durable checkpoint of this collection left off, if it is being resumed. */
  readonly cursor: unknown;
  /** When the scan began. */
  readonly now: Instant;
  readonly signal: AbortSignal;
  readonly door: Door;
  /**
   * A live record of this scope that has the alias, with the facts merged so far. Only records of collections that
   * this one runs `after` are sure to be there.
   */
  find(alias: string): FoundRecord | undefined;
  /** Runs `work` over the items, a few at a time, and yields results in the items' order. */
  each<Item, Result>(
    items: Iterable<Item> | AsyncIterable<Item>,
    work: (item: Item) => Promise<Result>,
  ): AsyncIterable<Result>;
}

export interface FoundRecord {
  readonly urn: Urn;
  readonly type: NhiRecord["type"];
  /** Merged facts by fact name (`name`, `path`); an unknown fact is left out. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** What a collection yields. */
export type Signal = NhiRecord | UsageObservation | Checkpoint | Gap | AsOf | Unchanged | Progress;

/** Everything yielded before it is safe: the engine commits it together with the cursor, in one transaction. */
export interface Checkpoint {
  readonly type: "checkpoint";
  /** Plain JSON, given back as `context.cursor` after a crash. Never a secret. */
  readonly cursor: unknown;
}

/** Something could not be seen. The collection goes on, and ends `partial`. */
export interface Gap extends GapDetail {
  readonly type: "gap";
}

/** The facts of this collection speak of another time than the scan's. */
export interface AsOf {
  readonly type: "as-of";
  readonly asOf: Instant;
  readonly note: string;
}

/** Everything (or the named kinds) is as it was, proven by an ETag or a delta token. */
export interface Unchanged {
  readonly type: "unchanged";
  readonly proof: string;
}

/** How far it is, where the provider says: for the time that is left, never for completeness. */
export interface Progress {
  readonly type: "progress";
  readonly done: number;
  readonly total: number;
}

export interface PolicyDocument {
  readonly mediaType: string;
  readonly text: string;
  /** How to apply it, in a sentence. */
  readonly howTo: string;
}

export interface Diagnosis {
  readonly check: string;
  readonly status: "ok" | "problem" | "unknown";
  readonly message: string;
  readonly next?: string;
}

export function defineScanner<Config, Session>(scanner: Scanner<Config, Session>): Scanner<Config, Session> {
  return Object.freeze(scanner);
}

export function checkpoint(cursor: unknown): Checkpoint {
  return { type: "checkpoint", cursor };
}

export function gap(detail: GapDetail): Gap {
  return { ...detail, type: "gap" };
}

export function asOf(instant: Instant, note: string): AsOf {
  return { type: "as-of", asOf: instant, note };
}
