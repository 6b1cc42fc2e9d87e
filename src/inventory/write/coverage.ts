import type { Coverage } from "../../model/index.ts";
import type { RunState } from "./run-state.ts";
import type { SourceInfo } from "./sources.ts";

/** Enters what a collection saw, and what its scope's facts now rest on. */
export function storeCoverage(
  run: RunState,
  source: SourceInfo,
  coverage: Omit<Coverage, "scanner" | "scope" | "collection">,
): void {
  const { statements } = run;
  statements.run(
    `insert or replace into t_coverage
      (run, source, status, gaps, as_of, as_of_note, started_at, finished_at, pages, items, requests, retries, throttled, bytes)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    run.run,
    source.id,
    coverage.status,
    JSON.stringify(coverage.gaps),
    coverage.asOf,
    coverage.asOfNote ?? null,
    coverage.startedAt,
    coverage.finishedAt,
    coverage.pages,
    coverage.items,
    coverage.requests,
    coverage.retries,
    coverage.throttled,
    coverage.bytes,
  );
  statements.run(
    "update t_source set covered_run = ?, last_complete_at = case when ? = 'complete' then ? else last_complete_at end where id = ?",
    run.run,
    coverage.status,
    coverage.finishedAt,
    source.id,
  );
  refreshCovered(run, source.scope);
}

/**
 * Whether a look can prove an absence that the last complete one could not. A provider's cached report that is read a
 * second time is the same look: what it leaves out, it left out before.
 */
export function tellsMoreThanBefore(
  { statements }: RunState,
  source: SourceInfo,
  coverage: Pick<Coverage, "asOf" | "asOfNote">,
): boolean {
  if (coverage.asOfNote === undefined) return true;
  const last = statements.one<{ as_of: number | null }>(
    "select max(as_of) as as_of from t_coverage where source = ? and status = 'complete'",
    source.id,
  );
  return coverage.asOf > (last?.as_of ?? Number.NEGATIVE_INFINITY);
}

function refreshCovered({ statements, sources }: RunState, scope: string): void {
  const statuses = statements.all<{ id: number; status: string }>(
    "select s.id, c.status from t_source s join t_coverage c on c.source = s.id and c.run = s.covered_run where s.scope = ?",
    scope,
  );
  const wanted = coveredFacts(
    statuses.map(({ id, status }) => ({ facts: sources.get(id).facts, optIn: sources.get(id).optIn, status })),
  );
  const stored = new Set(
    statements.all<{ fact: string }>("select fact from t_covered where scope = ?", scope).map(({ fact }) => fact),
  );
  for (const fact of stored)
    if (!wanted.has(fact)) statements.run("delete from t_covered where scope = ? and fact = ?", scope, fact);
  for (const fact of wanted)
    if (!stored.has(fact)) statements.run("insert into t_covered (scope, fact) values (?, ?)", scope, fact);
}

/**
 * The facts of a scope that were seen completely: every collection that emits them was complete, or does not apply. A
 * collection that only runs where it is asked for hides nothing while it was not, as long as another one tells.
 */
export function coveredFacts(
  collections: readonly { readonly facts: readonly string[]; readonly optIn: boolean; readonly status: string }[],
): ReadonlySet<string> {
  const seen = new Set<string>();
  const hidden = new Set<string>();
  for (const { facts, optIn, status } of collections) {
    if (status === "complete" || status === "not-applicable") for (const fact of facts) seen.add(fact);
    else if (!optIn) for (const fact of facts) hidden.add(fact);
  }
  return new Set([...seen].filter((fact) => !hidden.has(fact)));
}
