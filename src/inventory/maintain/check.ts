import { inspectFile, openForReading, SCHEMA_VERSION } from "../file/open.ts";
import type { Db } from "../file/open.ts";
import { guarded } from "../errors.ts";
import { UserError } from "../../sdk/errors.ts";
import { encodeFacts } from "../record/encode.ts";
import type { Facts } from "../record/encode.ts";
import { merge, presenceOf, speaking } from "../record/merge.ts";
import type { Contribution } from "../record/merge.ts";
import { LAYOUTS } from "../schema/layout.ts";
import type { Layout } from "../schema/layout.ts";
import { VIEWS } from "../schema/schema.ts";
import { Statements } from "../statements.ts";
import { changedByRun, CHAIN_START, digestRun } from "../write/chain.ts";
import { bySourceOrder, Sources } from "../write/sources.ts";

/** One thing that was checked. */
export interface DatabaseCheck {
  readonly check: "integrity" | "chain" | "records" | "versions" | "contributions" | "views";
  readonly ok: boolean;
  readonly detail: string;
}

/**
 * Checks what can be checked without the world: the file's own integrity, every run's digest and its place in the
 * chain, that records are the merge of their contributions, that versions follow each other without gaps, that no
 * contribution is without a record, that every view answers. Writes nothing.
 *
 * @throws {UserError} exit 7 for a file that is missing or not an inventory.
 */
export function checkDatabase(path: string): readonly DatabaseCheck[] {
  if (inspectFile(path) === undefined)
    throw new UserError(`There is no inventory at ${path}`, {
      exit: 7,
      next: "rollcall scan makes one; --db FILE names another",
    });
  return guarded(path, () => {
    let db: Db;
    try {
      db = openForReading(path, true);
    } catch (error) {
      return [{ check: "integrity", ok: false, detail: error instanceof Error ? error.message : String(error) }];
    }
    try {
      const statements = new Statements(db);
      return [
        check("integrity", () => checkIntegrity(statements)),
        check("chain", () => checkChain(statements)),
        check("records", () => checkRecords(statements)),
        check("versions", () => checkVersions(statements)),
        check("contributions", () => checkContributions(statements)),
        check("views", () => checkViews(statements)),
      ];
    } finally {
      db.close();
    }
  });
}

