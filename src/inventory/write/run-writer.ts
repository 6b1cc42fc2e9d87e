import type { Instant, RecordType, Urn } from "../../model/index.ts";
import type { CollectionPlan, CollectionWriter, RunPlan, RunSummary, RunWriter } from "../contract.ts";
import { LAYOUTS } from "../schema/layout.ts";
import { CHAIN_START, changedByRun, digestRun } from "./chain.ts";
import { StoredCollection } from "./collection-writer.ts";
import type { CollectionProgress } from "./collection-writer.ts";
import type { Dirty } from "./dirty.ts";
import { refreshFacets } from "./facets.ts";
import type { Indexes } from "./indexes.ts";
import type { Lease } from "./lease.ts";
import { RecordStore } from "./record-store.ts";
import type { Mutations, RunState } from "./run-state.ts";
import { endUnlistedScopes } from "./scopes.ts";
import { Sources } from "./sources.ts";
import type { Statements } from "../statements.ts";

export interface RunContext {
  readonly statements: Statements;
  readonly indexes: Indexes;
  readonly dirty: Dirty;
  readonly lease: Lease;
  readonly now: () => Instant;
  readonly mutations: Mutations;
  /** One transaction that takes the write lock at once; errors of the file become sentences. */
  readonly transaction: <Result>(work: () => Result) => Result;
}

interface RunRow {
  readonly run: number;
  readonly plan_hash: string;
  readonly scanners: string;
  readonly started_at: number;
  readonly version: string;
}

/** Begins a run or takes up the unfinished one of the same plan; closes the ones that nobody will take up. */
export function startRun(context: RunContext, plan: RunPlan): RunWriter {
  const { statements, transaction, lease, now } = context;
  const { row, resumed } = transaction(() => {
    const unfinished = statements
      .all<RunRow>(
        "select run, plan_hash, scanners, started_at, version from t_run where status = 'running' order by run",
      )
      .filter(({ scanners }) => overlap(JSON.parse(scanners) as string[], plan.scanners));
    const found = unfinished.findLast(
      ({ plan_hash, started_at }) => plan_hash === plan.planHash && plan.startedAt - started_at <= plan.resumeWithin,
    );
    const run =
      found?.run ?? statements.one<{ next: number }>("select coalesce(max(run), 0) + 1 as next from t_run")?.next ?? 1;
    lease.take(plan.scanners, run, now());
    for (const left of unfinished)
      if (left !== found) closeRun(context, left, { status: "abandoned", exitCode: null, finishedAt: plan.startedAt });
    const entered: RunRow = found ?? {
      run,
      plan_hash: plan.planHash,
      scanners: JSON.stringify(plan.scanners),
      started_at: plan.startedAt,
      version: plan.version,
    };
    if (found === undefined) {
      statements.run(
        "insert into t_run (run, plan_hash, scanners, started_at, status, version, accept_mass_change) values (?, ?, ?, ?, 'running', ?, ?)",
        entered.run,
        entered.plan_hash,
        entered.scanners,
        entered.started_at,
        entered.version,
        plan.acceptMassChange ? 1 : 0,
      );
    }
    return { row: entered, resumed: found !== undefined };
  });
  return new StoredRun(context, row, resumed, plan.acceptMassChange);
}

function overlap(left: readonly string[], right: readonly string[]): boolean {
  return left.length === 0 || right.length === 0 || left.some((scanner) => right.includes(scanner));
}

class StoredRun implements RunWriter {
  readonly run: number;
  readonly resumed: boolean;
  readonly startedAt: Instant;
  readonly #context: RunContext;
  readonly #row: RunRow;
  readonly #state: RunState;
  readonly #stores: ReadonlyMap<RecordType, RecordStore>;

