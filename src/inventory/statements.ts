import type Database from "better-sqlite3";

type Statement = Database.Statement;

/** Prepared statements by their text; the least recently prepared makes room for the next. */
export class Statements {
  readonly db: Database.Database;
  readonly #limit: number;
  readonly #prepared = new Map<string, Statement>();

  constructor(db: Database.Database, limit = 500) {
    this.db = db;
    this.#limit = limit;
  }

  get(sql: string): Statement {
    const prepared = this.#prepared.get(sql);
    if (prepared !== undefined) return prepared;
    const statement = this.db.prepare(sql);
    if (this.#prepared.size >= this.#limit) {
      const [oldest] = this.#prepared.keys();
      if (oldest !== undefined) this.#prepared.delete(oldest);
    }
    this.#prepared.set(sql, statement);
    return statement;
  }

  run(sql: string, ...params: readonly unknown[]): Database.RunResult {
    return this.get(sql).run(...params);
  }

  one<Row>(sql: string, ...params: readonly unknown[]): Row | undefined {
    return this.get(sql).get(...params) as Row | undefined;
  }

  all<Row>(sql: string, ...params: readonly unknown[]): Row[] {
    return this.get(sql).all(...params) as Row[];
  }
}
