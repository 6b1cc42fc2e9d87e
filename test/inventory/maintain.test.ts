import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  backupDatabase,
  checkDatabase,
  openInventory,
  pruneDatabase,
  restoreDatabase,
} from "../../src/inventory/index.ts";
import { HOUR } from "../../src/model/index.ts";
import { isUserError } from "../../src/sdk/errors.ts";
import { Estate, START, user } from "./support/estate.ts";

let estate: Estate;
beforeEach(() => {
  estate = new Estate();
  const report = { collection: "report", precedence: 1, authoritative: {} };
  for (const path of ["/a/", "/b/", "/c/"])
    estate.scan([
      { records: [user("alice", { path }), user("bob")] },
      { ...report, records: [user("alice", { enabled: true })] },
    ]);
  estate.scan([{ records: [user("alice", { path: "/c/" })] }, { ...report, records: [], status: "partial" }]);
  estate.scan([
    { records: [user("alice", { path: "/c/" })] },
    { ...report, records: [user("alice", { enabled: true })] },
  ]);
});
afterEach(() => estate[Symbol.dispose]());

const problems = (path = estate.path) =>
  checkDatabase(path)
    .filter(({ ok }) => !ok)
    .map(({ check, detail }) => `${check}: ${detail}`);
const message = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    if (isUserError(error)) return `${error.exit} ${error.message.replaceAll(estate.directory, "DIR")}`;
    throw error;
  }
  return "not refused";
};

function tamper(sql: string): void {
  estate.close();
  const db = new Database(estate.path);
  db.exec(sql);
  db.close();
}

describe("a check", () => {
  it("finds nothing in a sound inventory, and says what it looked at", () => {
    expect(checkDatabase(estate.path)).toEqual([
      { check: "integrity", ok: true, detail: "schema 1; every page, index and type is sound" },
      { check: "chain", ok: true, detail: "5 runs are chained, 5 recomputed" },
      { check: "records", ok: true, detail: "2 records are the merge of what their sources say" },
      { check: "versions", ok: true, detail: "4 versions follow each other without a gap" },
      { check: "contributions", ok: true, detail: "every contribution has its record and its source" },
      { check: "views", ok: true, detail: "22 views answer" },
    ]);
  });

  it.each([
    [
      "a changed fact in the past",
      `update t_version set facts = replace(facts, '/a/', '/z/') where from_run = 1`,
      "chain: run 1: its changes are not the ones that it was closed with",
    ],
    [
      "a changed presence",
      "update t_identity set presence = 0 where presence = 3",
      "chain: run 5: its changes are not the ones that it was closed with",
    ],
    [
      "a version that is gone",
      "delete from t_version where from_run = 2",
      "chain: run 2: its changes are not the ones that it was closed with",
    ],
    [
      "a version that nothing follows",
      "update t_version set to_run = 9 where from_run = 2",
      "versions: nhi:aws/aws:111122223333/user/alice: nothing follows the version that run 9 closed",
    ],
    ["a run that is gone", "delete from t_run where run = 3", "chain: run 4 is not chained to the run before it"],
    [
      "a changed run",
      "update t_run set started_at = started_at + 1 where run = 4",
      "chain: run 4: its changes are not the ones that it was closed with",
    ],
    [
      "a changed column",
      "update t_identity set f_enabled = 0 where f_enabled = 1",
      "records: nhi:aws/aws:111122223333/user/alice: its column enabled is not its fact enabled",
    ],
    [
      "a changed source",
      `update t_contribution set facts = replace(facts, 'true', 'false')`,
      "records: nhi:aws/aws:111122223333/user/alice: its facts do not follow from its sources",
    ],
    [
      "a changed doubt",
      "update t_identity set known = 0",
      "records: nhi:aws/aws:111122223333/user/alice: what is known of it does not follow from its sources",
    ],
    [
      "a contribution without a record",
      "insert into t_contribution values (2, 999, 1, 1, 0, 0, 1, '{}')",
      "contributions: source 1 contributes to the identity 999, which does not know of it",
    ],
    [
      "a view that was changed",
      "drop view tag; create view tag as select 1 as subject",
      "views: the view tag is not the documented one",
    ],
    [
      "a view that does not work",
      "drop view tag; create view tag as select * from elsewhere",
      "views: no such table: main.elsewhere",
    ],
  ])("finds %s", (_name, sql, problem) => {
    tamper(sql);
    expect(problems()).toContain(problem);
  });

  it("is refused for a file that is not there", () => {
    expect(message(() => checkDatabase(join(estate.directory, "x.db")))).toBe("7 There is no inventory at DIR/x.db");
  });
});

