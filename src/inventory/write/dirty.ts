import type { RecordType } from "../../model/index.ts";
import { LAYOUTS } from "../schema/layout.ts";
import type { Statements } from "../statements.ts";

type Dirtied = RecordType | "usage";

/**
 * What has changed since what follows from it was worked out last: types of records, and use. Kept in the store too, in
 * the transaction of the change, so that a killed scan leaves no count wrong for ever.
 */
export class Dirty {
  readonly #statements: Statements;
  readonly #names = new Set<string>();
  #stored: string | undefined;

  constructor(statements: Statements) {
    this.#statements = statements;
    this.#stored = statements.one<{ value: string }>("select value from t_meta where key = 'dirty'")?.value ?? "";
    for (const name of this.#stored.split(" ")) if (name !== "") this.#names.add(name);
  }

  add(name: Dirtied): void {
    this.#names.add(name);
  }

  has(...names: readonly Dirtied[]): boolean {
    return names.some((name) => this.#names.has(name));
  }

  clean(name: Dirtied): void {
    this.#names.delete(name);
  }

  /** Inside a transaction, before its end. */
  store(): void {
    const text = ["usage", ...LAYOUTS.map(({ type }) => type)].filter((name) => this.#names.has(name)).join(" ");
    if (text === this.#stored) return;
    this.#statements.run("insert or replace into t_meta (key, value) values ('dirty', ?)", text);
    this.#stored = text;
  }

  /** The transaction was taken back: what is stored is not known any more. */
  doubt(): void {
    this.#stored = undefined;
  }
}
