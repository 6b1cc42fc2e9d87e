import pLimit from "p-limit";
import type { CollectionSummary } from "../../inventory/contract.ts";
import type { Coverage, CoverageStatus, GapDetail } from "../../model/index.ts";
import { MINUTE } from "../../model/index.ts";
import type { Scope } from "../../sdk/index.ts";
import type { Gateway } from "../../transport/contract.ts";
import type { Source } from "../contract.ts";
import type { PredictedCollection } from "../predict.ts";
import { runCollection } from "./collection-run.ts";
import { RunStopped } from "./context.ts";
import type { RunContext } from "./context.ts";
import { storedCoverage } from "./stored-coverage.ts";

/** Collections of one scope at the same time; their calls draw on different quotas at most providers. */
const COLLECTIONS_AT_ONCE = 4;

/** A checkpoint older than this is not resumed from, unless the collection says otherwise: tokens expire. */
const CHECKPOINT_MAX_AGE = 15 * MINUTE;

export interface ScopeRun {
  readonly context: RunContext;
  readonly source: Source;
  readonly session: unknown;
  readonly gateway: Gateway;
  readonly scope: Scope;
  readonly collections: readonly PredictedCollection[];
}

export interface ScopeOutcome {
  readonly scanner: string;
  readonly scope: Scope;
  readonly coverage: readonly Coverage[];
  readonly summaries: readonly CollectionSummary[];
  /** Under which its calls are accounted at the gateway. */
  readonly labels: readonly string[];
}

interface Ended {
  readonly coverage: Coverage;
  readonly summary?: CollectionSummary | undefined;
}

/**
 * The collections of one scope, each as soon as those that it runs `after` have ended, however they ended: what is
 * missing then shows in what it finds, and its coverage says so.
 *
 * @throws {RunStopped}
 */
export async function runScope(run: ScopeRun): Promise<ScopeOutcome> {
  const limit = pLimit(COLLECTIONS_AT_ONCE);
  const ended = new Map<string, Promise<Ended>>();
  // In topological order, so that what a collection waits for is already in the map.
  for (const predicted of topological(run.collections)) {
    const { collection } = predicted;
    const earlier = (collection.after ?? []).flatMap((id) => ended.get(id) ?? []);
    const work = Promise.all(earlier).then(() => limit(() => runUnlessStopped(run, predicted)));
    // Everybody who waits for it hears of its end; nobody may be waiting yet.
    work.catch(() => undefined);
    ended.set(collection.id, work);
  }
  const results = await run.context.settleAll(
    run.collections.map(({ collection }) => ended.get(collection.id) as Promise<Ended>),
  );
  return {
    scanner: run.source.scanner.id,
    scope: run.scope,
    coverage: results.map(({ coverage }) => coverage),
    summaries: results.flatMap(({ summary }) => (summary === undefined ? [] : [summary])),
    labels: run.collections.map(({ collection }) => labelOf(run.scope, collection.id)),
  };
}

function topological(collections: readonly PredictedCollection[]): readonly PredictedCollection[] {
  const order: PredictedCollection[] = [];
  const visit = (predicted: PredictedCollection): void => {
    if (order.includes(predicted)) return;
    for (const id of predicted.collection.after ?? []) {
      const earlier = collections.find(({ collection }) => collection.id === id);
      if (earlier !== undefined) visit(earlier);
    }
    order.push(predicted);
  };
  for (const predicted of collections) visit(predicted);
  return order;
}

function labelOf(scope: Scope, collection: string): string {
  return `${scope.urn} ${collection}`;
}

/** A stop is an end like another: what was done before it is told, and nothing of this is stored. */
async function runUnlessStopped(run: ScopeRun, predicted: PredictedCollection): Promise<Ended> {
  const { context, scope, source } = run;
  const startedAt = context.options.now();
  try {
    return await runOne(run, predicted);
  } catch (error) {
    if (!(error instanceof RunStopped) || context.fatal !== undefined) throw error;
    const status = predicted.selected ? "partial" : "not-attempted";
    const books = {
      status,
      gaps: [STOPPED],
      asOf: context.now,
      startedAt,
      finishedAt: context.options.now(),
      ...NOTHING,
    } as const;
    return {
      coverage: { scanner: source.scanner.id, scope: scope.urn, collection: predicted.collection.id, ...books },
    };
  }
}

const STOPPED: GapDetail = {
  class: "cancelled",
  reason: "the scan was stopped before it was through",
  remedy: "scan again",
};

async function runOne(run: ScopeRun, predicted: PredictedCollection): Promise<Ended> {
  const { context, scope, source } = run;
  const { scanner } = source;
  const { collection } = predicted;
  const writer = context.store(() =>
    context.run.openCollection({
      scanner: scanner.id,
      scope: scope.urn,
      collection: collection.id,
      precedence: 1 + scanner.collections.indexOf(collection),
      facts: collection.emits.facts,
      authoritative: collection.emits.authoritative ?? {},
      optIn: collection.optIn !== undefined,
      startedAt: context.now,
      checkpointMaxAge: collection.checkpointMaxAge ?? CHECKPOINT_MAX_AGE,
    }),
  );
  if (writer.state === "done") {
    return { coverage: context.store(() => storedCoverage(context.reader, scanner.id, scope.urn, collection.id)) };
  }

  const notEntered = skipped(run, predicted);
  if (notEntered !== undefined) {
    const at = context.options.now();
    const books = { ...notEntered, asOf: context.now, startedAt: at, finishedAt: at, ...NOTHING };
    const summary = context.store(() => writer.finish(books));
    const coverage = { scanner: scanner.id, scope: scope.urn, collection: collection.id, ...books };
    context.options.onEvent({ type: "collection-finished", scanner: scanner.id, scope, coverage, summary });
    return { coverage, summary };
  }

  context.options.onEvent({
    type: "collection-started",
    scanner: scanner.id,
    scope,
    collection: collection.id,
    calls: predicted.calls,
  });
  const label = labelOf(scope, collection.id);
  const { coverage, summary } = await runCollection({
    context,
    scanner: scanner.id,
    scope,
    collection,
    session: run.session,
    door: run.gateway.door(label, new Set(collection.requires.operations), context.signal),
    stats: () => run.gateway.stats(label),
    predicted: predicted.calls,
    writer,
  });
  context.options.onEvent({ type: "collection-finished", scanner: scanner.id, scope, coverage, summary });
  return { coverage, summary };
}

const NOTHING = { pages: 0, items: 0, requests: 0, retries: 0, throttled: 0, bytes: 0 };

function skipped(
  { scope }: ScopeRun,
  { collection, selected }: PredictedCollection,
): { readonly status: CoverageStatus; readonly gaps: readonly GapDetail[] } | undefined {
  if (scope.skip !== undefined) return { status: scope.skip.status, gaps: [scope.skip.gap] };
  if (selected) return undefined;
  const reason = collection.optIn?.reason ?? "not selected";
  return {
    status: "not-attempted",
    gaps: [{ class: "opt-in", reason, remedy: `add ${collection.id} to deep: in the configuration of this source` }],
  };
}
