import type { Urn } from "../../model/index.ts";
import type { RecordStore } from "./record-store.ts";
import { changeContribution, heldBy, isMassChange, missed } from "./absence.ts";
import { MISSING, SUSPECTED, WITHDRAWN } from "../schema/layout.ts";
import type { RunState } from "./run-state.ts";
import type { SourceInfo } from "./sources.ts";

/**
 * A complete listing of scopes: a scope that this scanner knew and that is not listed any more goes missing with
 * everything in it, and is withdrawn at the second listing without it. Listing again in the same run (after a crash)
 * counts once.
 */
export function endUnlistedScopes(
  run: RunState,
  stores: readonly RecordStore[],
  scanner: string,
  listed: readonly Urn[],
): void {
  const { statements } = run;
  const present = new Set(listed);
  for (const scope of present)
    statements.run("delete from t_scope_absence where scanner = ? and scope = ?", scanner, scope);

  const sources = statements
    .all<{ id: number }>("select id from t_source where scanner = ?", scanner)
    .map(({ id }) => run.sources.get(id));
  const known = knownScopes(run, stores, sources);
  const absences = new Map(
    statements
      .all<{ scope: string; presence: number; run: number }>(
        "select scope, presence, run from t_scope_absence where scanner = ?",
        scanner,
      )
      .map((row) => [row.scope, row]),
  );
  const gone = [...known].filter((scope) => !present.has(scope)).sort();
  const fresh = gone.filter((scope) => !absences.has(scope));
  const hold = !run.acceptMassChange && isMassChange(fresh.length, () => known.size - absences.size);

  for (const scope of gone) {
    const absence = absences.get(scope);
    if (absence?.run === run.run || absence?.presence === WITHDRAWN) continue;
    const next = absence === undefined ? (hold ? SUSPECTED : MISSING) : WITHDRAWN;
    statements.run(
      "insert or replace into t_scope_absence (scanner, scope, presence, run) values (?, ?, ?, ?)",
      scanner,
      scope,
      next,
      run.run,
    );
    for (const source of sources) missScope(run, stores, source, scope, hold);
  }
}

/** Scopes with sources of their own, and scopes that are only records. */
function knownScopes(run: RunState, stores: readonly RecordStore[], sources: readonly SourceInfo[]): Set<string> {
  const known = new Set(sources.map(({ scope }) => scope));
  const store = scopeStore(stores);
  for (const { id } of sources) {
    for (const held of heldBy(run, store.layout, id)) known.add(store.byId(held.id).urn);
  }
  return known;
}

function scopeStore(stores: readonly RecordStore[]): RecordStore {
  const store = stores.find(({ layout }) => layout.type === "scope");
  if (store === undefined) throw new Error("There is no store for scopes");
  return store;
}

function missScope(
  run: RunState,
  stores: readonly RecordStore[],
  source: SourceInfo,
  scope: string,
  hold: boolean,
): void {
  // A collection that has just looked has spoken for its own records already.
  if (
    run.statements.one(
      "select 1 from t_coverage where source = ? and run = ? and status = 'complete'",
      source.id,
      run.run,
    ) !== undefined &&
    source.scope === scope
  )
    return;
  for (const store of stores) {
    const inScope = source.scope === scope;
    if (!inScope && store.layout.type !== "scope") continue;
    for (const { id } of heldBy(run, store.layout, source.id)) {
      if (!inScope && store.byId(id).urn !== scope) continue;
      changeContribution(run, store, id, source.id, (contribution) => missed(contribution, hold, run.mutations));
    }
  }
}
