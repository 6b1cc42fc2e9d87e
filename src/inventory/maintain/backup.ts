import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import Database from "better-sqlite3";
import { EXIT, UserError } from "../../sdk/errors.ts";
import { guarded } from "../errors.ts";
import { inspectFile, openForReading } from "../file/open.ts";
import { copyInto } from "../schema/migrations.ts";

/**
 * Writes a whole copy of an inventory into a new private file, also while a scan is writing to it: the copy is the
 * state of one moment.
 *
 * @throws {UserError} exit 7 where `from` is no inventory, or `to` exists or cannot be written.
 */
export function backupDatabase(from: string, to: string): void {
  if (inspectFile(from) === undefined)
    throw new UserError(`There is no inventory at ${from}`, { exit: EXIT.store, next: "name one with --db FILE" });
  if (existsSync(to))
    throw new UserError(`${to} exists already, and a backup overwrites nothing`, {
      exit: EXIT.store,
      next: "choose another name",
    });
  guarded(to, () => {
    mkdirSync(dirname(resolve(to)), { recursive: true, mode: 0o700 });
    const db = openForReading(from, false);
    try {
      copyInto(db, to);
    } finally {
      db.close();
    }
  });
}

/**
 * Puts a backup in the place of an inventory. The backup is checked first; what was there is kept beside it.
 *
 * @returns where the replaced inventory is kept, or `undefined` where there was none.
 * @throws {UserError} exit 7 where the backup is not whole, or a scan is writing to `path`.
 */
export function restoreDatabase(backup: string, path: string): string | undefined {
  if (inspectFile(backup) === undefined)
    throw new UserError(`There is no backup at ${backup}`, {
      exit: EXIT.store,
      next: "name the file that rollcall db backup wrote",
    });
  const draft = `${path}.new-${process.pid}`;
  return guarded(path, () => {
    mkdirSync(dirname(resolve(path)), { recursive: true, mode: 0o700 });
    const db = openForReading(backup, false);
    try {
      const problems = (db.pragma("integrity_check(1)") as readonly { readonly integrity_check: string }[]).filter(
        (row) => row.integrity_check !== "ok",
      );
      if (problems.length > 0)
        throw new UserError(`The backup ${backup} is damaged: ${problems[0]?.integrity_check ?? ""}`, {
          exit: EXIT.store,
          next: "choose an older backup",
        });
      copyInto(db, draft);
    } finally {
      db.close();
    }
    try {
      prepare(draft);
      const replaced = existsSync(path) ? moveAside(path) : undefined;
      renameSync(draft, path);
      return replaced;
    } finally {
      rmSync(draft, { force: true });
    }
  });
}

/** Whoever held the backup's leases is not scanning into the restored file. */
function prepare(draft: string): void {
  const db = new Database(draft);
  try {
    db.prepare("delete from t_lease").run();
    db.pragma("journal_mode = WAL");
  } finally {
    db.close();
  }
}

function moveAside(path: string): string {
  refuseWhileInUse(path);
  let number = 1;
  while (existsSync(`${path}.replaced-${number}`)) number += 1;
  const replaced = `${path}.replaced-${number}`;
  for (const suffix of ["-wal", "-shm", ""])
    if (existsSync(path + suffix)) renameSync(path + suffix, replaced + suffix);
  return replaced;
}

/** A damaged file cannot be asked and may be replaced; one in use may not. */
function refuseWhileInUse(path: string): void {
  let db: InstanceType<typeof Database> | undefined;
  try {
    db = new Database(path, { fileMustExist: true, timeout: 0 });
    db.exec("begin exclusive; rollback");
    // Folds the log in, so that the file that is kept is whole in itself.
    db.pragma("wal_checkpoint(TRUNCATE)");
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code === "string" && code.startsWith("SQLITE_BUSY")) {
      throw new UserError(`Another process is writing to ${path}`, {
        exit: EXIT.busy,
        next: "wait for it to finish, then restore",
        cause: error,
      });
    }
  } finally {
    db?.close();
  }
}
