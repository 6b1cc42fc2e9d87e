import { createHash } from "node:crypto";
import { LAYOUTS } from "../schema/layout.ts";
import type { Statements } from "../statements.ts";

/** The digest that the first run is chained to. */
export const CHAIN_START = "0".repeat(64);

/** What a run is chained with, beside its changes. */
export interface ChainedRun {
  readonly run: number;
  readonly planHash: string;
  readonly startedAt: number;
  readonly version: string;
}

type ChangedRow = readonly [urn: string, presence: number, facts: string];

/**
 * The digest of a run: of the digest before it, of the run, and of the state that every record has which the run
 * changed, in the order of types and URNs. Streamed: a first run of a million records is hashed in flat memory.
 */
export function digestRun(
  statements: Statements,
  run: ChainedRun,
  previous: string,
  changed: ReturnType<typeof changedByRun>,
): string {
  const hash = createHash("sha256");
  hash.update(`${previous}\n${run.run}\n${run.planHash}\n${run.startedAt}\n${run.version}\n`);
  for (const { type, rows } of changed(statements, run.run)) {
    let text = "";
    for (const [urn, presence, facts] of rows) {
      text += `${type}\n${urn}\n${presence}\n${facts}\n`;
      if (text.length > 65_536) {
        hash.update(text);
        text = "";
      }
    }
    hash.update(text);
  }
  return hash.digest("hex");
}

/**
 * Where the states are that a run left behind. While it ends, all of them are current rows; later some are versions.
 */
export function changedByRun(
  withVersions: boolean,
): (statements: Statements, run: number) => Generator<{ readonly type: string; readonly rows: Iterable<ChangedRow> }> {
  return function* (statements, run) {
    for (const { type, table, code } of LAYOUTS) {
      // After a first load the whole table is in it: walking the index of URNs beats sorting all rows again.
      const many =
        (statements.one<{ n: number }>(
          `select count(*) as n from (select 1 from ${table} where since_run = ? limit 20000)`,
          run,
        )?.n ?? 0) >= 20_000;
      const current = `select urn, presence, facts from ${table} where ${many ? "+" : ""}since_run = ${run}`;
      const sql = withVersions
        ? `${current} union all select urn, presence, facts from t_version where from_run = ${run} and type = ${code} order by urn`
        : `${current} order by urn`;
      yield { type, rows: statements.db.prepare(sql).raw().iterate() as Iterable<ChangedRow> };
    }
  };
}
