import {
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import Database from "better-sqlite3";
import { EXIT, UserError } from "../../sdk/errors.ts";
import { guarded, storeError } from "../errors.ts";
import { createView, VIEWS } from "../schema/schema.ts";
import { createTable, EARLY_INDEXES, TABLES } from "../schema/tables.ts";

export type Db = Database.Database;

/** "ROLL": SQLite's own mark of whose file it is. */
export const APPLICATION_ID = 0x524f4c4c;

/** Counts up with every change of tables or views; `migrations.ts` leads from one to the next. */
export const SCHEMA_VERSION = 1;

/** Larger than SQLite's own choice: rows are half a kilobyte and more, and most are read and written in order. */
const PAGE = 8_192;

/** How long to wait for another process's transaction. */
const BUSY = 10_000;

export interface Header {
  readonly applicationId: number;
  readonly schemaVersion: number;
}

/**
 * Looks at a file without opening it as a database, so that a file that is not ours is not touched.
 *
 * @returns `undefined` where there is no file.
 * @throws {UserError} exit 7 for anything that is not an inventory of this or an older version.
 */
export function inspectFile(path: string, newest = SCHEMA_VERSION): Header | undefined {
  const stat = guarded(path, () => lstatSync(path, { throwIfNoEntry: false }));
  if (stat === undefined) return undefined;
  const refuse = (message: string, next: string) => new UserError(message, { exit: EXIT.store, next });
  if (stat.isSymbolicLink())
    throw refuse(`${path} is a symbolic link, which an inventory must not be`, "name the file itself with --db FILE");
  if (!stat.isFile()) throw refuse(`${path} is not a file`, "choose another with --db FILE");
  if (stat.size === 0)
    throw refuse(
      `${path} is empty, so it is no inventory`,
      `rm ${path}, then scan again, or choose another with --db FILE`,
    );

  const header = readHeader(path);
  if (header.toString("latin1", 0, 16) !== "SQLite format 3\0") {
    throw refuse(
      `${path} is not an inventory, or its beginning is damaged; it was left as it is`,
      "choose another with --db FILE, or restore a backup with rollcall db restore",
    );
  }
  const applicationId = header.readUInt32BE(68);
  if (applicationId !== APPLICATION_ID)
    throw refuse(`${path} is the database of another program; it was left as it is`, "choose another with --db FILE");
  const schemaVersion = header.readUInt32BE(60);
  if (schemaVersion > newest) {
    throw refuse(
      `${path} was written by a newer Rollcall (schema ${schemaVersion}; this one knows ${newest}); it was left as it is`,
      "update Rollcall, or choose another with --db FILE",
    );
  }
  return { applicationId, schemaVersion };
}

function readHeader(path: string): Buffer {
  return guarded(path, () => {
    const file = openSync(path, "r");
    try {
      const header = Buffer.alloc(100);
      readSync(file, header, 0, 100, 0);
      return header;
    } finally {
      closeSync(file);
    }
  });
}

/**
 * Creates an empty inventory that only its owner can read. It appears under its name whole or not at all; where two
 * create it at once, the first one's stands.
 */
export function createDatabase(path: string): void {
  guarded(path, () => {
    const folder = dirname(resolve(path));
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
    const draft = `${path}.new-${process.pid}`;
    rmSync(draft, { force: true });
    // The file is private before SQLite writes the first byte into it.
    closeSync(openSync(draft, "wx", 0o600));
    try {
      const db = new Database(draft);
      try {
        db.pragma(`page_size = ${PAGE}`);
        db.pragma(`application_id = ${APPLICATION_ID}`);
        db.pragma(`user_version = ${SCHEMA_VERSION}`);
        db.transaction(() => {
          for (const statement of [
            ...TABLES.map((table) => createTable(table, "sqlite")),
            ...EARLY_INDEXES.map(({ sql }) => sql),
            ...VIEWS.map((view) => createView(view, "sqlite")),
          ]) {
            db.exec(statement);
          }
        })();
        db.pragma("journal_mode = WAL");
      } finally {
        db.close();
      }
      moveIntoPlace(draft, path);
    } finally {
      for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(draft + suffix, { force: true });
    }
  });
}

function moveIntoPlace(draft: string, path: string): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EEXIST") return;
    // Not every file system has hard links.
    if (existsSync(path)) return;
    renameSync(draft, path);
  }
}

/** The connection that writes. */
export function openForWriting(path: string): Db {
  return guarded(path, () => {
    const db = new Database(path, { fileMustExist: true, timeout: BUSY });
    try {
      settings(db, 40);
      db.pragma("synchronous = NORMAL");
      db.pragma("wal_autocheckpoint = 4000");
      db.pragma("journal_size_limit = 67108864");
      // Fails here, not in the middle of a scan, where the file cannot be written.
      db.exec("begin immediate; rollback");
    } catch (error) {
      db.close();
      throw error;
    }
    return db;
  });
}

/**
 * A connection that cannot write. Beside a writer it reads through the page cache alone, so that a scan's memory does
 * not grow with the file; on its own it maps the file.
 */
export function openForReading(path: string, mapped: boolean): Db {
  return guarded(path, () => {
    try {
      return reading(path, mapped);
    } catch (error) {
      // A folder that cannot be written has no room for SQLite's shared memory; without a log there is nothing in it.
      if (!isUnopenable(error) || (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) throw error;
      return reading(`${pathToFileURL(resolve(path)).href}?immutable=1`, mapped);
    }
  });
}

function reading(name: string, mapped: boolean): Db {
  const db = new Database(name, { readonly: true, fileMustExist: true, timeout: BUSY });
  try {
    settings(db, mapped ? 32 : 12);
    if (mapped) db.pragma("mmap_size = 1073741824");
    db.prepare("select 1 from t_meta limit 1").get();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function settings(db: Db, megabytes: number): void {
  db.pragma("trusted_schema = OFF");
  db.pragma("cell_size_check = ON");
  db.pragma(`cache_size = -${megabytes * 1024}`);
}

function isUnopenable(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return (
    typeof code === "string" &&
    (code.startsWith("SQLITE_CANTOPEN") || code.startsWith("SQLITE_READONLY") || code.startsWith("SQLITE_IOERR"))
  );
}

/** @throws {UserError} exit 7 where SQLite itself finds that the schema is another than the header says. */
export function schemaVersionOf(db: Db, path: string): number {
  try {
    return Number(db.pragma("user_version", { simple: true }));
  } catch (error) {
    throw storeError(path, error);
  }
}
