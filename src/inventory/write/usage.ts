import type { UsageObservation } from "../../model/index.ts";
import { cutText, LONGEST_TEXT, storeText } from "../text.ts";
import type { RunState } from "./run-state.ts";

/** What is known of one subject from one source, as it is stored. */
export interface Observation {
  readonly last_used_at: number | null;
  readonly place: string | null;
  readonly observed_from: number | null;
  readonly observed_through: number;
}

/**
 * Two observations of the same source as one. The latest use stands and never moves back; two windows that meet become
 * one, and of two that do not the later one stands, because nobody looked in between.
 */
export function joinObservations(left: Observation, right: Observation): Observation {
  const [earlier, later] = left.observed_through <= right.observed_through ? [left, right] : [right, left];
  const meet = later.observed_from === null || later.observed_from <= earlier.observed_through;
  const reach =
    later.observed_from === null || earlier.observed_from === null
      ? null
      : Math.min(later.observed_from, earlier.observed_from);
  const use = laterUse(earlier, later);
  return {
    last_used_at: use.last_used_at,
    place: use.place,
    observed_from: meet ? reach : later.observed_from,
    observed_through: later.observed_through,
  };
}

function laterUse(earlier: Observation, later: Observation): Observation {
  if (later.last_used_at === null) return earlier.last_used_at === null ? later : earlier;
  if (earlier.last_used_at === null || earlier.last_used_at < later.last_used_at) return later;
  if (earlier.last_used_at > later.last_used_at) return earlier;
  // The same use told twice: order of arrival must not choose the place.
  return (earlier.place ?? "") > (later.place ?? "") ? earlier : later;
}

/** Keeps one observation, in place: usage has times of its own and makes no version. */
export function storeUsage({ statements, run, dirty, mutations }: RunState, usage: UsageObservation): void {
  const subject = usage.subject;
  const source = storeText(short(usage.source));
  const told: Observation = {
    last_used_at: usage.lastUsedAt,
    place: usage.where === undefined ? null : storeText(short(usage.where)),
    observed_from: usage.observedFrom,
    observed_through: usage.observedThrough,
  };
  const stored = statements.one<Observation>(
    "select last_used_at, place, observed_from, observed_through from t_usage where subject = ? and source = ?",
    subject,
    source,
  );
  const joined = stored === undefined || mutations.usageMovesBack === true ? told : joinObservations(stored, told);
  if (stored !== undefined && same(stored, joined)) return;
  dirty.add("usage");
  statements.run(
    "insert or replace into t_usage (subject, source, last_used_at, place, observed_from, observed_through, run) values (?, ?, ?, ?, ?, ?, ?)",
    subject,
    source,
    joined.last_used_at,
    joined.place,
    joined.observed_from,
    joined.observed_through,
    run,
  );
}

function short(text: string): string {
  return text.length > LONGEST_TEXT ? cutText(text).text : text;
}

function same(left: Observation, right: Observation): boolean {
  return (
    left.last_used_at === right.last_used_at &&
    left.place === right.place &&
    left.observed_from === right.observed_from &&
    left.observed_through === right.observed_through
  );
}
