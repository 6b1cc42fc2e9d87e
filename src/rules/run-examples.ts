import { parseUrn, urn } from "../model/index.ts";
import type { Coverage, FactName, Instant, NhiRecord, RecordType, Urn, UsageObservation } from "../model/index.ts";
import { FACTS, NAMED_TYPES } from "../model/index.ts";
import { EXAMPLE_NOW } from "../sdk/index.ts";
import type { Rule, RuleExample } from "../sdk/index.ts";

/**
 * Runs a rule's examples, for the generic test and for `rollcall rules test` alike. It brings neither a database nor
 * the engine: whoever calls it hands them in, so that the same examples run on any store that has the views.
 */

type Verdict = "fail" | "pass" | "unknown";

type Row = Readonly<Record<string, unknown>>;
type Params = Readonly<Record<string, string | number | bigint | null>>;

/** The part of the inventory's writer that loading an example takes. */
interface ExampleWriter {
  startRun(plan: {
    readonly planHash: string;
    readonly scanners: readonly string[];
    readonly startedAt: Instant;
    readonly version: string;
    readonly acceptMassChange: boolean;
    readonly resumeWithin: number;
  }): {
    readonly run: number;
    openCollection(plan: {
      readonly scanner: string;
      readonly scope: Urn;
      readonly collection: string;
      readonly precedence: number;
      readonly facts: readonly string[];
      readonly authoritative: Partial<Readonly<Record<RecordType, readonly string[] | "all">>>;
      readonly optIn: boolean;
      readonly startedAt: Instant;
      readonly checkpointMaxAge: number;
    }): {
      commit(batch: readonly (NhiRecord | UsageObservation)[]): void;
      finish(coverage: Omit<Coverage, "scanner" | "scope" | "collection">): unknown;
    };
    finishScopes(scanner: string, scopes: readonly Urn[], complete: boolean): void;
    finish(outcome: { readonly status: "finished"; readonly exitCode: 0; readonly finishedAt: Instant }): unknown;
  };
}

/** What the engine makes of a rule. */
interface CompiledRule {
  readonly failing: string;
  readonly undecided: string;
  readonly params: Params;
  readonly explain: (row: never) => string;
}

export interface ExampleOutcome {
  readonly verdicts: Readonly<Record<Urn, Verdict>>;
  /** The sentence of each failing subject. */
  readonly messages: Readonly<Record<Urn, string>>;
  /** Why each undecided subject is unknown. */
  readonly reasons: Readonly<Record<Urn, string>>;
}

export function exampleNow(example: RuleExample): Instant {
  return example.now ?? EXAMPLE_NOW;
}

/** Every fact that there is: what the example's scanner claims to have looked at. */
const EVERY_FACT: readonly FactName[] = [
  "usage",
  ...Object.entries(FACTS).flatMap(([type, facts]) => [
    type,
    ...Object.keys(facts).map((fact) => `${type}.${fact}`),
    ...(NAMED_TYPES.includes(type as RecordType) ? [`${type}.tags`] : []),
  ]),
];

/**
 * Writes an example into an empty inventory as one scan: in every scope that its records belong to, one complete
 * collection that looked at everything, and for each entry of `hidden` one that did not get to see its facts. Derived
 * columns (use, privilege) are the caller's to refresh afterwards.
 */
export function loadExample(
  example: RuleExample,
  writer: ExampleWriter,
): { readonly run: number; readonly scopes: readonly Urn[] } {
  const now = exampleNow(example);
  const byScope = Map.groupBy(example.records, (record) => scopeOf(record, example.records));
  const run = writer.startRun({
    planHash: "example",
    scanners: ["example"],
    startedAt: now,
    version: "example",
    acceptMassChange: false,
    resumeWithin: 0,
  });
  for (const [scope, records] of byScope) {
    const coverage = {
      asOf: now,
      startedAt: now,
      finishedAt: now,
      pages: 1,
      items: records.length,
      requests: 1,
      retries: 0,
      throttled: 0,
      bytes: 0,
    };
    const open = (collection: string, precedence: number, facts: readonly FactName[]) =>
      run.openCollection({
        scanner: "example",
        scope,
        collection,
        precedence,
        facts,
        authoritative: {},
        optIn: false,
        startedAt: now,
        checkpointMaxAge: 0,
      });
    const everything = open("everything", 0, EVERY_FACT);
    everything.commit(records);
    everything.finish({ ...coverage, status: "complete", gaps: [] });
    for (const [index, hidden] of (example.hidden ?? []).entries()) {
      open(`hidden-${index + 1}`, index + 1, hidden.facts).finish({
        ...coverage,
        status: hidden.status ?? "partial",
        gaps: [{ class: "denied", reason: hidden.reason, facts: hidden.facts }],
        items: 0,
      });
    }
  }
  const scopes = [...byScope.keys()];
  run.finishScopes("example", scopes, true);
  run.finish({ status: "finished", exitCode: 0, finishedAt: now });
  return { run: run.run, scopes };
}

