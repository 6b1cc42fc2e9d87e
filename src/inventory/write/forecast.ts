import type { Layout } from "../schema/layout.ts";
import type { RunState } from "./run-state.ts";

/** A stored contribution of one source, present and fresh. */
export interface ForeseenRecord {
  readonly id: number;
  readonly facts: string;
  readonly authority: number;
}

type Row = readonly [id: number, urn: string, facts: string, authority: number];

const FEW = 16;
const MANY = 1_024;
/** How far to look for a record behind those that are gone. */
const AHEAD = 8;
const PATIENCE = 4;
const PAUSE = 2_000;

/**
 * What a source will probably say next. Providers list in the same order every time, and rows are numbered in the order
 * of their first listing: reading them along in slices costs a fraction of asking for each. A wrong guess costs one
 * question more, and many wrong guesses in a row end the guessing for a while. Only this source's own writes change
 * what is foreseen here, and those lie behind.
 */
export class Forecast {
  readonly #run: RunState;
  readonly #source: number;
  readonly #sql: string;
  #rows: readonly Row[] = [];
  #next = 0;
  #behind = 0;
  #size = FEW;
  #wrong = 0;
  #paused = 0;
  #ended = false;

  constructor(run: RunState, layout: Layout, source: number, shared: boolean) {
    this.#run = run;
    this.#source = source;
    this.#sql = shared
      ? `select c.id, r.urn, c.facts, c.authority from t_contribution c join ${layout.table} r on r.id = c.id
          where c.source = ? and c.type = ${layout.code} and c.id > ? and c.presence = 0 and c.stale = 0 order by c.id limit ?`
      : `select id, urn, facts, authority from ${layout.table} where source = ? and id > ? and presence = 0 and stale = 0 order by id limit ?`;
  }

  /** What is stored of the record, if it is the one that was to come. */
  next(urn: string): ForeseenRecord | undefined {
    if (this.#paused > 0) {
      this.#paused -= 1;
      return undefined;
    }
    if (this.#next >= this.#rows.length && !this.#load()) return undefined;
    const last = Math.min(this.#next + AHEAD, this.#rows.length);
    for (let place = this.#next; place < last; place++) {
      const row = this.#rows[place];
      if (row === undefined || row[1] !== urn) continue;
      this.#next = place + 1;
      this.#wrong = 0;
      return { id: row[0], facts: row[2], authority: row[3] };
    }
    return undefined;
  }

  /** The record was another than the one to come: go on behind it. */
  goOnBehind(id: number): void {
    this.#rows = [];
    this.#next = 0;
    this.#behind = id;
    this.#size = FEW;
    this.#ended = false;
    this.#wrong += 1;
    if (this.#wrong < PATIENCE) return;
    this.#wrong = 0;
    this.#paused = PAUSE;
  }

  #load(): boolean {
    if (this.#ended) return false;
    const rows = this.#run.statements.get(this.#sql).raw().all(this.#source, this.#behind, this.#size) as Row[];
    this.#ended = rows.length < this.#size;
    this.#rows = rows;
    this.#next = 0;
    this.#behind = rows.at(-1)?.[0] ?? this.#behind;
    this.#size = Math.min(this.#size * 4, MANY);
    return rows.length > 0;
  }
}
