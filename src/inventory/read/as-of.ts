import type { Instant } from "../../model/index.ts";
import type { Db } from "../file/open.ts";
import { encodeFacts } from "../record/encode.ts";
import type { Encoded, Facts } from "../record/encode.ts";
import { merge, speaking } from "../record/merge.ts";
import type { Layout } from "../schema/layout.ts";
import { LAYOUTS } from "../schema/layout.ts";
import { createView, VIEWS } from "../schema/schema.ts";
import { TABLES } from "../schema/tables.ts";
import { Statements } from "../statements.ts";
import { storeText } from "../text.ts";
import { coveredFacts } from "../write/coverage.ts";
import { USAGE_SELECTS } from "../write/derived.ts";
import { facetSelect } from "../write/facets.ts";
import type { Mutations } from "../write/run-state.ts";
import { bySourceOrder, Sources } from "../write/sources.ts";

/**
 * Shows an open database as it was after the last run that began at or before `asOf`. Every table of the store is
 * shadowed by a temporary view of the same name, and every documented view is made again over those: rows that have
 * not changed since are read where they are, only what has changed is rebuilt, out of its versions and by the same
 * merge. Use that was observed later is unknown, and so is what was derived later.
 */
export function showPast(db: Db, asOf: Instant, mutations: Mutations = {}): void {
  const statements = new Statements(db);
  const run =
    (statements.one<{ run: number | null }>("select max(run) as run from t_run where started_at <= ?", asOf)?.run ??
      0) + (mutations.asOfNext === true ? 1 : 0);
  const sources = new Sources(statements);

  db.exec(
    "create temp table past_alias (type integer, id integer, alias text); create temp table past_tag (type integer, id integer, key text, value text)",
  );
  for (const layout of LAYOUTS) rebuildType(statements, layout, sources, run);
  for (const [name, select] of Object.entries(shadows(run, asOf))) db.exec(`create temp view ${name} as ${select}`);
  rebuildCovered(statements);
  for (const [name, select] of Object.entries(USAGE_SELECTS)) db.exec(`create temp table ${name} as ${select}`);
  for (const view of VIEWS) db.exec(createView(view, "sqlite", true));
}

function columnsOf(table: string): readonly string[] {
  const found = TABLES.find(({ name }) => name === table);
  if (found === undefined) throw new Error(`There is no table ${table}`);
  return found.columns.map((column) => column.split(" ", 1)[0] ?? "");
}

interface PastRow {
  readonly id: number;
  readonly urn: string;
  readonly provider: string;
  readonly scope: string;
  readonly source: number | null;
  readonly authority: number;
  readonly presence: number;
  readonly since_run: number;
  readonly changed_at: number;
  readonly change: number;
  readonly changed: string | null;
  readonly facts: string;
  readonly body: string | null;
  readonly first_run: number;
  readonly first_seen_at: number;
}

/** The rows of one type that were otherwise then, in a temporary table; the rest shows through. */
function rebuildType(statements: Statements, layout: Layout, sources: Sources, run: number): void {
  const { table, code } = layout;
  const columns = columnsOf(table);
  const past = `past_${layout.view}`;
  statements.db.exec(
    `create temp table ${past} (${columns.map((column) => (column === "id" ? "id integer primary key" : column)).join(", ")})`,
  );
  const insert = statements.db.prepare(
    `insert or replace into temp.${past} (${columns.join(", ")}) values (${columns.map(() => "?").join(", ")})`,
  );

  const changed = `select v.id, v.urn, v.provider, v.scope, v.source, v.authority, v.presence, v.from_run as since_run, v.from_at as changed_at, v.change, v.changed, v.facts, v.body,
      r.first_run, r.first_seen_at
    from main.t_version v join main.${table} r on r.id = v.id where v.type = ${code} and v.from_run <= ${run} and v.to_run > ${run}`;
  // Rows that still stand, but were more or less sure then than now.
  const doubted = `select r.id, r.urn, r.provider, r.scope, r.source, r.authority, r.presence, r.since_run, r.changed_at, r.change, r.changed, r.facts, null as body, r.first_run, r.first_seen_at
    from main.${table} r where r.since_run <= ${run}
      and r.id in (select s.id from main.t_stale s where s.type = ${code} and (s.since_run > ${run} or coalesce(s.until_run, s.since_run) > ${run}))`;
  for (const row of [...statements.all<PastRow>(changed), ...statements.all<PastRow>(doubted)]) {
    const encoded = encodeFacts(layout, JSON.parse(row.facts) as Facts);
    insert.run(...pastValues(statements, layout, sources, run, row, encoded, columns));
    for (const alias of encoded.aliases)
      statements.run("insert into temp.past_alias values (?, ?, ?)", code, row.id, storeText(alias));
    for (const [key, value] of encoded.tags)
      statements.run("insert into temp.past_tag values (?, ?, ?, ?)", code, row.id, storeText(key), storeText(value));
  }
  statements.db.exec(
    `create temp view ${table} as select ${columns.join(", ")} from main.${table} where since_run <= ${run} and id not in (select id from temp.${past})
      union all select ${columns.join(", ")} from temp.${past}`,
  );
}

