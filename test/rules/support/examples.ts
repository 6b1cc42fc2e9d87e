import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import Database from "better-sqlite3";
import { compileRule, evaluateRules } from "../../../src/engine/index.ts";
import type { HiddenFact } from "../../../src/engine/index.ts";
import { hiddenFacts } from "../../../src/engine/judge/hidden.ts";
import { openInventory } from "../../../src/inventory/index.ts";
import type { Inventory, Judgement } from "../../../src/inventory/index.ts";
import { schemaFor } from "../../../src/inventory/schema/schema.ts";
import { TABLES } from "../../../src/inventory/schema/tables.ts";
import { exampleNow, judgeExample, loadExample } from "../../../src/rules/index.ts";
import type { ExampleOutcome } from "../../../src/rules/index.ts";
import type { Rule, RuleExample } from "../../../src/sdk/index.ts";

type Bound = Readonly<Record<string, string | number | bigint | null>>;

/** Each example, scanned once into an inventory of its own, and asked as often as somebody likes. */
export class ExampleShelf {
  readonly #folder = mkdtempSync(join(tmpdir(), "rollcall-examples-"));
  readonly #open = new Map<RuleExample, { readonly inventory: Inventory; readonly hidden: readonly HiddenFact[] }>();

  /** The outcome on SQLite, through the inventory's own reader. */
  async onSqlite(rule: Rule, example: RuleExample): Promise<ExampleOutcome> {
    const { inventory } = this.#take(example);
    return judgeExample(rule, this.#compile(rule, example), (sql, params) =>
      inventory.reader.select(sql, named(sql, params)),
    );
  }

  /** The outcome on PostgreSQL: the same rows, copied table by table. */
  async onPostgres(rule: Rule, example: RuleExample, postgres: PGlite): Promise<ExampleOutcome> {
    await copyTables(this.#take(example).inventory.path, postgres);
    return judgeExample(rule, this.#compile(rule, example), async (sql, params) => {
      const { text, values } = numbered(sql, params);
      return (await postgres.query<Record<string, unknown>>(text, values)).rows;
    });
  }

  close(): void {
    for (const { inventory } of this.#open.values()) inventory.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #compile(rule: Rule, example: RuleExample): Judgement {
    return compileRule(
      { rule, enabled: true, severity: rule.severity, params: {} },
      exampleNow(example),
      this.#take(example).hidden,
    );
  }

  #take(example: RuleExample): { readonly inventory: Inventory; readonly hidden: readonly HiddenFact[] } {
    const known = this.#open.get(example);
    if (known !== undefined) return known;
    const now = exampleNow(example);
    const inventory = openInventory({
      path: join(this.#folder, `${this.#open.size}.db`),
      mode: "write",
      now: () => now,
    });
    const { run } = loadExample(example, inventory.writer());
    evaluateRules(inventory, [], { run, now });
    const facts = (example.hidden ?? []).flatMap((hidden) => hidden.facts);
    const taken = { inventory, hidden: hiddenFacts(inventory.reader, facts) };
    this.#open.set(example, taken);
    return taken;
  }
}

/** A PostgreSQL with the inventory's tables and views, empty. */
export async function createPostgres(): Promise<PGlite> {
  const postgres = await PGlite.create();
  await postgres.exec(schemaFor("postgres").join(";\n"));
  return postgres;
}

const NAMES = TABLES.map(({ name }) => name);

async function copyTables(path: string, postgres: PGlite): Promise<void> {
  const source = new Database(path, { readonly: true });
  try {
    await postgres.transaction(async (transaction) => {
      for (const name of NAMES) {
        await transaction.query(`delete from ${name}`);
        const rows = source.prepare<[], Record<string, unknown>>(`select * from ${name}`).all();
        const [first] = rows;
        if (first === undefined) continue;
        const columns = Object.keys(first);
        const places = rows.map(
          (_row, at) => `(${columns.map((_column, index) => `$${at * columns.length + index + 1}`).join(", ")})`,
        );
        await transaction.query(
          `insert into ${name} (${columns.join(", ")}) values ${places.join(", ")}`,
          rows.flatMap((row) => Object.values(row)),
        );
      }
    });
  } finally {
    source.close();
  }
}

/** Only what the statement names: SQLite takes a parameter too many for a mistake. */
function named(sql: string, params: Bound): Bound {
  return Object.fromEntries(Object.entries(params).filter(([name]) => new RegExp(`@${name}\\b`).test(sql)));
}

/** `@name` as `$1`, with the type that PostgreSQL cannot guess in `@now - @window`. */
function numbered(
  sql: string,
  params: Bound,
): { readonly text: string; readonly values: readonly (string | number | bigint | null)[] & unknown[] } {
  const names: string[] = [];
  const text = sql.replace(/@([A-Za-z_]\w*)/g, (_match, name: string) => {
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}::${typeof params[name] === "string" ? "text" : "bigint"}`;
  });
  return { text, values: names.map((name) => params[name] ?? null) };
}
