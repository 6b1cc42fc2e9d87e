import type { Layout } from "../schema/layout.ts";
import type { RunState } from "./run-state.ts";

type Row = readonly [id: number, urn: string, facts: string, authority: number];

/** Whether what is stored of a record is what it says now. */
export interface Foreseen {
  readonly id: number;
  readonly same: boolean;
}

const FEW = 16;
const MANY = 512;
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
          where c.source = ? and c.type = ${layout.code} and c.presence = 0 and c.id > ? and c.stale = 0 order by c.id limit ?`
      : `select id, urn, facts, authority from ${layout.table} where source = ? and presence = 0 and id > ? and stale = 0 order by id limit ?`;
  }

  /** What is stored of the record, if it is among the next to come. */
  next(urn: string, authority: boolean, facts: string): Foreseen | undefined {
    if (this.#paused > 0) {
      this.#paused -= 1;
      return undefined;
    }
    if (this.#next >= this.#rows.length && !this.#load()) return undefined;
    const end = Math.min(this.#next + AHEAD, this.#rows.length);
    for (let place = this.#next; place < end; place++) {
      const row = this.#rows[place];
      if (row === undefined || row[1] !== urn) continue;
      this.#next = place + 1;
      this.#wrong = 0;
      return { id: row[0], same: row[2] === facts && (row[3] === 1) === authority };
    }
    return undefined;
  }

  /** The record was another than the ones to come: go on behind it. */
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
    this.#rows = this.#run.statements.get(this.#sql).raw().all(this.#source, this.#behind, this.#size) as Row[];
    this.#ended = this.#rows.length < this.#size;
    this.#next = 0;
    this.#behind = this.#rows.at(-1)?.[0] ?? this.#behind;
    this.#size = Math.min(this.#size * 4, MANY);
    return this.#rows.length > 0;
  }
}