describe("a backup", () => {
  it("is a whole, private copy, also while a run is open", () => {
    const to = join(estate.directory, "kept", "copy.db");
    estate.start();
    backupDatabase(estate.path, to);
    expect((statSync(to).mode & 0o777).toString(8)).toBe("600");
    expect(problems(to)).toEqual([]);
    const copy = openInventory({ path: to, mode: "read", now: () => estate.now });
    expect(copy.reader.select("select * from record_history order by urn, from_run")).toEqual(
      estate.select("select * from record_history order by urn, from_run"),
    );
    copy.close();
    expect(message(() => backupDatabase(estate.path, to))).toBe(
      "7 DIR/kept/copy.db exists already, and a backup overwrites nothing",
    );
    expect(message(() => backupDatabase(join(estate.directory, "no.db"), join(estate.directory, "c.db")))).toBe(
      "7 There is no inventory at DIR/no.db",
    );
  });

  it("comes back, and what it replaces is kept", () => {
    const backup = join(estate.directory, "copy.db");
    backupDatabase(estate.path, backup);
    const before = estate.canonical();
    estate.scan([{ records: [user("zoe")] }]);
    const after = estate.canonical();
    estate.close();
    expect(restoreDatabase(backup, estate.path)).toBe(`${estate.path}.replaced-1`);
    expect(estate.canonical()).toBe(before);
    expect(problems()).toEqual([]);
    estate.close();
    expect(restoreDatabase(`${estate.path}.replaced-1`, estate.path)).toBe(`${estate.path}.replaced-2`);
    expect(estate.canonical()).toBe(after);
    expect(estate.scan([{ records: [user("zoe")] }]).collections[0]?.unchanged).toBe(1);
    expect((statSync(estate.path).mode & 0o777).toString(8)).toBe("600");
  });

  it("comes back in the place of nothing and of a wreck, but not under a writer's hands", () => {
    const backup = join(estate.directory, "copy.db");
    backupDatabase(estate.path, backup);
    const elsewhere = join(estate.directory, "new", "rollcall.db");
    expect(restoreDatabase(backup, elsewhere)).toBeUndefined();
    expect(problems(elsewhere)).toEqual([]);
    writeFileSync(elsewhere, "wreck");
    expect(restoreDatabase(backup, elsewhere)).toBe(`${elsewhere}.replaced-1`);
    expect(problems(elsewhere)).toEqual([]);

    const holder = new Database(estate.path);
    holder.exec("begin immediate");
    expect(message(() => restoreDatabase(backup, estate.path))).toBe(
      "75 Another process is writing to DIR/rollcall.db",
    );
    holder.close();
    writeFileSync(backup, "not a backup");
    expect(message(() => restoreDatabase(backup, estate.path))).toMatch(/^7 DIR\/copy.db is not an inventory/);
    expect(problems()).toEqual([]);
    expect(readdirSync(estate.directory).filter((name) => name.includes(".new-"))).toEqual([]);
  });
});

describe("pruning", () => {
  const keep = (runs: number) => ({ keep: runs * HOUR, now: START + 5 * HOUR });

  it("forgets what ended before, and nothing that is live", () => {
    const live = estate.select("select * from identity");
    const changes = estate.select("select * from change_log where run >= 4");
    estate.close();
    expect(pruneDatabase(estate.path, keep(1.5))).toEqual({
      versions: 2,
      withdrawnRecords: 0,
      coverage: 6,
      findings: 0,
      events: 0,
    });
    expect(estate.select("select * from identity")).toEqual(live);
    expect(estate.select("select * from change_log where run >= 4")).toEqual(changes);
    expect(problems()).toEqual([]);
    expect(checkDatabase(estate.path)[1]?.detail).toBe("5 runs are chained, 3 recomputed, 2 pruned");
    expect(estate.scan([{ records: [user("alice", { path: "/c/" }), user("bob")] }]).run.versionsWritten).toBe(1);
    expect(problems()).toEqual([]);
  });

  it("forgets the withdrawn with all that belonged to them", () => {
    for (let round = 0; round < 3; round++) estate.scan([{ records: [user("alice", { path: "/c/" })] }]);
    estate.close();
    const summary = pruneDatabase(estate.path, { keep: 0, now: START + 9 * HOUR });
    expect(summary).toMatchObject({ withdrawnRecords: 1 });
    expect(estate.select("select distinct urn from record_history")).toEqual([
      { urn: "nhi:aws/aws:111122223333/user/alice" },
    ]);
    expect(problems()).toEqual([]);
  });

  it("changes nothing the second time, and waits for a scan", () => {
    estate.close();
    pruneDatabase(estate.path, keep(1.5));
    expect(pruneDatabase(estate.path, keep(1.5))).toEqual({
      versions: 0,
      withdrawnRecords: 0,
      coverage: 0,
      findings: 0,
      events: 0,
    });
    estate.now = START + 5 * HOUR;
    estate.start();
    expect(message(() => pruneDatabase(estate.path, keep(1)))).toBe(
      `75 A scan of aws is running: process ${process.pid}`,
    );
    expect(existsSync(estate.path)).toBe(true);
  });
});
