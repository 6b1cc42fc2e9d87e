import { closeSync, openSync, rmSync } from "node:fs";
import { EXIT, UserError } from "../../sdk/errors.ts";
import { guarded } from "../errors.ts";
import type { Db } from "../file/open.ts";
import { createView, VIEWS } from "./schema.ts";

/** The way from the schema before it to schema `to`. Tables only: the views are made again after the last one. */
export interface Migration {
  readonly to: number;
  readonly up: (db: Db) => void;
}

/** Forward only, in order. Schema 1 is what `createDatabase` makes. */
export const MIGRATIONS: readonly Migration[] = [];

/**
 * Brings a database up to date: a backup beside it first, then all steps in one transaction, so that it is old or new
 * and never between.
 *
 * @throws {UserError} exit 7 for a newer schema.
 */
export function migrate(db: Db, path: string, migrations: readonly Migration[], newest: number): void {
  const version = Number(guarded(path, () => db.pragma("user_version", { simple: true })));
  if (version > newest) {
    throw new UserError(`${path} was written by a newer Rollcall (schema ${version}; this one knows ${newest})`, {
      exit: EXIT.store,
      next: "update Rollcall",
    });
  }
  const steps = migrations.filter(({ to }) => to > version).sort((left, right) => left.to - right.to);
  if (steps.length === 0) return;
  const backup = `${path}.schema-${version}`;
  guarded(path, () => {
    copyInto(db, backup);
    db.transaction(() => {
      for (const { name } of db
        .prepare<[], { name: string }>("select name from sqlite_schema where type = 'view'")
        .all())
        db.exec(`drop view ${name}`);
      for (const step of steps) step.up(db);
      for (const view of VIEWS) db.exec(createView(view, "sqlite"));
      db.pragma(`user_version = ${newest}`);
    })();
    db.pragma("wal_checkpoint(TRUNCATE)");
  });
}

/** Copies a database into a new private file; whatever has that name already is replaced. */
export function copyInto(db: Db, path: string): void {
  rmSync(path, { force: true });
  closeSync(openSync(path, "wx", 0o600));
  try {
    db.prepare("vacuum into ?").run(path);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}