function pastValues(
  statements: Statements,
  layout: Layout,
  sources: Sources,
  run: number,
  row: PastRow,
  encoded: Encoded,
  columns: readonly string[],
): readonly unknown[] {
  const stale = new Set(
    statements
      .all<{ source: number }>(
        "select source from main.t_stale where type = ? and id = ? and since_run <= ? and (until_run is null or until_run > ?)",
        layout.code,
        row.id,
        run,
        run,
      )
      .map(({ source }) => source),
  );
  const contributions = contributionsOf(statements, layout, row).sort((left, right) =>
    bySourceOrder(sources.get(left.source), sources.get(right.source)),
  );
  const merged = merge(
    layout,
    contributions.map(({ source, facts }) => ({ facts, stale: stale.has(source) })),
  );
  const values: Readonly<Record<string, unknown>> = {
    ...row,
    stale: stale.size,
    known: merged.known,
    ...Object.fromEntries(layout.stored.map(({ column }, index) => [`f_${column}`, encoded.values[index] ?? null])),
  };
  return columns.map((column) => values[column] ?? null);
}

/** Who spoke for the record then. */
function contributionsOf(statements: Statements, layout: Layout, row: PastRow): { source: number; facts: Facts }[] {
  if (row.source !== null) return [{ source: row.source, facts: JSON.parse(row.facts) as Facts }];
  if (row.body !== null) {
    return Object.entries(JSON.parse(row.body) as Readonly<Record<string, Facts>>).map(([source, facts]) => ({
      source: Number(source),
      facts,
    }));
  }
  const stored = statements.all<{ source: number; presence: number; facts: string }>(
    "select source, presence, facts from main.t_contribution where type = ? and id = ?",
    layout.code,
    row.id,
  );
  return speaking(stored, row.presence).map(({ source, facts }) => ({ source, facts: JSON.parse(facts) as Facts }));
}

/** The other tables, cut at the run or the instant. */
function shadows(run: number, asOf: Instant): Readonly<Record<string, string>> {
  const all = (table: string) => columnsOf(table).join(", ");
  const cut = (table: string, columns: Readonly<Record<string, string>>) =>
    columnsOf(table)
      .map((column) => (columns[column] === undefined ? column : `${columns[column]} as ${column}`))
      .join(", ");
  return {
    t_run: `select ${cut("t_run", {})} from main.t_run where run <= ${run}`,
    t_source: `select ${cut("t_source", {
      covered_run: `(select max(c.run) from main.t_coverage c where c.source = s.id and c.run <= ${run})`,
      last_complete_at: `(select c.finished_at from main.t_coverage c where c.source = s.id and c.run <= ${run} and c.status = 'complete' order by c.run desc limit 1)`,
    })} from main.t_source s where created_run <= ${run}`,
    t_coverage: `select ${all("t_coverage")} from main.t_coverage where run <= ${run}`,
    t_version: `select ${cut("t_version", {})} from main.t_version where to_run <= ${run}`,
    t_alias: pastNames("t_alias", run),
    t_tag: pastNames("t_tag", run),
    t_usage: `select ${all("t_usage")} from main.t_usage where run <= ${run}`,
    t_identity_derived: "select id, privilege, certainty, reason, score from main.t_identity_derived where 0",
    t_facet: LAYOUTS.map((layout) => `select * from (${facetSelect(layout)})`).join(" union all "),
    t_finding: `select ${cut("t_finding", {})} from main.t_finding where since_at <= ${asOf}
      union all select ${columnsOf("t_finding")
        .map((column) =>
          columnsOf("t_finding_version").includes(column) && column !== "id"
            ? `v.${column}`
            : column === "since_at"
              ? "v.from_at"
              : `f.${column}`,
        )
        .join(", ")}
      from main.t_finding_version v join main.t_finding f on f.id = v.id where v.from_at <= ${asOf} and v.to_at > ${asOf}`,
    t_finding_event: `select ${all("t_finding_event")} from main.t_finding_event where at <= ${asOf}`,
    t_judgement: `select ${all("t_judgement")} from main.t_judgement where at <= ${asOf}`,
  };
}

/** Names of the rows that stand as they were, and of those that were rebuilt. */
function pastNames(table: "t_alias" | "t_tag", run: number): string {
  const columns = columnsOf(table);
  const arms = LAYOUTS.filter(({ named }) => named).map(
    ({
      table: records,
      view,
      code,
    }) => `select ${columns.map((column) => `n.${column}`).join(", ")} from main.${table} n join main.${records} r on r.id = n.id
        where n.type = ${code} and r.since_run <= ${run} and r.id not in (select id from temp.past_${view})`,
  );
  return [...arms, `select ${columns.join(", ")} from temp.past_${table.slice(2)}`].join(" union all ");
}

function rebuildCovered(statements: Statements): void {
  statements.db.exec("create temp table t_covered (scope text not null, fact text not null)");
  const rows = statements.all<{ scope: string; facts: string; opt_in: number; status: string }>(
    "select s.scope, s.facts, s.opt_in, c.status from t_source s join t_coverage c on c.source = s.id and c.run = s.covered_run order by s.scope",
  );
  const insert = statements.db.prepare("insert into temp.t_covered (scope, fact) values (?, ?)");
  for (const [scope, collections] of Map.groupBy(rows, (row) => row.scope)) {
    const covered = coveredFacts(
      collections.map(({ facts, opt_in, status }) => ({
        facts: JSON.parse(facts) as string[],
        optIn: opt_in === 1,
        status,
      })),
    );
    for (const fact of covered) insert.run(scope, fact);
  }
}
