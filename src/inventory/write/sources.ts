import type { CollectionPlan } from "../contract.ts";
import type { Statements } from "../statements.ts";

/** One collection of one scanner in one scope. */
export interface SourceInfo {
  readonly id: number;
  readonly scanner: string;
  readonly scope: string;
  readonly collection: string;
  readonly precedence: number;
  readonly facts: readonly string[];
  readonly optIn: boolean;
  readonly createdRun: number;
}

interface SourceRow {
  readonly id: number;
  readonly scanner: string;
  readonly scope: string;
  readonly collection: string;
  readonly precedence: number;
  readonly facts: string;
  readonly opt_in: number;
  readonly created_run: number;
}

/** The sources that the store knows, by number: loaded once, kept up to date by {@link Sources.register}. */
export class Sources {
  readonly #statements: Statements;
  readonly #byId = new Map<number, SourceInfo>();

  constructor(statements: Statements) {
    this.#statements = statements;
    for (const row of statements.all<SourceRow>("select * from t_source")) this.#byId.set(row.id, infoOf(row));
  }

  get(id: number): SourceInfo {
    const source = this.#byId.get(id) ?? this.#load(id);
    if (source === undefined) throw new Error(`The inventory names the source ${id} and does not have it`);
    return source;
  }

  all(): Iterable<SourceInfo> {
    return this.#byId.values();
  }

  /** Enters a source, or brings what is declared of it up to date. */
  register(plan: CollectionPlan, run: number): SourceInfo {
    const facts = JSON.stringify(plan.facts);
    const { id } = this.#statements.one<{ id: number }>(
      `insert into t_source (scanner, scope, collection, precedence, facts, opt_in, created_run) values (?, ?, ?, ?, ?, ?, ?)
        on conflict (scanner, scope, collection) do update set precedence = excluded.precedence, facts = excluded.facts, opt_in = excluded.opt_in
        returning id`,
      plan.scanner,
      plan.scope,
      plan.collection,
      plan.precedence,
      facts,
      plan.optIn ? 1 : 0,
      run,
    ) as { id: number };
    const source = this.#load(id);
    if (source === undefined) throw new Error(`The source ${id} was entered and is not there`);
    return source;
  }

  #load(id: number): SourceInfo | undefined {
    const row = this.#statements.one<SourceRow>("select * from t_source where id = ?", id);
    if (row === undefined) return undefined;
    const source = infoOf(row);
    this.#byId.set(id, source);
    return source;
  }
}

function infoOf(row: SourceRow): SourceInfo {
  return {
    id: row.id,
    scanner: row.scanner,
    scope: row.scope,
    collection: row.collection,
    precedence: row.precedence,
    facts: JSON.parse(row.facts) as string[],
    optIn: row.opt_in === 1,
    createdRun: row.created_run,
  };
}

type SourceName = Pick<SourceInfo, "precedence" | "scanner" | "scope" | "collection">;

/** The order of precedence: the scanner's own, then names. Numbers of sources follow arrival, so they never decide. */
export function bySourceOrder(left: SourceName, right: SourceName): number {
  return (
    left.precedence - right.precedence ||
    compare(left.scanner, right.scanner) ||
    compare(left.scope, right.scope) ||
    compare(left.collection, right.collection)
  );
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
