import Database from "better-sqlite3";
import { UserError } from "../../sdk/errors.ts";
import { VIEWS } from "../schema/schema.ts";

const NEXT = "rollcall query --help names the views; docs/views.md has their columns";

/** Table-valued functions that read nothing but their argument. */
const HARMLESS_MODULES: ReadonlySet<string> = new Set(["json_each", "json_tree"]);

/**
 * Lets one `SELECT` over the documented views through, and nothing else. SQLite itself resolves the names: the text is
 * compiled against an empty database that has the views and no tables, so whatever it compiles to cannot name a table.
 * What is left are SQLite's own tables and functions that act as tables; those show in the compiled program.
 *
 * @param temporary whether the views are temporary ones, as where the past is shown: `main.identity` is then none.
 * @throws {UserError} exit 2.
 */
export function checkQuery(sql: string, temporary: boolean): void {
  if (!/^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*(?:select|with)\b/i.test(sql)) {
    throw new UserError("A query is a single SELECT over the documented views", { next: NEXT });
  }
  const db = new Database(":memory:");
  try {
    for (const { name, columns } of VIEWS) {
      db.exec(
        `create ${temporary ? "temp " : ""}view ${name} as select ${columns.map((column) => `null as ${column.name}`).join(", ")}`,
      );
    }
    const statement = compile(db, sql);
    if (!statement.reader || !statement.readonly)
      throw new UserError("A query only reads: a single SELECT over the documented views", { next: NEXT });
    checkProgram(db, sql);
  } finally {
    db.close();
  }
}

function compile(db: Database.Database, sql: string): Database.Statement {
  try {
    return db.prepare(sql);
  } catch (error) {
    throw refusal(error);
  }
}

/** What SQLite says about a text, as a sentence. */
export function refusal(error: unknown): UserError {
  const message = error instanceof Error ? error.message : String(error);
  const table = /^no such table: (.*)$/s.exec(message)?.[1];
  if (table !== undefined) return new UserError(`${table} is not a view`, { next: NEXT, cause: error });
  if (message.includes("more than one statement"))
    return new UserError("A query is a single statement", { next: NEXT, cause: error });
  if (/cannot modify .* because it is a view/.test(message))
    return new UserError("A query only reads: a single SELECT over the documented views", { next: NEXT, cause: error });
  return new UserError(`The query cannot be read: ${message}`, { next: NEXT, cause: error });
}

interface Opcode {
  readonly opcode: string;
}

function checkProgram(db: Database.Database, sql: string): void {
  const opcodes = new Set(
    db
      .prepare<[], Opcode>(`explain ${sql}`)
      .all()
      .map(({ opcode }) => opcode),
  );
  if (opcodes.has("OpenRead") || opcodes.has("OpenWrite") || opcodes.has("ReopenIdx")) {
    throw new UserError("A query reads the documented views, not the database's own tables", { next: NEXT });
  }
  if (!opcodes.has("VOpen")) return;
  const modules = new Set(
    (db.pragma("module_list") as readonly { readonly name: string }[]).map(({ name }) => name.toLowerCase()),
  );
  // Any word counts, also in quotes: SQLite takes 'pragma_table_info' for a name where a name must stand.
  for (const word of sql.toLowerCase().match(/[a-z_][a-z0-9_]*/g) ?? []) {
    if ((modules.has(word) && !HARMLESS_MODULES.has(word)) || word.startsWith("pragma_")) {
      throw new UserError(`A query reads the documented views, not ${word}`, { next: NEXT });
    }
  }
}
