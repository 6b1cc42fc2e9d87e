import type { CollectionSummary, CollectionWriter } from "../../inventory/contract.ts";
import type { Coverage, GapDetail, Instant, NhiRecord, UsageObservation } from "../../model/index.ts";
import { isProviderError, isUserError } from "../../sdk/index.ts";
import type { CallRange, Collection, Door, Scope, Signal } from "../../sdk/index.ts";
import type { DoorStats } from "../../transport/contract.ts";
import { each } from "../each.ts";
import { gapOfBug, gapOfProviderError, GapList } from "../gaps.ts";
import { commitValid } from "./commit-valid.ts";
import { RunStopped } from "./context.ts";
import type { RunContext } from "./context.ts";
import { meteredDoor } from "./metered-door.ts";

/** Records that wait for a transaction. */
const BATCH = 1_000;

export interface CollectionRun {
  readonly context: RunContext;
  readonly scanner: string;
  readonly scope: Scope;
  readonly collection: Collection;
  readonly session: unknown;
  readonly door: Door;
  readonly stats: () => DoorStats;
  readonly predicted: CallRange;
  readonly writer: CollectionWriter;
}

export interface CollectionOutcome {
  readonly coverage: Coverage;
  readonly summary: CollectionSummary;
  readonly calls: number;
}

/**
 * What the engine keeps behind each checkpoint: the collection's own cursor, and what must not be forgotten over a
 * crash. A gap before the checkpoint makes the collection partial after it as well.
 */
interface SavedCursor {
  readonly cursor: unknown;
  readonly gaps: readonly GapDetail[];
  readonly asOf?: { readonly at: Instant; readonly note: string };
}

/**
 * Runs one collection's generator to its end and closes the books on it: `complete` only if it returned and reported
 * no gap. Whatever it throws ends it `partial`, with what was read before kept.
 *
 * @throws {RunStopped} when the run stops; the collection is then left open, so that a resume takes it up.
 */
export async function runCollection(run: CollectionRun): Promise<CollectionOutcome> {
  const { context, collection, scope, writer } = run;
  const saved = writer.state === "resumed" ? (writer.cursor as SavedCursor | undefined) : undefined;
  const gaps = new GapList(saved?.gaps);
  const door = meteredDoor(run.door, run.predicted);
  const startedAt = context.options.now();
  let asOf = saved?.asOf;
  let items = saved === undefined ? 0 : writer.carried.items;
  const earlierPages = saved === undefined ? 0 : writer.carried.pages;
  let batch: (NhiRecord | UsageObservation)[] = [];

  const pages = () => earlierPages + door.answers;
  const save = (cursor: unknown): SavedCursor => ({
    cursor,
    gaps: gaps.toArray(),
    ...(asOf === undefined ? {} : { asOf }),
  });
  const write = (checkpoint?: { readonly cursor: unknown }) => {
    const records = batch;
    batch = [];
    const durable = () =>
      checkpoint === undefined ? undefined : { cursor: save(checkpoint.cursor), pages: pages(), items };
    commitValid(writer, records, durable, (record, problem) => {
      gaps.add(problem);
      if (record?.type !== "usage") items -= 1;
    });
  };
  const commit = (checkpoint?: { readonly cursor: unknown }) => context.store(() => write(checkpoint));
  const advance = (progress?: { readonly done: number; readonly total: number }) =>
    context.options.onEvent({
      type: "collection-advanced",
      scanner: run.scanner,
      scope,
      collection: collection.id,
      items,
      pages: pages(),
      ...(progress === undefined ? {} : { done: progress.done, total: progress.total }),
    });

  function take(signal: Signal): void {
    switch (signal.type) {
      case "checkpoint":
        commit({ cursor: signal.cursor });
        advance();
        return;
      case "gap": {
        const { type: _type, ...detail } = signal;
        gaps.add(detail);
        return;
      }
      case "as-of":
        asOf = { at: signal.asOf, note: signal.note };
        return;
      case "unchanged":
        context.store(() => writer.confirmAll());
        return;
      case "progress":
        advance(signal);
        return;
      case "usage":
        batch.push(signal);
        break;
      case "scope":
      case "identity":
      case "credential":
      case "group":
      case "membership":
      case "permission-set":
      case "grant":
      case "trust":
      case "anchor":
      case "owner":
        batch.push(signal);
        items += 1;
    }
    if (batch.length >= BATCH) {
      commit();
      advance();
    }
  }

  try {
    const signals = collection.collect(run.session, {
      scope,
      cursor: saved?.cursor,
      now: context.now,
      signal: context.signal,
      door,
      find: (alias) => context.store(() => writer.find(alias)),
      each,
    });
    await drain(signals, context, take);
  } catch (error) {
    if (error instanceof RunStopped || context.signal.aborted) {
      if (context.fatal === undefined && batch.length > 0) keepWhatWasRead(write, context);
      throw error instanceof RunStopped ? error : new RunStopped("the run was stopped", { cause: error });
    }
    gaps.add(gapOfError(error, run));
    if (!isProviderError(error)) context.noteUnexpected(error, `${run.scanner}/${collection.id} in ${scope.title}`);
  }
  if (door.exceeded !== undefined && !gaps.has("limit"))
    gaps.add(gapOfProviderError(door.exceeded, undefined, scope.title));
  commit();

  const stats = run.stats();
  const books: Omit<Coverage, "scanner" | "scope" | "collection"> = {
    status: gaps.size === 0 ? "complete" : "partial",
    gaps: gaps.toArray(),
    asOf: asOf?.at ?? context.now,
    ...(asOf === undefined ? {} : { asOfNote: asOf.note }),
    startedAt,
    finishedAt: context.options.now(),
    pages: pages(),
    items,
    requests: stats.requests,
    retries: stats.retries,
    throttled: stats.throttled,
    bytes: stats.bytes,
  };
  const summary = context.store(() => writer.finish(books));
  return {
    coverage: { scanner: run.scanner, scope: scope.urn, collection: collection.id, ...books },
    summary,
    calls: door.calls,
  };
}

/** One race for the whole generator: one per signal would cost more than the signals. */
async function drain(
  signals: AsyncGenerator<Signal, void, void>,
  context: RunContext,
  take: (signal: Signal) => void,
): Promise<void> {
  await context.untilStopped(consume());

  async function consume(): Promise<void> {
    for await (const signal of signals) {
      // After a stop nobody waits for this any more; a generator that comes back late must find the books closed.
      context.throwIfStopped();
      take(signal);
    }
  }
}

/** On a stop, what has arrived since the last checkpoint is kept; a resume repeats it, which changes nothing. */
function keepWhatWasRead(write: () => void, context: RunContext): void {
  try {
    write();
  } catch (error) {
    context.fail(error);
  }
}

function gapOfError(error: unknown, run: CollectionRun): GapDetail {
  if (isProviderError(error)) {
    const permissions = run.collection.requires.permissions;
    const permission =
      permissions?.includes(error.details.operation) === false ? permissions.join(", ") : error.details.operation;
    return gapOfProviderError(error, permission, run.scope.title);
  }
  if (isUserError(error)) {
    return { class: "dependency", reason: error.message, ...(error.next === undefined ? {} : { remedy: error.next }) };
  }
  return gapOfBug(error);
}
