import { encodeFacts } from "../record/encode.ts";
import type { Facts } from "../record/encode.ts";
import { merge, presenceOf, speaking } from "../record/merge.ts";
import type { Contribution } from "../record/merge.ts";
import type { EncodedRecord } from "../record/validate.ts";
import type { Layout } from "../schema/layout.ts";
import { rewriteNames, writeNames } from "./names.ts";
import type { RunState } from "./run-state.ts";
import { bySourceOrder } from "./sources.ts";
import { bodyOf, closeVersion } from "./versions.ts";

/** A row as it stands before a write. */
export interface StoredRecord {
  readonly id: number;
  readonly urn: string;
  readonly provider: string;
  readonly scope: string;
  /** The only source; `null` where there are several. */
  readonly source: number | null;
  readonly authority: number;
  readonly presence: number;
  readonly stale: number;
  readonly known: number;
  readonly first_run: number;
  readonly changed_at: number;
  readonly since_run: number;
  readonly change: number;
  readonly changed: string | null;
  readonly facts: string;
  readonly kind: string | null;
  readonly name: string | null;
}

/** What a write did to the record as a whole. */
export interface Settled {
  /** Whether facts or presence differ from before the write. */
  readonly changed: boolean;
  readonly before: number;
  readonly presence: number;
}

/** The rows of one record type: what is compared, what is written, and which version that closes. */
export class RecordStore {
  readonly layout: Layout;
  readonly #run: RunState;
  readonly #sql: Readonly<Record<"unchanged" | "byUrn" | "byId" | "insert" | "rewrite" | "restate", string>>;

