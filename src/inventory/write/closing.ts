import type { Coverage, RecordType } from "../../model/index.ts";
import type { BitSet } from "../bit-set.ts";
import type { CollectionSummary } from "../contract.ts";
import { MISSING, PRESENT, SUSPECTED, WITHDRAWN } from "../schema/layout.ts";
import { changeContribution, countHeldBy, decidedBy, decidedByKind, heldBy, isMassChange, missed } from "./absence.ts";
import type { Held } from "./absence.ts";
import { tellsMoreThanBefore } from "./coverage.ts";
import type { RecordStore } from "./record-store.ts";
import type { RunState } from "./run-state.ts";
import type { SeenSet } from "./seen.ts";
import type { SourceInfo } from "./sources.ts";

/** A collection at its end. */
export interface EndedCollection {
  readonly run: RunState;
  readonly source: SourceInfo;
  readonly stores: ReadonlyMap<RecordType, RecordStore>;
  readonly seen: SeenSet;
  /** The provider proved that nothing has changed. */
  readonly confirmed: boolean;
  /** It began again within this run, so that what it brought in itself may be gone as well. */
  readonly restarted: boolean;
}

type Absences = Pick<CollectionSummary, "missing" | "withdrawn" | "suspected">;

interface HeldByType {
  readonly store: RecordStore;
  readonly seen: BitSet;
  readonly held: readonly Held[];
}

interface UnseenByType {
  readonly store: RecordStore;
  readonly unseen: readonly Held[];
}

/**
 * What follows from what a collection did not see. Complete: it is missing, and at the second miss withdrawn. Not
 * complete: it stays, and its facts are in doubt.
 */
export function closeBooks(ended: EndedCollection, coverage: Pick<Coverage, "status" | "asOf" | "asOfNote">): Absences {
  const { run, source } = ended;
  // A source that is new has nothing that it could miss.
  if (source.createdRun === run.run && !ended.restarted) return { missing: 0, withdrawn: 0, suspected: 0 };
  const held = heldByType(ended);
  if (ended.confirmed) trustAgain(ended, held);
  const unseen = unseenByType(ended, held);
  const proven = coverage.status === "complete" && tellsMoreThanBefore(run, source, coverage);
  if (proven || run.mutations.withdrawOnPartial === true) return miss(ended, unseen);
  doubt(ended, unseen);
  return { missing: 0, withdrawn: 0, suspected: 0 };
}

/** What the source contributes to, by type; types of which it saw everything are left out. */
function heldByType({ run, source, stores, seen: seenSet }: EndedCollection): readonly HeldByType[] {
  return [...stores.values()].flatMap((store) => {
    const count = countHeldBy(run, store.layout, source.id);
    if (count === 0) return [];
    const seen = seenSet.load(store.layout.code);
    // Whatever was seen is held, so equal numbers are equal sets.
    return seen.size === count ? [] : [{ store, seen, held: heldBy(run, store.layout, source.id) }];
  });
}

/** Everything is proven to be as it was: doubts from earlier looks end. */
function trustAgain({ run, source }: EndedCollection, all: readonly HeldByType[]): void {
  for (const { store, held } of all) {
    for (const { id, presence, stale } of held) {
      if (stale === 1 && presence === PRESENT)
        changeContribution(run, store, id, source.id, (contribution) => ({ ...contribution, stale: false }));
    }
  }
}

function unseenByType(
  { run, confirmed, restarted }: EndedCollection,
  all: readonly HeldByType[],
): readonly UnseenByType[] {
  return all.map(({ store, held, seen }) => ({
    store,
    unseen: held.filter(
      ({ id, presence, createdRun }) =>
        !seen.has(id) && !(confirmed && presence === PRESENT) && (createdRun !== run.run || restarted),
    ),
  }));
}

function miss({ run, source }: EndedCollection, all: readonly UnseenByType[]): Absences {
  const hold = !run.acceptMassChange && isMass(run, source, all);
  const absences = { missing: 0, withdrawn: 0, suspected: 0 };
  for (const { store, unseen } of all) {
    for (const { id, authority } of unseen) {
      // Whether a scope is there is for the listing of scopes to say, not for who adds a fact to it.
      if (authority === 0 && store.layout.type === "scope") continue;
      const { before, presence: after } = changeContribution(run, store, id, source.id, (contribution) =>
        authority === 1 ? missed(contribution, hold, run.mutations) : undefined,
      );
      if (before === after) continue;
      if (after === MISSING) absences.missing += 1;
      if (after === SUSPECTED) absences.suspected += 1;
      if (after === WITHDRAWN) absences.withdrawn += 1;
    }
  }
  return absences;
}

/** Of all that the source decides, or of one kind of it, which must not vanish in the shadow of others. */
function isMass(run: RunState, source: SourceInfo, all: readonly UnseenByType[]): boolean {
  const vanished = all.map(({ store, unseen }) => ({
    store,
    gone: unseen.filter(({ authority, presence }) => authority === 1 && presence === PRESENT),
  }));
  const total = vanished.reduce((sum, { gone }) => sum + gone.length, 0);
  if (isMassChange(total, () => decidedBy(run, source.id))) return true;
  return vanished.some(
    ({ store, gone }) =>
      store.layout.named && isMassChange(gone.length, () => 0) && isMassOfKind(run, source, store, gone),
  );
}

function isMassOfKind(run: RunState, source: SourceInfo, store: RecordStore, gone: readonly Held[]): boolean {
  const live = decidedByKind(run, store.layout, source.id);
  const byKind = Map.groupBy(gone, ({ id }) => store.byId(id).kind);
  return [...byKind].some(([kind, records]) => isMassChange(records.length, () => live.get(kind) ?? 0));
}

function doubt({ run, source }: EndedCollection, all: readonly UnseenByType[]): void {
  for (const { store, unseen } of all) {
    for (const { id, stale } of unseen) {
      if (stale === 0)
        changeContribution(run, store, id, source.id, (contribution) => ({ ...contribution, stale: true }));
    }
  }
}
