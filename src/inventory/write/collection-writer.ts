import type { Coverage, NhiRecord, RecordType, UsageObservation } from "../../model/index.ts";
import { isUnknown } from "../../model/index.ts";
import type { CollectionPlan, CollectionSummary, CollectionWriter } from "../contract.ts";
import type { Contribution } from "../record/merge.ts";
import type { Facts } from "../record/encode.ts";
import { RecordFault } from "../record/fault.ts";
import { checkUsage, encodeRecord, InvalidRecordError, outlineRecord } from "../record/validate.ts";
import type { OutlinedRecord, RecordProblem } from "../record/validate.ts";
import { layoutOfCode, PRESENT, WITHDRAWN } from "../schema/layout.ts";
import { cutText, LONGEST_TEXT, storeText } from "../text.ts";
import { noteStaleness } from "./absence.ts";
import { closeBooks } from "./closing.ts";
import { storeCoverage } from "./coverage.ts";
import { Forecast } from "./forecast.ts";
import type { RecordStore } from "./record-store.ts";
import type { RunState } from "./run-state.ts";
import { SeenSet } from "./seen.ts";
import type { SourceInfo } from "./sources.ts";
import { storeUsage } from "./usage.ts";

/** What the store keeps of a collection while a run lasts. */
export interface CollectionProgress {
  readonly state: string;
  readonly cursor: string | null;
  readonly checkpoint_at: number | null;
  readonly pages: number;
  readonly items: number;
  readonly restarted: number;
  readonly confirmed: number;
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
}

export interface CollectionWriterOptions {
  readonly run: RunState;
  readonly plan: CollectionPlan;
  readonly source: SourceInfo;
  readonly progress: CollectionProgress;
  readonly state: CollectionWriter["state"];
  readonly stores: ReadonlyMap<RecordType, RecordStore>;
  readonly transaction: <Result>(work: () => Result) => Result;
  readonly now: () => number;
}

type Counts = { added: number; changed: number; unchanged: number };

/** One collection of one run: batches in, absences at the end. */
export class StoredCollection implements CollectionWriter {
  readonly state: CollectionWriter["state"];
  readonly cursor: unknown;
  readonly carried: { readonly pages: number; readonly items: number };
  readonly #options: CollectionWriterOptions;
  readonly #seen: SeenSet;
  readonly #forecasts = new Map<RecordType, { readonly alone: Forecast; readonly shared: Forecast }>();
  #counts: Counts;
  #confirmed: boolean;

  constructor(options: CollectionWriterOptions) {
    const { progress, state } = options;
    this.#options = options;
    this.state = state;
    this.cursor = state === "resumed" && progress.cursor !== null ? JSON.parse(progress.cursor) : undefined;
    this.carried = state === "fresh" ? { pages: 0, items: 0 } : { pages: progress.pages, items: progress.items };
    this.#counts = { added: progress.added, changed: progress.changed, unchanged: progress.unchanged };
    this.#confirmed = state === "resumed" && progress.confirmed === 1;
    this.#seen = new SeenSet(options.run, options.source.id);
    if (options.run.mutations.forgetSeen === true && state === "resumed") this.#seen.clear();
  }

  find(alias: string): ReturnType<CollectionWriter["find"]> {
    const { run, plan, stores } = this.#options;
    run.indexes.forAliases();
    const text = storeText(alias.length > LONGEST_TEXT ? cutText(alias).text : alias);
    const hits = run.statements.all<{ type: number; id: number }>(
      "select type, id from t_alias where alias = ? order by type, id",
      text,
    );
    const found = hits.flatMap(({ type, id }) => {
      const store = stores.get(layoutOfCode(type).type);
      const row = store?.byId(id);
      return row === undefined || row.presence === WITHDRAWN || row.scope !== plan.scope
        ? []
        : [{ row, type: layoutOfCode(type).type }];
    });
    // Of several that bore the name, the one that is there now, and then the newest: a name may be used again.
    const [first] = found.toSorted(
      ({ row: left }, { row: right }) =>
        left.presence - right.presence || right.first_run - left.first_run || (left.urn < right.urn ? -1 : 1),
    );
    if (first === undefined) return undefined;
    const { aliases: _aliases, tags, attributes: _attributes, ...facts } = JSON.parse(first.row.facts) as Facts;
    return {
      urn: first.row.urn,
      type: first.type,
      facts: Object.fromEntries(Object.entries(facts).filter(([, fact]) => !isUnknown(fact))),
      tags: tags === undefined || tags === null || isUnknown(tags) ? {} : (tags as Readonly<Record<string, string>>),
    };
  }