  constructor(run: RunState, layout: Layout) {
    this.layout = layout;
    this.#run = run;
    const { table, stored, hasKind, hasName } = layout;
    const columns = stored.map(({ column }) => `f_${column}`);
    const row = `select id, urn, provider, scope, source, authority, presence, stale, known, first_run, changed_at, since_run, change, changed, facts,
      ${hasKind ? "f_kind" : "null"} as kind, ${hasName ? "f_name" : "null"} as name from ${table}`;
    const state = ["source", "authority", "presence", "stale", "known", "changed_at", "since_run", "change", "changed"];
    const set = (names: readonly string[]) => names.map((name) => `${name} = ?`).join(", ");
    this.#sql = {
      unchanged: `select id from ${table} where urn = ? and facts = ? and source = ? and authority = ? and presence = 0 and stale = 0`,
      byUrn: `${row} where urn = ?`,
      byId: `${row} where id = ?`,
      insert: `insert into ${table} (urn, provider, scope, source, authority, presence, stale, known, first_run, first_seen_at, changed_at, since_run, change, changed, ${[...columns, "facts"].join(", ")})
        values (?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, 0, null${", ?".repeat(columns.length + 1)}) on conflict (urn) do nothing`,
      rewrite: `update ${table} set ${set(["scope", ...state, ...columns, "facts"])} where id = ?`,
      restate: `update ${table} set ${set(["scope", ...state])} where id = ?`,
    };
  }

  /** The record's number if this source's contribution is what is stored, present and fresh; the common case. */
  unchanged(urn: string, facts: string, source: number, authority: boolean): number | undefined {
    if (this.#run.mutations.alwaysChanged === true) return undefined;
    const row = this.#run.statements.one<{ id: number }>(this.#sql.unchanged, urn, facts, source, authority ? 1 : 0);
    return row?.id;
  }

  byUrn(urn: string): StoredRecord | undefined {
    return this.#run.statements.one<StoredRecord>(this.#sql.byUrn, urn);
  }

  byId(id: number): StoredRecord {
    const row = this.#run.statements.one<StoredRecord>(this.#sql.byId, id);
    if (row === undefined) throw new Error(`The ${this.layout.type} ${id} is gone from the inventory`);
    return row;
  }

  /** @returns the new record's number, or `undefined` if it is there already. */
  insert(record: EncodedRecord, scope: string, source: number, authority: boolean): number | undefined {
    const { run, startedAt, statements } = this.#run;
    const { changes, lastInsertRowid } = statements.run(
      this.#sql.insert,
      record.urn,
      record.provider,
      scope,
      source,
      authority ? 1 : 0,
      record.known,
      run,
      startedAt,
      startedAt,
      run,
      ...record.values,
      record.facts,
    );
    if (changes === 0) return undefined;
    const id = Number(lastInsertRowid);
    writeNames(this.#run, this.layout, id, record);
    this.#touch();
    return id;
  }

  /** All contributions to a record, in order of precedence. */
  contributions(row: StoredRecord): readonly Contribution[] {
    if (row.source !== null) {
      return [
        {
          source: row.source,
          authority: row.authority === 1,
          presence: row.presence,
          stale: row.stale > 0,
          createdRun: row.first_run,
          facts: row.facts,
        },
      ];
    }
    const rows = this.#run.statements.all<{
      source: number;
      authority: number;
      presence: number;
      stale: number;
      created_run: number;
      facts: string;
    }>(
      "select source, authority, presence, stale, created_run, facts from t_contribution where type = ? and id = ?",
      this.layout.code,
      row.id,
    );
    return this.#inOrder(
      rows.map(({ source, authority, presence, stale, created_run: createdRun, facts }) => ({
        source,
        authority: authority === 1,
        presence,
        stale: stale === 1,
        createdRun,
        facts,
      })),
    );
  }

  #inOrder(contributions: readonly Contribution[]): readonly Contribution[] {
    const { sources, mutations } = this.#run;
    if (mutations.mergeByArrival === true) return [...contributions];
    return [...contributions].sort((left, right) => bySourceOrder(sources.get(left.source), sources.get(right.source)));
  }

  /**
   * Brings a record from one set of contributions to another: merges, closes the version that stood before this run
   * where facts or presence changed, and takes the closing back where the run ends as it began.
   */
  settle(row: StoredRecord, before: readonly Contribution[], contributions: readonly Contribution[]): Settled {
    const after = this.#inOrder(contributions);
    const presence = presenceOf(after);
    const voices = speaking(after, presence);
    const merged = merge(
      this.layout,
      voices.map(({ facts, stale }) => ({ facts: JSON.parse(facts) as Facts, stale })),
    );
    const encoded = encodeFacts(this.layout, merged.facts);
    const single = row.source !== null && after.length === 1 && after[0]?.source === row.source;
    const bodies = { before: bodyOf(speaking(before, row.presence)), after: bodyOf(voices) };
    const contributed = bodies.before !== bodies.after;
    const changed =
      this.#run.mutations.alwaysChanged === true ||
      contributed ||
      presence !== row.presence ||
      encoded.facts !== row.facts;

    if (!single) this.#writeContributions(row, before, after);
    const version =
      changed && this.#run.mutations.forgetVersion !== true
        ? closeVersion(this.#run, this.layout, row, bodies.before, {
            presence,
            facts: encoded.facts,
            body: bodies.after,
          })
        : row;
    const [only] = after;
    const speaker = voices.find(({ authority }) => authority) ?? voices[0];
    const state = [
      speaker === undefined ? row.scope : this.#run.sources.get(speaker.source).scope,
      single ? row.source : null,
      single && only?.authority === true ? 1 : 0,
      presence,
      after.filter(({ stale }) => stale).length,
      merged.known,
      version.changed_at,
      version.since_run,
      version.change,
      version.changed,
    ];
    if (encoded.facts === row.facts) {
      this.#run.statements.run(this.#sql.restate, ...state, row.id);
    } else {
      this.#run.statements.run(this.#sql.rewrite, ...state, ...encoded.values, encoded.facts, row.id);
      rewriteNames(this.#run, this.layout, row, encoded);
    }
    if (changed) this.#touch();
    return { changed, before: row.presence, presence };
  }

  #touch(): void {
    const { type } = this.layout;
    this.#run.dirty.add(type);
    if (type === "identity" || type === "credential") this.#run.dirty.add("usage");
  }

  #writeContributions(row: StoredRecord, before: readonly Contribution[], after: readonly Contribution[]): void {
    const { statements } = this.#run;
    const stored = row.source === null ? before : [];
    for (const { source } of stored) {
      if (!after.some((contribution) => contribution.source === source)) {
        statements.run(
          "delete from t_contribution where type = ? and id = ? and source = ?",
          this.layout.code,
          row.id,
          source,
        );
      }
    }
    for (const contribution of after) {
      if (stored.includes(contribution)) continue;
      const { source, authority, presence, stale, createdRun, facts } = contribution;
      statements.run(
        "insert or replace into t_contribution (type, id, source, authority, presence, stale, created_run, facts) values (?, ?, ?, ?, ?, ?, ?, ?)",
        this.layout.code,
        row.id,
        source,
        authority ? 1 : 0,
        presence,
        stale ? 1 : 0,
        createdRun,
        facts,
      );
    }
  }
}
