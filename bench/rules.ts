import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { compileRule } from "../src/engine/index.ts";
import type { RuleSetting } from "../src/engine/contract.ts";
import { openInventory } from "../src/inventory/index.ts";
import type { Judgement, Params } from "../src/inventory/contract.ts";
import { RULES } from "../src/rules/index.ts";
import { viewsRead } from "../src/rules/sql.ts";
import { assertEqual, type Benchmark, median, seconds } from "./measure.ts";
import { buildLargeInventory } from "./support/large-inventory.ts";
import { judgeRowByRow } from "./support/row-by-row.ts";
import { NOW, privileges } from "./support/synthetic.ts";

/** Judging everything must cost about as much as reading it. */
const benchmark: Benchmark = {
  name: "rules",
  about:
    "each rule's query against one scan of the tables it reads; writing findings against bare inserts; the whole set against the same rules row by row",
  async *run({ quick }) {
    const scale = quick ? 100_000 : 1_000_000;
    const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
    try {
      const path = buildLargeInventory(join(folder, "rules.db"), {
        identities: scale,
        credentials: scale,
        grants: scale * 3,
      });
      const judgements = RULES.map((rule) => ({ rule, judgement: compileRule(settingOf(rule), NOW) }));
      const derived = openInventory({ path, mode: "write", now: () => NOW });
      derived.writer().replaceDerived(privileges(scale));
      derived.close();
      const database = new Database(path, { readonly: true });
      database.pragma("cache_size = -262144");
      database.pragma("mmap_size = 2147483648");

      for (const { rule, judgement } of judgements) {
        const views = [
          ...viewsRead(
            `${rule.query} union all select 1 from ${rule.subject.replace("-", "_").replace(/^grant$/, "access_grant")}`,
          ),
        ];
        const floor = () => views.forEach((view) => database.prepare(scanOf(database, view)).get());
        const query = () => {
          count(database, judgement.failing, judgement.params);
          count(database, judgement.undecided, judgement.params);
        };
        const ratios: number[] = [];
        for (let pair = 0; pair < (quick ? 3 : 5); pair += 1) {
          const taken = await seconds(query);
          ratios.push(taken / (await seconds(floor)));
        }
        yield {
          name: `rules/query/${rule.id}`,
          ratio: median(ratios.slice(1)),
          goal: { atMost: 2 },
          against: `a scan of ${views.join(", ")}`,
        };
      }

      const failing = judgements.flatMap(({ rule, judgement }) =>
        subjects(database, judgement).map((subject) => ({ rule: rule.id, subject })),
      );
      const ours = await seconds(() => judgements.forEach(({ judgement }) => subjects(database, judgement)));
      const asking = await seconds(() =>
        judgements.forEach(({ judgement }) => {
          for (const sql of [judgement.failing, judgement.undecided])
            database.prepare(sql).all(bound(sql, judgement.params));
        }),
      );
      database.close();
      const naive: { rule: string; subject: string }[] = [];
      const theirs = await seconds(() => naive.push(...judgeRowByRow(path, NOW)));
      const compared = new Set(naive.map(({ rule }) => rule));
      assertEqual("findings", sorted(failing.filter(({ rule }) => compared.has(rule))).length, sorted(naive).length);
      const oursCompared = await compareTime(
        path,
        judgements.filter(({ rule }) => compared.has(rule.id)).map(({ judgement }) => judgement),
      );
      yield {
        name: "rules/set",
        ratio: theirs / oursCompared,
        goal: { atLeast: 7 },
        against: `${compared.size} of the rules row by row, two look-ups a row (how many times faster; the whole set takes ${(ours / oursCompared).toFixed(1)} times as long)`,
      };

      const inventory = openInventory({ path, mode: "write", now: () => NOW });
      const writer = inventory.writer();
      let written = 0;
      const judging = await seconds(() => {
        for (const { judgement } of judgements) {
          const { failed, unknown } = writer.findings.judge(judgement, { run: 1, now: NOW });
          written += failed + unknown;
        }
      });
      inventory.close();
      const bare = await seconds(() => bareInserts(join(folder, "bare.db"), path));
      yield {
        name: "rules/writing",
        ratio: (judging - asking) / bare,
        goal: { atMost: 2 },
        against: `bare inserts of the same ${written} findings, events and indexes`,
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

export default benchmark;

function settingOf(rule: (typeof RULES)[number]): RuleSetting {
  return { rule, enabled: true, severity: rule.severity, params: {} };
}

function bound(sql: string, params: Params): Params {
  return Object.fromEntries(Object.entries(params).filter(([name]) => new RegExp(`@${name}\\b`).test(sql)));
}

function count(database: Database.Database, sql: string, params: Params): void {
  database.prepare(`select count(*) from (${sql})`).get(bound(sql, params));
}

function subjects(database: Database.Database, judgement: Judgement): readonly string[] {
  return database
    .prepare(`select subject from (${judgement.failing})`)
    .pluck()
    .all(bound(judgement.failing, judgement.params)) as string[];
}

/** Reads every column of the view once. */
function scanOf(database: Database.Database, view: string): string {
  const columns = database.prepare(`select name from pragma_table_info('${view}')`).pluck().all() as string[];
  return `select ${columns.map((name) => `count("${name}")`).join(", ")} from ${view}`;
}

function sorted(findings: readonly { readonly rule: string; readonly subject: string }[]): readonly string[] {
  return findings.map(({ rule, subject }) => `${rule} ${subject}`).toSorted();
}

async function compareTime(path: string, judgements: readonly Judgement[]): Promise<number> {
  const database = new Database(path, { readonly: true });
  const taken = await seconds(() => judgements.forEach((judgement) => subjects(database, judgement)));
  database.close();
  return taken;
}

function bareInserts(path: string, from: string): void {
  const database = new Database(path);
  database.pragma("journal_mode = wal");
  database.pragma("synchronous = normal");
  database.exec(`attach '${from}' as source`);
  const schema = database
    .prepare(
      "select type, name, sql from source.sqlite_schema where tbl_name like '%finding%' and type in ('table', 'index') and sql is not null order by type desc",
    )
    .all() as { type: string; name: string; sql: string }[];
  for (const { sql } of schema) database.exec(sql);
  if (schema.length === 0) throw new Error("there is no table of findings");
  for (const { name } of schema.filter(({ type }) => type === "table")) {
    const rows = database.prepare(`select * from source."${name}"`).raw().all() as unknown[][];
    if (rows.length === 0) continue;
    const insert = database.prepare(`insert into main."${name}" values (${(rows[0] ?? []).map(() => "?").join(", ")})`);
    database.transaction(() => rows.forEach((row) => insert.run(...row)))();
  }
  database.close();
}
