import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { openInventory } from "../src/inventory/index.ts";
import { assertEqual, type Benchmark, pairs, seconds } from "./measure.ts";
import { buildLargeInventory, scanSynthetic } from "./support/large-inventory.ts";
import { NOW } from "./support/synthetic.ts";

/**
 * The store against SQLite itself: the command line's `.import` of the very tables that a first load leaves behind,
 * then the same `CREATE INDEX`; and a rescan in which nothing changed against writing every row again.
 */
const benchmark: Benchmark = {
  name: "store",
  about:
    "first load against `sqlite3 .import` + CREATE INDEX of the same final tables; unchanged rescan against a blind upsert",
  async *run({ quick }) {
    if (spawnSync("sqlite3", ["--version"]).error !== undefined)
      throw new Error(
        "this benchmark compares with the `sqlite3` command: install it (Debian: apt-get install sqlite3)",
      );
    const scale = quick ? 60_000 : 300_000;
    const size = { identities: scale, credentials: scale, grants: scale * 2 };
    const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
    try {
      const model = buildLargeInventory(join(folder, "model.db"), size);
      const { tables, indexes } = dump(model, folder);

      let round = 0;
      const load = await pairs(
        quick ? 2 : 3,
        () => seconds(() => buildLargeInventory(join(folder, `ours-${(round += 1)}.db`), size)),
        () => seconds(() => importTables(join(folder, `theirs-${(round += 1)}.db`), tables, indexes)),
      );
      assertEqual("rows", rowCounts(model, tables), rowCounts(join(folder, `theirs-${round}.db`), tables));
      yield {
        name: "store/first-load",
        ...load,
        goal: { atMost: 1.5 },
        against: `sqlite3 .import of ${tables.length} tables and ${indexes.length} indexes (${size.identities} identities)`,
      };

      const blind = join(folder, "blind.db");
      copyFileSync(model, blind);
      const upserts = prepareUpserts(blind);
      const inventory = openInventory({ path: model, mode: "write", now: () => NOW });
      const rescan = await pairs(
        quick ? 2 : 3,
        () => seconds(() => upserts.run()),
        () =>
          seconds(() => {
            const { versionsWritten } = scanSynthetic(inventory, size);
            assertEqual("record versions of an unchanged rescan", versionsWritten, 0);
          }),
      );
      upserts.close();
      inventory.close();
      yield {
        name: "store/unchanged-rescan",
        ...rescan,
        goal: { atLeast: 3 },
        against: "a blind upsert of the same record rows (how many times faster)",
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

export default benchmark;

interface Dumped {
  readonly name: string;
  readonly create: string;
  readonly file: string;
}

/** Every table with rows as CSV, as the command line itself writes it, and every index that somebody asked for. */
function dump(
  path: string,
  folder: string,
): { readonly tables: readonly Dumped[]; readonly indexes: readonly string[] } {
  const database = new Database(path, { readonly: true });
  const schema = database
    .prepare("select type, name, sql from sqlite_schema where sql is not null and name not like 'sqlite_%'")
    .all() as { type: string; name: string; sql: string }[];
  const tables = schema
    .filter(
      ({ type, name }) => type === "table" && database.prepare(`select 1 from "${name}" limit 1`).get() !== undefined,
    )
    .map(({ name, sql }) => ({ name, create: sql, file: join(folder, `${name}.csv`) }));
  const kept = new Set(tables.map(({ name }) => name));
  const indexes = schema
    .filter(
      ({ type, sql }) =>
        type === "index" && [...kept].some((table) => new RegExp(`\\bon\\s+"?${table}"?\\b`, "i").test(sql)),
    )
    .map(({ sql }) => sql);
  database.close();
  for (const table of tables) {
    execFileSync("sqlite3", [
      path,
      "-cmd",
      ".mode csv",
      "-cmd",
      `.output ${table.file}`,
      `select * from "${table.name}"`,
    ]);
  }
  return { tables, indexes };
}

function importTables(path: string, tables: readonly Dumped[], indexes: readonly string[]): void {
  const script = [
    "pragma journal_mode = wal;",
    "pragma synchronous = normal;",
    "pragma cache_size = -262144;",
    // `.import` binds text; STRICT would refuse it where an integer column meets an empty cell.
    ...tables.map(
      ({ create }) => `${create.replace(/\)\s*strict\s*(,\s*without rowid)?\s*$/i, ") $1").replace(/\)\s*,/, ") ")};`,
    ),
    ".mode csv",
    ...tables.map(({ name, file }) => `.import ${file} ${name}`),
    ...indexes.map((index) => `${index};`),
  ].join("\n");
  const file = `${path}.sql`;
  writeFileSync(file, script);
  execFileSync("sqlite3", [path, `.read ${file}`], { stdio: ["ignore", "ignore", "inherit"] });
}

function rowCounts(path: string, tables: readonly Dumped[]): Readonly<Record<string, number>> {
  const database = new Database(path, { readonly: true });
  const counts = Object.fromEntries(
    tables.map(({ name }) => [
      name,
      (database.prepare(`select count(*) as n from "${name}"`).get() as { n: number }).n,
    ]),
  );
  database.close();
  return counts;
}

/**
 * What a store does that does not compare: every row of every record with its aliases, tags and observations, at hand
 * already, written over itself.
 */
function prepareUpserts(path: string): { run(): void; close(): void } {
  const database = new Database(path);
  database.pragma("synchronous = normal");
  database.pragma("cache_size = -262144");
  const tables = database
    .prepare(
      "select name from sqlite_schema s where type = 'table' and (name in ('t_alias', 't_tag', 't_usage') or exists (select 1 from pragma_table_info(s.name) where name = 'urn') and exists (select 1 from pragma_table_info(s.name) where name = 'since_run'))",
    )
    .pluck()
    .all() as string[];
  const work = tables.map((table) => {
    const columns = (database.pragma(`table_info("${table}")`) as { name: string }[]).map(({ name }) => name);
    const key = columns.includes("urn") ? ["urn"] : primaryKey(database, table);
    const updates = columns
      .filter((name) => name !== "id" && !key.includes(name))
      .map((name) => `"${name}" = excluded."${name}"`);
    const otherwise = updates.length === 0 ? "nothing" : `update set ${updates.join(", ")}`;
    return {
      rows: database.prepare(`select * from "${table}"`).raw().all() as unknown[][],
      upsert: database.prepare(
        `insert into "${table}" (${columns.map((name) => `"${name}"`).join(", ")}) values (${columns.map(() => "?").join(", ")}) on conflict (${key.join(", ")}) do ${otherwise}`,
      ),
    };
  });
  if (work.reduce((sum, { rows }) => sum + rows.length, 0) === 0)
    throw new Error("there is no record table to write over");
  return {
    run() {
      for (const { rows, upsert } of work) {
        for (let from = 0; from < rows.length; from += 5_000) {
          database.transaction(() => {
            for (const row of rows.slice(from, from + 5_000)) upsert.run(...row);
          })();
        }
      }
    },
    close: () => database.close(),
  };
}

function primaryKey(database: Database.Database, table: string): readonly string[] {
  const columns = database.pragma(`table_info("${table}")`) as { readonly name: string; readonly pk: number }[];
  return columns
    .filter(({ pk }) => pk > 0)
    .toSorted((left, right) => left.pk - right.pk)
    .map(({ name }) => name);
}
