import { canonicalJson } from "../canonical.ts";
import type { Facts } from "../record/encode.ts";
import type { Contribution } from "../record/merge.ts";
import type { ChangeName, Layout } from "../schema/layout.ts";
import { CHANGE_NAMES, MISSING, PRESENT, SUSPECTED, WITHDRAWN } from "../schema/layout.ts";
import type { StoredRecord } from "./record-store.ts";
import type { RunState } from "./run-state.ts";

interface PastState extends Pick<StoredRecord, "source" | "presence" | "change" | "changed" | "facts"> {
  readonly from_run: number;
  readonly from_at: number;
  readonly body: string | null;
}

/** Closes the row's version, or amends what this run has closed already. */
export function closeVersion(
  { run, startedAt, statements, mutations }: RunState,
  layout: Layout,
  row: StoredRecord,
  body: string,
  after: { readonly presence: number; readonly facts: string; readonly body: string },
): Pick<StoredRecord, "changed_at" | "since_run" | "change" | "changed"> {
  if (row.first_run === run) return row;
  if (row.since_run !== run) {
    statements.run(
      `insert into t_version (type, id, from_run, to_run, from_at, to_at, urn, provider, scope, kind, name, source, authority, presence, change, changed, facts, body)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      layout.code,
      row.id,
      row.since_run,
      run,
      row.changed_at,
      startedAt,
      row.urn,
      row.provider,
      row.scope,
      row.kind,
      row.name,
      row.source,
      row.authority,
      row.presence,
      row.change,
      row.changed,
      row.facts,
      row.source === null ? body : null,
    );
    return { changed_at: startedAt, since_run: run, ...changeBetween(row, after) };
  }
  const past = statements.one<PastState>(
    "select source, presence, change, changed, facts, body, from_run, from_at from t_version where type = ? and id = ? and to_run = ?",
    layout.code,
    row.id,
    run,
  );
  if (past === undefined) return row;
  const pastBody = past.body ?? (past.source === null ? "" : bodyOf([{ source: past.source, facts: past.facts }]));
  if (
    mutations.alwaysChanged !== true &&
    past.presence === after.presence &&
    past.facts === after.facts &&
    pastBody === after.body
  ) {
    statements.run("delete from t_version where type = ? and id = ? and to_run = ?", layout.code, row.id, run);
    return { changed_at: past.from_at, since_run: past.from_run, change: past.change, changed: past.changed };
  }
  return { changed_at: startedAt, since_run: run, ...changeBetween(past, after) };
}

/** What all sources say, by number of source: two equal bodies are the same contributions. */
export function bodyOf(contributions: readonly Pick<Contribution, "source" | "facts">[]): string {
  const sorted = [...contributions].sort((left, right) => left.source - right.source);
  return `{${sorted.map(({ source, facts }) => `"${source}":${facts}`).join(",")}}`;
}

function changeBetween(
  before: Pick<StoredRecord, "presence" | "facts">,
  after: { readonly presence: number; readonly facts: string },
): Pick<StoredRecord, "change" | "changed"> {
  const facts =
    before.facts === after.facts
      ? []
      : changedFacts(JSON.parse(before.facts) as Facts, JSON.parse(after.facts) as Facts);
  return { change: CHANGE_NAMES.indexOf(changeName(before.presence, after.presence)), changed: JSON.stringify(facts) };
}

function changeName(before: number, after: number): ChangeName {
  if (before === after) return "changed";
  switch (after) {
    case PRESENT:
      return "returned";
    case MISSING:
      return before === WITHDRAWN ? "returned" : "missing";
    case SUSPECTED:
      return before === WITHDRAWN ? "returned" : "suspected";
    default:
      return "withdrawn";
  }
}

function changedFacts(before: Facts, after: Facts): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .filter(
      (name) =>
        canonicalJson(before[name] ?? null) !== canonicalJson(after[name] ?? null) || name in before !== name in after,
    )
    .sort();
}