/** The verdict on every subject of the population, by whatever database `rows` asks. */
export async function judgeExample(
  rule: Rule,
  compiled: CompiledRule,
  rows: (sql: string, params: Params) => Iterable<Row> | Promise<Iterable<Row>>,
): Promise<ExampleOutcome> {
  const verdicts: Record<Urn, Verdict> = {};
  const messages: Record<Urn, string> = {};
  const reasons: Record<Urn, string> = {};
  const view = rule.subject === "grant" ? "access_grant" : rule.subject.replace("-", "_");
  const params = Object.fromEntries(
    Object.entries(compiled.params).filter(([name]) => new RegExp(`@${name}\\b`).test(rule.population)),
  );
  for (const row of await rows(`select urn as subject from ${view} where ${rule.population}`, params)) {
    verdicts[String(row["subject"])] = "pass";
  }
  for (const row of await rows(compiled.undecided, compiled.params)) {
    const subject = String(row["subject"]);
    verdicts[subject] = "unknown";
    reasons[subject] = String(row["reason"]);
  }
  for (const row of await rows(compiled.failing, compiled.params)) {
    const subject = String(row["subject"]);
    // Failing and undecided at once, or twice, is a mistake of the rule that no verdict may hide.
    if (reasons[subject] !== undefined)
      throw new Error(`the rule ${rule.id} both fails ${subject} and cannot decide it`);
    verdicts[subject] = "fail";
    messages[subject] = compiled.explain(row as never);
  }
  return { verdicts, messages, reasons };
}

/** Where the outcome is not what the example expects: one sentence per subject, none where it is. */
export function compareExample(example: RuleExample, outcome: ExampleOutcome): readonly string[] {
  const subjects = new Set([...Object.keys(example.expect), ...Object.keys(outcome.verdicts)]);
  return [...subjects].sort().flatMap((subject) => {
    const expected = example.expect[subject] ?? "not to be judged";
    const actual = outcome.verdicts[subject] ?? "not judged";
    if (actual === "not judged" && example.expect[subject] === undefined) return [];
    if (expected === actual) return [];
    const why = outcome.messages[subject] ?? outcome.reasons[subject];
    return [`${subject}: expected ${expected}, got ${actual}${why === undefined ? "" : ` (${why})`}`];
  });
}

/**
 * The scope that a record belongs to: itself for a scope, else the example's scope whose id ends the record's
 * namespace (`aws:111122223333`), else one made up from the namespace.
 */
function scopeOf(record: NhiRecord | UsageObservation, records: readonly (NhiRecord | UsageObservation)[]): Urn {
  if (record.type === "scope") return record.urn;
  const about = record.type === "usage" ? record.subject : record.urn;
  const parts = parseUrn(about);
  if (parts === undefined) throw new TypeError(`${about} is not a URN`);
  const id = parts.namespace.slice(parts.namespace.lastIndexOf(":") + 1);
  const named = records.find((candidate) => candidate.type === "scope" && parseUrn(candidate.urn)?.nativeId === id);
  if (named?.type === "scope") return named.urn;
  const namespace = parts.namespace.includes(":")
    ? parts.namespace.slice(0, parts.namespace.lastIndexOf(":"))
    : parts.provider;
  return urn({ provider: parts.provider, namespace, kind: "account", nativeId: id });
}