function check(
  name: DatabaseCheck["check"],
  work: () => { readonly problem?: string; readonly detail: string },
): DatabaseCheck {
  try {
    const { problem, detail } = work();
    return { check: name, ok: problem === undefined, detail: problem ?? detail };
  } catch (error) {
    return { check: name, ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

type Outcome = { readonly problem?: string; readonly detail: string };

function checkIntegrity({ db }: Statements): Outcome {
  const version = Number(db.pragma("user_version", { simple: true }));
  const rows = db.pragma("integrity_check(5)") as readonly { readonly integrity_check: string }[];
  const found = rows.map((row) => row.integrity_check).filter((text) => text !== "ok");
  if (found.length > 0) return { problem: found.join("; "), detail: "" };
  return {
    detail: `schema ${version}${version === SCHEMA_VERSION ? "" : ` (this Rollcall writes ${SCHEMA_VERSION})`}; every page, index and type is sound`,
  };
}

interface ChainRow {
  readonly run: number;
  readonly plan_hash: string;
  readonly started_at: number;
  readonly version: string;
  readonly digest: string;
  readonly previous_digest: string;
}

function checkChain(statements: Statements): Outcome {
  const runs = statements.all<ChainRow>(
    "select run, plan_hash, started_at, version, digest, previous_digest from t_run where chain is not null order by chain",
  );
  const pruned = Number(
    statements.one<{ value: string }>("select value from t_meta where key = 'pruned_run'")?.value ?? 0,
  );
  let previous = CHAIN_START;
  let recomputed = 0;
  for (const run of runs) {
    if (run.previous_digest !== previous)
      return { problem: `run ${run.run} is not chained to the run before it`, detail: "" };
    previous = run.digest;
    if (run.run <= pruned) continue;
    recomputed += 1;
    const digest = digestRun(
      statements,
      { run: run.run, planHash: run.plan_hash, startedAt: run.started_at, version: run.version },
      run.previous_digest,
      changedByRun(true),
    );
    if (digest !== run.digest)
      return { problem: `run ${run.run}: its changes are not the ones that it was closed with`, detail: "" };
  }
  const skipped = runs.length - recomputed;
  return {
    detail: `${runs.length} runs are chained, ${recomputed} recomputed${skipped === 0 ? "" : `, ${skipped} pruned`}`,
  };
}

interface RecordRow extends Readonly<Record<string, string | number | null>> {
  readonly id: number;
  readonly urn: string;
  readonly source: number | null;
  readonly presence: number;
  readonly stale: number;
  readonly known: number;
  readonly facts: string;
}

function checkRecords(statements: Statements): Outcome {
  const sources = new Sources(statements);
  let count = 0;
  for (const layout of LAYOUTS) {
    for (const row of statements.db.prepare<[], RecordRow>(`select * from ${layout.table} order by id`).iterate()) {
      count += 1;
      const problem = problemOf(statements, sources, layout, row);
      if (problem !== undefined) return { problem: `${row.urn}: ${problem}`, detail: "" };
    }
  }
  return { detail: `${count} records are the merge of what their sources say` };
}

function problemOf(statements: Statements, sources: Sources, layout: Layout, row: RecordRow): string | undefined {
  const contributions = contributionsOf(statements, layout, row);
  if (contributions.length === 0) return "no source says anything of it";
  const sorted = [...contributions].sort((left, right) =>
    bySourceOrder(sources.get(left.source), sources.get(right.source)),
  );
  if (presenceOf(sorted) !== row.presence) return "its presence does not follow from its sources";
  const merged = merge(
    layout,
    speaking(sorted, row.presence).map(({ facts, stale }) => ({ facts: JSON.parse(facts) as Facts, stale })),
  );
  const encoded = encodeFacts(layout, merged.facts);
  if (encoded.facts !== row.facts) return "its facts do not follow from its sources";
  if (merged.known !== row.known) return "what is known of it does not follow from its sources";
  const wrong = layout.stored.find(({ column }, index) => (row[`f_${column}`] ?? null) !== encoded.values[index]);
  return wrong === undefined ? undefined : `its column ${wrong.column} is not its fact ${wrong.fact}`;
}

type Told = Pick<Contribution, "source" | "authority" | "presence" | "stale" | "facts">;

function contributionsOf(statements: Statements, layout: Layout, row: RecordRow): readonly Told[] {
  if (row.source !== null)
    return [
      {
        source: row.source,
        authority: row["authority"] === 1,
        presence: row.presence,
        stale: row.stale > 0,
        facts: row.facts,
      },
    ];
  return statements
    .all<{ source: number; authority: number; presence: number; stale: number; facts: string }>(
      "select source, authority, presence, stale, facts from t_contribution where type = ? and id = ?",
      layout.code,
      row.id,
    )
    .map(({ source, authority, presence, stale, facts }) => ({
      source,
      authority: authority === 1,
      presence,
      stale: stale === 1,
      facts,
    }));
}

function checkVersions(statements: Statements): Outcome {
  for (const { table, code } of LAYOUTS) {
    const broken = statements.one<{ urn: string; run: number }>(
      `select v.urn as urn, v.to_run as run from t_version v left join ${table} r on r.id = v.id
        where v.type = ? and (v.from_run >= v.to_run or r.id is null
          or not (r.since_run = v.to_run or exists (select 1 from t_version n where n.type = v.type and n.id = v.id and n.from_run = v.to_run)))
        order by v.to_run limit 1`,
      code,
    );
    if (broken !== undefined)
      return { problem: `${broken.urn}: nothing follows the version that run ${broken.run} closed`, detail: "" };
  }
  return {
    detail: `${statements.one<{ n: number }>("select count(*) as n from t_version")?.n ?? 0} versions follow each other without a gap`,
  };
}

function checkContributions(statements: Statements): Outcome {
  for (const { table, type, code } of LAYOUTS) {
    const orphan = statements.one<{ id: number; source: number }>(
      `select c.id, c.source from t_contribution c left join ${table} r on r.id = c.id where c.type = ? and (r.id is null or r.source is not null) limit 1`,
      code,
    );
    if (orphan !== undefined)
      return {
        problem: `source ${orphan.source} contributes to the ${type} ${orphan.id}, which does not know of it`,
        detail: "",
      };
    const stray = statements.one<{ urn: string }>(
      `select r.urn from ${table} r where r.source is not null and not exists (select 1 from t_source s where s.id = r.source) limit 1`,
    );
    if (stray !== undefined) return { problem: `${stray.urn}: its source is not there`, detail: "" };
  }
  return { detail: "every contribution has its record and its source" };
}

function checkViews({ db }: Statements): Outcome {
  for (const { name, columns } of VIEWS) {
    const found = db
      .prepare(`select * from ${name} limit 1`)
      .columns()
      .map((column) => column.name);
    if (found.join() !== columns.map((column) => column.name).join())
      return { problem: `the view ${name} is not the documented one`, detail: "" };
    db.prepare(`select * from ${name} limit 1`).all();
  }
  return { detail: `${VIEWS.length} views answer` };
}
