import type { Statements } from "../statements.ts";
import { ALIAS_INDEX, FINDING_INDEXES, LATE_INDEXES } from "../schema/tables.ts";
import type { Index } from "../schema/tables.ts";

/**
 * Indexes that an empty store does without. They are built when the first load is in, or when something first needs
 * them; from then on they are kept.
 */
export class Indexes {
  readonly #statements: Statements;
  readonly #built = new Set<string>();

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** For `find`. */
  forAliases(): void {
    this.#build("aliases", [ALIAS_INDEX]);
  }

  /** For everything that reads records by anything but their URN. */
  forRecords(): void {
    this.#build("records", LATE_INDEXES);
  }

  forFindings(): void {
    this.#build("findings", FINDING_INDEXES);
  }

  #build(what: string, indexes: readonly Index[]): void {
    if (this.#built.has(what)) return;
    const present = new Set(
      this.#statements
        .all<{ name: string }>("select name from sqlite_schema where type = 'index'")
        .map(({ name }) => name),
    );
    for (const { name, sql } of indexes) if (!present.has(name)) this.#statements.db.exec(sql);
    this.#built.add(what);
  }
}