  constructor(context: RunContext, row: RunRow, resumed: boolean, acceptMassChange: boolean) {
    this.run = row.run;
    this.resumed = resumed;
    this.startedAt = row.started_at;
    this.#context = context;
    this.#row = row;
    const { statements, indexes, dirty, mutations } = context;
    const emptyTypes = new Set(
      LAYOUTS.filter(({ table }) => statements.one(`select 1 from ${table} limit 1`) === undefined).map(
        ({ code }) => code,
      ),
    );
    // Before the first run has ended there is no past to compare with, and loading goes on without indexes.
    if (statements.one("select 1 from t_run where chain is not null limit 1") !== undefined) indexes.forRecords();
    this.#state = {
      statements,
      indexes,
      sources: new Sources(statements),
      run: row.run,
      startedAt: row.started_at,
      acceptMassChange,
      emptyTypes,
      dirty,
      mutations,
    };
    this.#stores = new Map(LAYOUTS.map((layout) => [layout.type, new RecordStore(this.#state, layout)]));
  }

  heartbeat(): void {
    this.#context.transaction(() => this.#context.lease.renew(this.#context.now()));
  }

  openCollection(plan: CollectionPlan): CollectionWriter {
    const { transaction, now } = this.#context;
    const { statements, sources } = this.#state;
    return transaction(() => {
      const source = sources.register(plan, this.run);
      const stored = this.#progress(source.id);
      const resumable =
        stored?.cursor != null &&
        stored.checkpoint_at !== null &&
        now() - stored.checkpoint_at <= plan.checkpointMaxAge;
      const state = stored === undefined ? "fresh" : stored.state === "done" ? "done" : resumable ? "resumed" : "fresh";
      if (state === "fresh") {
        // A list that begins again must see everything again, also what its first attempt brought in.
        statements.run("delete from t_seen where source = ?", source.id);
        statements.run(
          `insert or replace into t_collection_run (run, source, state, cursor, checkpoint_at, pages, items, restarted, confirmed, added, changed, unchanged)
            values (?, ?, 'open', null, null, 0, 0, ?, 0, 0, 0, 0)`,
          this.run,
          source.id,
          stored === undefined ? 0 : 1,
        );
      }
      const progress = this.#progress(source.id);
      if (progress === undefined) throw new Error("The collection was opened and is not there");
      return new StoredCollection({
        run: this.#state,
        plan,
        source,
        progress,
        state,
        stores: this.#stores,
        transaction,
        now,
      });
    });
  }

  #progress(source: number): CollectionProgress | undefined {
    return this.#state.statements.one<CollectionProgress>(
      "select * from t_collection_run where run = ? and source = ?",
      this.run,
      source,
    );
  }

  finishScopes(scanner: string, scopes: readonly Urn[], complete: boolean): void {
    if (!complete && this.#state.mutations.shortListingEnds !== true) return;
    this.#context.transaction(() => endUnlistedScopes(this.#state, [...this.#stores.values()], scanner, scopes));
  }

  finish(outcome: {
    readonly status: "finished" | "cancelled";
    readonly exitCode: number;
    readonly finishedAt: Instant;
  }): RunSummary {
    const { transaction, lease, statements, indexes } = this.#context;
    buildIndexes(indexes);
    return transaction(() => {
      const digests = closeRun(this.#context, this.#row, outcome);
      lease.release();
      const versionsWritten =
        statements.one<{ n: number }>("select count(*) as n from t_version where to_run = ?", this.run)?.n ?? 0;
      return { run: this.run, versionsWritten, ...digests };
    });
  }
}

function buildIndexes(indexes: Indexes): void {
  indexes.forRecords();
  indexes.forFindings();
}

/** Ends a run: indexes, facets, its place in the chain; what was kept for a resume goes. */
function closeRun(
  { statements, indexes, dirty }: RunContext,
  run: RunRow,
  outcome: { readonly status: string; readonly exitCode: number | null; readonly finishedAt: Instant },
): Pick<RunSummary, "digest" | "previousDigest"> {
  buildIndexes(indexes);
  refreshFacets(statements, dirty);
  const last = statements.one<{ chain: number; digest: string }>(
    "select chain, digest from t_run where chain is not null order by chain desc limit 1",
  );
  const previousDigest = last?.digest ?? CHAIN_START;
  const digest = digestRun(
    statements,
    { run: run.run, planHash: run.plan_hash, startedAt: run.started_at, version: run.version },
    previousDigest,
    changedByRun(false),
  );
  statements.run("delete from t_seen where source in (select source from t_collection_run where run = ?)", run.run);
  statements.run("delete from t_collection_run where run = ?", run.run);
  statements.run(
    "update t_run set status = ?, exit_code = ?, finished_at = ?, digest = ?, previous_digest = ?, chain = ? where run = ?",
    outcome.status,
    outcome.exitCode,
    outcome.finishedAt,
    digest,
    previousDigest,
    (last?.chain ?? 0) + 1,
    run.run,
  );
  return { digest, previousDigest };
}
