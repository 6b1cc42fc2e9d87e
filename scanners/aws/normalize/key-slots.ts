import type { ListedKey } from "../schema/principals.ts";
import type { KeySlot } from "./report.ts";

export interface MatchedKey {
  readonly key: ListedKey;
  /** The report's slot that is this key's; `undefined`: the report cannot tell, so AWS has to be asked for this key. */
  readonly slot: KeySlot | undefined;
}

/**
 * Which slot of the credential report is which key: the report has dates and no ids, the list ids and no uses. A
 * slot's date is the key's creation, or the last change of its status, so a slot is never older than its key, and one
 * with the very second of a key's creation is taken for that key's. Where two assignments are equally good and it
 * matters, none is made.
 */
export function matchSlots(
  keys: readonly ListedKey[],
  slots: readonly KeySlot[],
  generatedAt: number,
): readonly MatchedKey[] {
  const reported = keys.filter((key) => second(key.createdAt) <= generatedAt);
  const certain = reported.length === slots.length ? bestAssignment(assignments(reported, slots)) : undefined;
  return keys.map((key) => ({ key, slot: certain?.get(key) }));
}

type Assignment = ReadonlyMap<ListedKey, KeySlot>;

function bestAssignment(found: readonly Assignment[]): Assignment | undefined {
  const most = Math.max(...found.map(exactness));
  const [first, ...others] = found.filter((assignment) => exactness(assignment) === most);
  if (first === undefined) return undefined;
  const same = others.every((other) => [...first.keys()].every((key) => sameUse(first.get(key), other.get(key))));
  return same ? first : undefined;
}

/** Every way to give each key a slot of its own. A user has at most two keys, so there are at most two. */
function assignments(keys: readonly ListedKey[], slots: readonly KeySlot[]): readonly Assignment[] {
  const [key, ...others] = keys;
  if (key === undefined) return [new Map()];
  return slots
    .filter((slot) => slot.rotatedAt !== undefined && slot.rotatedAt >= second(key.createdAt))
    .flatMap((slot) =>
      assignments(
        others,
        slots.filter((other) => other !== slot),
      ).map((rest) => new Map([[key, slot], ...rest])),
    );
}

function exactness(assignment: Assignment): number {
  return [...assignment].filter(([key, slot]) => slot.rotatedAt === second(key.createdAt)).length;
}

/** The report has whole seconds. */
function second(at: number): number {
  return Math.floor(at / 1000) * 1000;
}

function sameUse(one: KeySlot | undefined, other: KeySlot | undefined): boolean {
  return one?.lastUsedAt === other?.lastUsedAt && one?.where === other?.where;
}
