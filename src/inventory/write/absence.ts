import type { Contribution } from "../record/merge.ts";
import type { Layout } from "../schema/layout.ts";
import { LAYOUTS, MISSING, PRESENT, SUSPECTED, WITHDRAWN } from "../schema/layout.ts";
import type { RecordStore, Settled } from "./record-store.ts";
import type { RunState } from "./run-state.ts";

/** One contribution of a source, without its facts. */
export interface Held {
  readonly id: number;
  readonly authority: number;
  readonly presence: number;
  readonly stale: number;
  readonly createdRun: number;
}

/**
 * More than this share, and more than this number, of what a source decides at once is held back: of all its records,
 * or of one kind of thing, so that every user of an account cannot vanish in the shadow of its grants.
 */
const MASS_SHARE = 0.2;
const MASS_NUMBER = 10;

export function isMassChange(vanished: number, live: () => number): boolean {
  return vanished > MASS_NUMBER && vanished > live() * MASS_SHARE;
}

/** How many live records of all types a source decides. */
export function decidedBy({ statements }: RunState, source: number): number {
  const alone = LAYOUTS.map(
    ({ table }) => `(select count(*) from ${table} where source = @source and presence < 3 and authority = 1)`,
  ).join(" + ");
  const shared = "(select count(*) from t_contribution where source = @source and presence < 3 and authority = 1)";
  return statements.one<{ n: number }>(`select ${alone} + ${shared} as n`, { source })?.n ?? 0;
}

/** How many live records of one type, by kind, a source decides. */
export function decidedByKind(
  { statements }: RunState,
  { table, code, hasKind }: Layout,
  source: number,
): ReadonlyMap<string | null, number> {
  const kind = (row: string) => (hasKind ? `${row}f_kind` : "null");
  const rows = statements.all<{ kind: string | null; n: number }>(
    `select kind, count(*) as n from (
      select ${kind("")} as kind from ${table} where source = @source and presence < 3 and authority = 1
      union all
      select ${kind("r.")} from t_contribution c join ${table} r on r.id = c.id
        where c.source = @source and c.type = ${code} and c.presence < 3 and c.authority = 1
    ) decided group by kind`,
    { source },
  );
  return new Map(rows.map(({ kind: name, n }) => [name, n]));
}

/** How many records of one type a source contributes to and has not withdrawn. */
export function countHeldBy({ statements }: RunState, { table, code }: Layout, source: number): number {
  return (
    statements.one<{ n: number }>(
      `select (select count(*) from ${table} where source = @source and presence < 3)
        + (select count(*) from t_contribution where source = @source and type = ${code} and presence < 3) as n`,
      { source },
    )?.n ?? 0
  );
}

/** Everything that a source contributes to and has not withdrawn, of one type. */
export function heldBy({ statements }: RunState, layout: Layout, source: number): readonly Held[] {
  return [
    ...statements.all<Held>(
      `select id, authority, presence, stale, first_run as createdRun from ${layout.table} where source = ? and presence < 3`,
      source,
    ),
    ...statements.all<Held>(
      "select id, authority, presence, stale, created_run as createdRun from t_contribution where source = ? and type = ? and presence < 3",
      source,
      layout.code,
    ),
  ];
}

/** What a complete look that did not see a record makes of its contribution. */
export function missed(contribution: Contribution, hold: boolean, mutations: RunState["mutations"]): Contribution {
  const presence =
    contribution.presence === PRESENT && mutations.withdrawAtOnce !== true ? (hold ? SUSPECTED : MISSING) : WITHDRAWN;
  return { ...contribution, presence, stale: false };
}

/** Changes one source's contribution to a record; `undefined` takes it back. */
export function changeContribution(
  run: RunState,
  store: RecordStore,
  id: number,
  source: number,
  change: (contribution: Contribution) => Contribution | undefined,
): Settled {
  const row = store.byId(id);
  const before = store.contributions(row);
  const after: Contribution[] = [];
  for (const contribution of before) {
    const changed = contribution.source === source ? change(contribution) : contribution;
    if (changed !== undefined) after.push(changed);
    if (contribution.source === source) noteStaleness(run, store.layout, id, contribution, changed);
  }
  // The last one that takes itself back leaves what it said, so that the withdrawn record can still be shown.
  const kept =
    after.length > 0 ? after : before.map((contribution) => ({ ...contribution, presence: WITHDRAWN, stale: false }));
  return store.settle(row, before, kept);
}

/** Keeps from which run to which a contribution was stale: the past is shown with the doubts that it had. */
export function noteStaleness(
  { statements, run }: RunState,
  layout: Layout,
  id: number,
  before: Contribution,
  after: Contribution | undefined,
): void {
  const stale = after?.stale ?? false;
  if (before.stale === stale) return;
  if (stale) {
    statements.run(
      "insert into t_stale (type, id, source, since_run, until_run) values (?, ?, ?, ?, null) on conflict (type, id, source, since_run) do update set until_run = null",
      layout.code,
      id,
      before.source,
      run,
    );
    return;
  }
  statements.run(
    "delete from t_stale where type = ? and id = ? and source = ? and since_run = ?",
    layout.code,
    id,
    before.source,
    run,
  );
  statements.run(
    "update t_stale set until_run = ? where type = ? and id = ? and source = ? and until_run is null",
    run,
    layout.code,
    id,
    before.source,
  );
}
