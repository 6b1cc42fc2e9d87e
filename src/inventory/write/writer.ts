import type { Instant } from "../../model/index.ts";
import type { DerivedIdentity, FindingWriter, RunPlan, RunWriter, Writer } from "../contract.ts";
import { guarded, storeError } from "../errors.ts";
import type { Db } from "../file/open.ts";
import { StoredFindings } from "../findings/findings.ts";
import { Statements } from "../statements.ts";
import { storeText } from "../text.ts";
import { refreshUsage } from "./derived.ts";
import { Dirty } from "./dirty.ts";
import { refreshFacets } from "./facets.ts";
import { Indexes } from "./indexes.ts";
import { Lease } from "./lease.ts";
import type { Mutations } from "./run-state.ts";
import { startRun } from "./run-writer.ts";
import type { RunContext } from "./run-writer.ts";

export interface WriterOptions {
  readonly db: Db;
  readonly path: string;
  readonly now: () => Instant;
  readonly mutations: Mutations;
  /** A second connection, so that what is read can stream while what follows from it is written. */
  readonly reading: () => Db;
}

/** All that writes to one open inventory. */
export class StoredWriter implements Writer {
  readonly findings: FindingWriter;
  readonly #path: string;
  readonly #statements: Statements;
  readonly #context: RunContext;

  constructor({ db, path, now, mutations, reading }: WriterOptions) {
    this.#path = path;
    this.#statements = new Statements(db);
    const indexes = new Indexes(this.#statements);
    const dirty = guarded(path, () => new Dirty(this.#statements));
    const transaction = <Result>(work: () => Result): Result => {
      if (db.inTransaction) return work();
      try {
        return db
          .transaction(() => {
            const result = work();
            dirty.store();
            return result;
          })
          .immediate();
      } catch (error) {
        dirty.doubt();
        throw storeError(path, error);
      }
    };
    this.#context = {
      statements: this.#statements,
      indexes,
      dirty,
      lease: new Lease(this.#statements),
      now,
      mutations,
      transaction,
    };
    this.findings = new StoredFindings({ statements: this.#statements, indexes, reading, transaction, mutations });
  }

  startRun(plan: RunPlan): RunWriter {
    return guarded(this.#path, () => startRun(this.#context, plan));
  }

  replaceDerived(rows: Iterable<DerivedIdentity>): void {
    const statements = this.#statements;
    this.#context.transaction(() => {
      statements.run("delete from t_identity_derived");
      for (const { urn, privilege, certainty, reason, score } of rows) {
        statements.run(
          "insert or replace into t_identity_derived (id, privilege, certainty, reason, score) select id, ?, ?, ?, ? from t_identity where urn = ?",
          privilege,
          certainty,
          storeText(reason),
          score,
          urn,
        );
      }
    });
  }

  refreshDerived(): void {
    const { indexes, dirty, transaction } = this.#context;
    guarded(this.#path, () => indexes.forRecords());
    transaction(() => {
      refreshUsage(this.#statements, dirty);
      refreshFacets(this.#statements, dirty);
    });
  }

  /** Gives up what this process holds; a run that was not finished can be taken up at once. */
  release(): void {
    this.#context.transaction(() => this.#context.lease.release());
  }
}
