import type { Duration, Instant } from "../../model/index.ts";
import { EXIT, UserError } from "../../sdk/errors.ts";
import { guarded } from "../errors.ts";
import { inspectFile, openForWriting } from "../file/open.ts";
import { LAYOUTS } from "../schema/layout.ts";
import { Statements } from "../statements.ts";
import { liveLeases } from "../write/lease.ts";

/** How much was forgotten. */
export interface PruneSummary {
  readonly versions: number;
  readonly withdrawnRecords: number;
  readonly coverage: number;
  readonly findings: number;
  readonly events: number;
}

/**
 * Forgets history that ended longer ago than `keep`: superseded versions, records that were withdrawn by then,
 * coverage of runs that were followed by others, resolved findings and the events of what is gone. Nothing live is
 * touched. The chain of digests stays; runs whose changes are gone are no longer recomputed.
 *
 * @throws {UserError} exit 75 while a scan is running, exit 7 where the file cannot be written.
 */
export function pruneDatabase(
  path: string,
  { keep, now }: { readonly keep: Duration; readonly now: Instant },
): PruneSummary {
  if (inspectFile(path) === undefined)
    throw new UserError(`There is no inventory at ${path}`, { exit: EXIT.store, next: "name one with --db FILE" });
  return guarded(path, () => {
    const db = openForWriting(path);
    try {
      const statements = new Statements(db);
      const [busy] = liveLeases(statements, now);
      if (busy !== undefined) {
        throw new UserError(`A scan of ${busy.scanner} is running: process ${busy.pid}`, {
          exit: EXIT.busy,
          next: "wait for it to finish",
        });
      }
      const summary = db.transaction(() => forget(statements, now - keep)).immediate();
      db.exec("vacuum");
      db.pragma("wal_checkpoint(TRUNCATE)");
      return summary;
    } finally {
      db.close();
    }
  });
}

function forget(statements: Statements, before: Instant): PruneSummary {
  const run =
    statements.one<{ run: number | null }>(
      "select max(run) as run from t_run where started_at < ? and chain is not null",
      before,
    )?.run ?? 0;
  const count = (sql: string, ...params: readonly unknown[]) => statements.run(sql, ...params).changes;

  let withdrawnRecords = 0;
  let pruned =
    statements.one<{ run: number | null }>("select max(from_run) as run from t_version where to_run <= ?", run)?.run ??
    0;
  let versions = count("delete from t_version where to_run <= ?", run);
  for (const { table, code, named, type } of LAYOUTS) {
    const gone = `select id from ${table} where presence = 3 and since_run <= ${run}`;
    const last =
      statements.one<{ run: number | null }>(
        `select max(since_run) as run from ${table} where presence = 3 and since_run <= ?`,
        run,
      )?.run ?? 0;
    pruned = Math.max(pruned, last);
    for (const dependent of ["t_contribution", "t_stale", "t_version", ...(named ? ["t_alias", "t_tag"] : [])]) {
      const removed = count(`delete from ${dependent} where type = ? and id in (${gone})`, code);
      if (dependent === "t_version") versions += removed;
    }
    if (type === "identity" || type === "credential") {
      statements.run(
        `delete from t_usage where subject in (select urn from ${table} where presence = 3 and since_run <= ${run})`,
      );
      statements.run(`delete from t_${type}_usage where id in (${gone})`);
    }
    if (type === "identity") statements.run(`delete from t_identity_derived where id in (${gone})`);
    withdrawnRecords += count(`delete from ${table} where presence = 3 and since_run <= ?`, run);
  }
  statements.run("delete from t_stale where until_run <= ?", run);
  const coverage = count(
    "delete from t_coverage where run <= ? and run <> (select s.covered_run from t_source s where s.id = source)",
    run,
  );

  const resolved = "select id from t_finding where state = 'resolved' and resolved_at < ?";
  let events = count(`delete from t_finding_event where finding in (${resolved})`, before);
  statements.run(`delete from t_finding_version where id in (${resolved})`, before);
  const findings = count("delete from t_finding where state = 'resolved' and resolved_at < ?", before);
  statements.run("delete from t_finding_version where to_at < ?", before);
  // A person's decision about what is still live is kept, however old.
  events += count("delete from t_finding_event where at < ? and actor is null", before);
  statements.run(
    "delete from t_judgement where at < ? and at < (select max(j.at) from t_judgement j where j.rule = t_judgement.rule)",
    before,
  );

  const earlier = Number(
    statements.one<{ value: string }>("select value from t_meta where key = 'pruned_run'")?.value ?? 0,
  );
  statements.run(
    "insert or replace into t_meta (key, value) values ('pruned_run', ?)",
    String(Math.max(earlier, pruned)),
  );
  return { versions, withdrawnRecords, coverage, findings, events };
}
