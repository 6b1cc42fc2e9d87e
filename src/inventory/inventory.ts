import type { Inventory, OpenOptions, Reader, Writer } from "./contract.ts";
import { EXIT, UserError } from "../sdk/errors.ts";
import {
  createDatabase,
  inspectFile,
  openForReading,
  openForWriting,
  SCHEMA_VERSION,
  schemaVersionOf,
} from "./file/open.ts";
import type { Db } from "./file/open.ts";
import { migrate, MIGRATIONS } from "./schema/migrations.ts";
import type { Migration } from "./schema/migrations.ts";
import { showPast } from "./read/as-of.ts";
import { StoredReader } from "./read/reader.ts";
import type { Mutations } from "./write/run-state.ts";
import { StoredWriter } from "./write/writer.ts";

/** What only tests set. */
export interface InternalOptions {
  readonly mutations?: Mutations;
  readonly migrations?: readonly Migration[];
  /** The disk is full when the file has so many pages. */
  readonly fullAt?: number;
}

/**
 * Opens an inventory. Nothing is read beyond the file's header until something is asked; in `write` mode the file is
 * created, or brought up to date after a backup.
 *
 * @throws {UserError} exit 7 for a file that is missing (`read`), damaged, somebody else's, newer, or not writable.
 */
export function openInventory(options: OpenOptions): Inventory {
  return openInventoryWith(options, {});
}

export function openInventoryWith(options: OpenOptions, internal: InternalOptions): Inventory {
  const { path, mode } = options;
  const { mutations = {}, migrations = MIGRATIONS } = internal;
  const newest = Math.max(SCHEMA_VERSION, ...migrations.map(({ to }) => to));
  const header = inspectFile(path, newest);
  if (header === undefined) {
    if (mode === "read")
      throw new UserError(`There is no inventory at ${path}`, {
        exit: EXIT.store,
        next: "rollcall scan makes one; --db FILE names another",
      });
    createDatabase(path);
  }
  return mode === "write"
    ? new WritableInventory(options, internal, migrations, newest)
    : new ReadableInventory(options, mutations, newest);
}

class ReadableInventory implements Inventory {
  readonly path: string;
  readonly reader: Reader;
  readonly #db: Db;

  constructor({ path, asOf }: OpenOptions, mutations: Mutations, newest: number) {
    this.path = path;
    this.#db = openForReading(path, true);
    const version = schemaVersionOf(this.#db, path);
    if (version !== newest) {
      this.#db.close();
      throw version > newest
        ? new UserError(`${path} was written by a newer Rollcall (schema ${version}; this one knows ${newest})`, {
            exit: EXIT.store,
            next: "update Rollcall",
          })
        : new UserError(
            `${path} was written by an older Rollcall (schema ${version}) and must be brought up to date before it can be read`,
            {
              exit: EXIT.store,
              next: "rollcall scan does it, and keeps a backup",
            },
          );
    }
    if (asOf !== undefined) showPast(this.#db, asOf, mutations);
    this.reader = new StoredReader(path, asOf, () => this.#db);
  }

  writer(): Writer {
    throw new UserError(`${this.path} was opened for reading only`, { exit: EXIT.store, next: "open it for writing" });
  }

  close(): void {
    this.#db.close();
  }
}

class WritableInventory implements Inventory {
  readonly path: string;
  readonly reader: Reader;
  readonly #db: Db;
  #reading: Db | undefined;
  #writer: StoredWriter | undefined;
  readonly #options: OpenOptions;
  readonly #mutations: Mutations;

  constructor(
    options: OpenOptions,
    { mutations = {}, fullAt }: InternalOptions,
    migrations: readonly Migration[],
    newest: number,
  ) {
    this.path = options.path;
    this.#options = options;
    this.#mutations = mutations;
    this.#db = openForWriting(options.path);
    try {
      if (fullAt !== undefined) this.#db.pragma(`max_page_count = ${fullAt}`);
      migrate(this.#db, options.path, migrations, newest);
    } catch (error) {
      this.#db.close();
      throw error;
    }
    this.reader = new StoredReader(options.path, options.asOf, () => this.#read());
  }

  #read(): Db {
    if (this.#reading !== undefined) return this.#reading;
    const db = openForReading(this.path, false);
    if (this.#options.asOf !== undefined) showPast(db, this.#options.asOf, this.#mutations);
    return (this.#reading = db);
  }

  writer(): Writer {
    return (this.#writer ??= new StoredWriter({
      db: this.#db,
      path: this.path,
      now: this.#options.now,
      mutations: this.#mutations,
      reading: () => this.#read(),
    }));
  }

  close(): void {
    if (!this.#db.open) return;
    try {
      this.#writer?.release();
    } finally {
      this.#reading?.close();
      this.#db.close();
    }
  }
}