  commit(
    batch: readonly (NhiRecord | UsageObservation)[],
    cursor?: { readonly cursor: unknown; readonly pages: number; readonly items: number },
  ): void {
    const counts = { ...this.#counts };
    try {
      this.#options.transaction(() => {
        const problems: RecordProblem[] = [];
        for (const [index, item] of batch.entries()) {
          try {
            this.#take(item, counts);
          } catch (error) {
            if (!(error instanceof RecordFault)) throw error;
            problems.push(problemOf(index, item, error));
          }
        }
        // Thrown inside the transaction: what was written before goes back.
        if (problems.length > 0) throw new InvalidRecordError(problems);
        this.#seen.flush();
        this.#saveProgress(counts, cursor);
      });
      this.#counts = counts;
    } catch (error) {
      // What was foreseen may have been written and taken back.
      this.#forecasts.clear();
      throw error;
    } finally {
      this.#seen.drop();
    }
  }

  #take(item: NhiRecord | UsageObservation, counts: Counts): void {
    if (item.type === "usage") {
      checkUsage(item);
      storeUsage(this.#options.run, item);
      return;
    }
    const outline = outlineRecord(item);
    const store = this.#options.stores.get(outline.layout.type);
    if (store === undefined) throw new Error(`There is no store for ${outline.layout.type}`);
    const authority = this.#isAuthority(outline);
    const unchanged = this.#unchanged(store, outline, authority);
    if (unchanged === undefined) {
      this.#see(store, outline, authority, counts);
      return;
    }
    counts.unchanged += 1;
    this.#seen.add(outline.layout.code, unchanged);
  }

  /** The record's number if this source says of it what it said before; the common case, and the cheap one. */
  #unchanged(store: RecordStore, { layout, record, facts }: OutlinedRecord, authority: boolean): number | undefined {
    const { run, source } = this.#options;
    if (source.createdRun === run.run || run.mutations.alwaysChanged === true) {
      return run.emptyTypes.has(layout.code) ? undefined : store.unchanged(record.urn, facts, source.id, authority);
    }
    let forecast = this.#forecasts.get(layout.type);
    if (forecast === undefined) {
      forecast = {
        alone: new Forecast(run, layout, source.id, false),
        shared: new Forecast(run, layout, source.id, true),
      };
      this.#forecasts.set(layout.type, forecast);
    }
    const foreseen =
      forecast.alone.next(record.urn, authority, facts) ?? forecast.shared.next(record.urn, authority, facts);
    if (foreseen !== undefined) return foreseen.same ? foreseen.id : undefined;
    const id = store.unchanged(record.urn, facts, source.id, authority);
    if (id !== undefined) forecast.alone.goOnBehind(id);
    return id;
  }

  #see(store: RecordStore, outline: OutlinedRecord, authority: boolean, counts: Counts): void {
    const { run, plan, source } = this.#options;
    const record = encodeRecord(outline);
    const { layout } = record;
    const insert = () => {
      const id = store.insert(record, plan.scope, source.id, authority);
      if (id === undefined) return false;
      counts.added += 1;
      // What this source brought into this very run needs no note that it was seen.
      if (this.#options.progress.restarted === 1) this.#seen.add(layout.code, id);
      return true;
    };
    if (run.emptyTypes.has(layout.code) && insert()) return;
    const row = store.byUrn(record.urn);
    if (row === undefined) {
      insert();
      return;
    }
    this.#seen.add(layout.code, row.id);
    const before = store.contributions(row);
    const mine = before.find((contribution) => contribution.source === source.id);
    const contribution: Contribution = {
      source: source.id,
      authority,
      presence: PRESENT,
      stale: false,
      createdRun: mine?.createdRun ?? run.run,
      facts: record.facts,
    };
    if (mine !== undefined && isSame(mine, contribution) && run.mutations.alwaysChanged !== true) {
      counts.unchanged += 1;
      this.#forecasts.get(layout.type)?.shared.goOnBehind(row.id);
      return;
    }
    if (mine !== undefined) noteStaleness(run, layout, row.id, mine, contribution);
    const settled = store.settle(
      row,
      before,
      mine === undefined ? [...before, contribution] : before.map((other) => (other === mine ? contribution : other)),
    );
    if (settled.changed) counts.changed += 1;
    else counts.unchanged += 1;
  }

  #isAuthority({ layout, kind }: OutlinedRecord): boolean {
    const kinds = this.#options.plan.authoritative[layout.type];
    return kinds === "all" || (kinds !== undefined && kind !== null && kinds.includes(kind));
  }

  confirmAll(): void {
    const counts = this.#counts;
    this.#options.transaction(() => {
      this.#confirmed = true;
      this.#saveProgress(counts);
    });
  }

  #saveProgress(
    { added, changed, unchanged }: Counts,
    cursor?: { readonly cursor: unknown; readonly pages: number; readonly items: number },
  ): void {
    const { run, source, now } = this.#options;
    const confirmed = this.#confirmed ? 1 : 0;
    if (cursor === undefined) {
      run.statements.run(
        "update t_collection_run set confirmed = ?, added = ?, changed = ?, unchanged = ? where run = ? and source = ?",
        confirmed,
        added,
        changed,
        unchanged,
        run.run,
        source.id,
      );
      return;
    }
    run.statements.run(
      `update t_collection_run set confirmed = ?, added = ?, changed = ?, unchanged = ?, cursor = ?, checkpoint_at = ?, pages = ?, items = ?
        where run = ? and source = ?`,
      confirmed,
      added,
      changed,
      unchanged,
      JSON.stringify(cursor.cursor ?? null),
      now(),
      cursor.pages,
      cursor.items,
      run.run,
      source.id,
    );
  }

  finish(coverage: Omit<Coverage, "scanner" | "scope" | "collection">): CollectionSummary {
    const { run, source, transaction } = this.#options;
    return transaction(() => {
      const { restarted } = this.#options.progress;
      const absences = closeBooks(
        {
          run,
          source,
          stores: this.#options.stores,
          seen: this.#seen,
          confirmed: this.#confirmed,
          restarted: restarted === 1,
        },
        coverage,
      );
      storeCoverage(run, source, coverage);
      this.#seen.clear();
      run.statements.run(
        "update t_collection_run set state = 'done', cursor = null, pages = ?, items = ? where run = ? and source = ?",
        coverage.pages,
        coverage.items,
        run.run,
        source.id,
      );
      return { ...this.#counts, ...absences };
    });
  }
}

function isSame(left: Contribution, right: Contribution): boolean {
  return (
    left.facts === right.facts &&
    left.authority === right.authority &&
    left.presence === right.presence &&
    left.stale === right.stale
  );
}

function problemOf(index: number, item: NhiRecord | UsageObservation, { message }: RecordFault): RecordProblem {
  const { type, urn, subject } = (item ?? {}) as { type?: unknown; urn?: unknown; subject?: unknown };
  const name = type === "usage" ? subject : urn;
  return { index, type: String(type), urn: typeof name === "string" ? name : undefined, problem: message };
}
