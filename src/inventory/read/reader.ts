import type { Instant, Urn } from "../../model/index.ts";
import type { FactProvenance, Params, Reader, Row, ViewColumn } from "../contract.ts";
import { guarded, storeError } from "../errors.ts";
import type { Db } from "../file/open.ts";
import { queryRows } from "../query/query.ts";
import { VIEWS } from "../schema/schema.ts";
import { Statements } from "../statements.ts";
import { readText } from "../text.ts";
import { provenance } from "./provenance.ts";

/** How long a user's own query may take. */
const QUERY_TIMEOUT = 60_000;

export class StoredReader implements Reader {
  readonly #path: string;
  readonly #asOf: Instant | undefined;
  readonly #connect: () => Db;
  #statements: Statements | undefined;

  constructor(path: string, asOf: Instant | undefined, connect: () => Db) {
    this.#path = path;
    this.#asOf = asOf;
    this.#connect = connect;
  }

  #open(): Statements {
    return (this.#statements ??= new Statements(this.#connect()));
  }

  query(sql: string, options: { readonly timeout?: number } = {}): Iterable<Row> {
    return queryRows({ path: this.#path, asOf: this.#asOf, sql, timeout: options.timeout ?? QUERY_TIMEOUT });
  }

  select<T extends Row = Row>(sql: string, params?: Params): readonly T[] {
    return guarded(this.#path, () => {
      const statement = this.#open().get(sql);
      const rows = (params === undefined ? statement.all() : statement.all(params)) as T[];
      return rows.map(decodeRow);
    });
  }

  *iterate<T extends Row = Row>(sql: string, params?: Params): Generator<T> {
    try {
      // A statement of its own: one that is being walked cannot be walked again.
      const statement = this.#open().db.prepare<unknown[], T>(sql);
      for (const row of params === undefined ? statement.iterate() : statement.iterate(params)) yield decodeRow(row);
    } catch (error) {
      throw storeError(this.#path, error);
    }
  }

  columns(view: string): readonly ViewColumn[] {
    const found = VIEWS.find(({ name }) => name === view);
    if (found === undefined) throw new TypeError(`There is no view ${view}`);
    return found.columns;
  }

  provenance(urn: Urn): readonly FactProvenance[] {
    return guarded(this.#path, () => provenance(this.#open(), urn));
  }
}

function decodeRow<T extends Row>(row: T): T {
  let decoded: Record<string, Row[string]> | undefined;
  for (const column in row) {
    const value: Row[string] | undefined = row[column];
    if (typeof value !== "string" || !value.includes("\uFDD0")) continue;
    decoded ??= { ...row };
    decoded[column] = readText(value);
  }
  return decoded === undefined ? row : (decoded as T);
}
