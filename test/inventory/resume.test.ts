import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkDatabase, openInventory } from "../../src/inventory/index.ts";
import { HOUR, MINUTE, SECOND } from "../../src/model/index.ts";
import { isUserError } from "../../src/sdk/errors.ts";
import { ACCOUNT, books, collectionPlan, Estate, user, users } from "./support/estate.ts";

let estate: Estate;
beforeEach(() => {
  estate = new Estate();
});
afterEach(() => {
  expect(checkDatabase(estate.inventory.path).filter(({ ok }) => !ok)).toEqual([]);
  estate[Symbol.dispose]();
});

const finish = (run: ReturnType<Estate["start"]>) =>
  run.finish({ status: "finished", exitCode: 0, finishedAt: estate.now });

describe("a run that was killed", () => {
  it("is taken up with its number, its start, its finished collections and its checkpoints", () => {
    const first = estate.start();
    const done = first.openCollection(collectionPlan({ collection: "done" }));
    done.commit([user("alice")]);
    done.finish(books(estate.now));
    const open = first.openCollection(collectionPlan({ collection: "open", precedence: 1 }));
    expect([done.state, open.state, open.cursor, open.carried]).toEqual([
      "fresh",
      "fresh",
      undefined,
      { pages: 0, items: 0 },
    ]);
    open.commit([user("bob")], { cursor: { marker: "p2" }, pages: 1, items: 1 });
    open.commit([user("carol")]);
    estate.close();

    const startedAt = estate.now;
    estate.now += MINUTE;
    const second = estate.start();
    expect([second.run, second.resumed, second.startedAt]).toEqual([1, true, startedAt]);
    expect(second.openCollection(collectionPlan({ collection: "done" })).state).toBe("done");
    const resumed = second.openCollection(collectionPlan({ collection: "open", precedence: 1 }));
    expect([resumed.state, resumed.cursor, resumed.carried]).toEqual([
      "resumed",
      { marker: "p2" },
      { pages: 1, items: 1 },
    ]);
    resumed.commit([user("carol")]);
    expect(resumed.finish(books(estate.now))).toEqual({
      added: 2,
      changed: 0,
      unchanged: 1,
      missing: 0,
      withdrawn: 0,
      suspected: 0,
    });
    expect(second.openCollection(collectionPlan({ collection: "never" })).state).toBe("fresh");
    finish(second);
    expect(estate.select("select run, status, started_at from run")).toEqual([
      { run: 1, status: "finished", started_at: startedAt },
    ]);
  });

  it("ends as if it had never been, with what was seen before the kill", () => {
    const pages = [users(20), users(20, 20), users(20, 40)];
    const scanPages = (target: Estate, killAfter: number) => {
      target.now += HOUR;
      let run = target.start();
      let writer = run.openCollection(collectionPlan({}));
      for (const [index, page] of pages.entries()) {
        writer.commit(
          page.filter((_, place) => place % 10 !== 3),
          { cursor: index, pages: index + 1, items: 0 },
        );
        if (index !== killAfter) continue;
        target.close();
        run = target.start();
        writer = run.openCollection(collectionPlan({}));
        expect(writer.cursor).toBe(index);
      }
      writer.finish(books(target.now));
      run.finish({ status: "finished", exitCode: 0, finishedAt: target.now });
    };
    for (const killAfter of [0, 1, 2]) {
      using whole = new Estate();
      using killed = new Estate();
      for (const target of [whole, killed]) target.scan([{ records: pages.flat() }]);
      scanPages(whole, -1);
      scanPages(killed, killAfter);
      expect(killed.canonical()).toBe(whole.canonical());
      expect(killed.select("select count(*) as n from identity where presence = 'missing'")).toEqual([{ n: 6 }]);
      expect(killed.select("select * from change_log order by run, urn")).toEqual(
        whole.select("select * from change_log order by run, urn"),
      );
    }
  });

  it("lists again from the start where its checkpoint is too old, and sees what has gone since", () => {
    const first = estate.start();
    first.openCollection(collectionPlan({})).commit([user("alice"), user("bob")], { cursor: 1, pages: 1, items: 2 });
    estate.close();
    estate.now += 2 * HOUR;
    const second = estate.start();
    const writer = second.openCollection(collectionPlan({}));
    expect([second.resumed, writer.state, writer.cursor, writer.carried]).toEqual([
      true,
      "fresh",
      undefined,
      { pages: 0, items: 0 },
    ]);
    writer.commit([user("alice")]);
    expect(writer.finish(books(estate.now)).missing).toBe(1);
    finish(second);
  });

  it("is closed and chained where it is of another plan or too old, and a new one begins", () => {
    const leave = (options: Parameters<Estate["start"]>[0]) => {
      const run = estate.start(options);
      run.openCollection(collectionPlan({})).commit([user(`of-${run.run}`)], { cursor: 1, pages: 1, items: 1 });
      estate.close();
    };
    leave({ planHash: "old" });
    leave({ planHash: "new" });
    estate.now += 25 * HOUR;
    const third = estate.start({ planHash: "new" });
    expect([third.run, third.resumed]).toEqual([3, false]);
    const writer = third.openCollection(collectionPlan({}));
    expect(writer.state).toBe("fresh");
    writer.commit([user("of-1")]);
    expect(writer.finish(books(estate.now)).missing).toBe(1);
    finish(third);
    expect(estate.select("select run, status from run order by run")).toEqual([
      { run: 1, status: "abandoned" },
      { run: 2, status: "abandoned" },
      { run: 3, status: "finished" },
    ]);
  });

  it("of other scanners is left to them", () => {
    const github = estate.start({ scanner: "github" });
    github
      .openCollection(collectionPlan({ scope: "nhi:github/github.com/org/1" }, "github"))
      .commit([], { cursor: 7, pages: 1, items: 0 });
    finish(estate.start({ scanner: "aws" }));
    estate.close();
    const again = estate.start({ scanner: "github" });
    expect([again.run, again.resumed]).toEqual([1, true]);
    finish(again);
  });

  it("that was cancelled is over", () => {
    const run = estate.start();
    run.openCollection(collectionPlan({})).commit([user("alice")]);
    run.finish({ status: "cancelled", exitCode: 130, finishedAt: estate.now });
    expect(estate.start().resumed).toBe(false);
    expect(estate.select("select status, exit_code from run order by run")).toEqual([
      { status: "cancelled", exit_code: 130 },
      { status: "running", exit_code: null },
    ]);
  });
});

describe("the lease", () => {
  const other = () => openInventory({ path: estate.path, mode: "write", now: () => estate.now });
  const refusal = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      if (isUserError(error)) return [error.exit, error.message];
      throw error;
    }
    return "not refused";
  };

  it("keeps a second scan of the same scanner out, and names the first", () => {
    estate.start();
    const second = other();
    const busy = [75, `Another scan of aws is running: process ${process.pid}, since 2026-01-01T00:00:00Z`];
    expect(refusal(() => second.writer().startRun(estate.plan()))).toEqual(busy);
    expect(refusal(() => second.writer().startRun({ ...estate.plan(), scanners: ["github", "aws"] }))).toEqual(busy);
    expect(second.writer().startRun(estate.plan({ scanner: "github" })).run).toBe(2);
    second.close();
  });

  it("ends with the run, and with the process that closes the file", () => {
    finish(estate.start());
    const second = other();
    second.writer().startRun(estate.plan());
    second.close();
    expect(estate.start().resumed).toBe(true);
  });

  it("is anybody's after a minute without a heartbeat; the first one then stops", () => {
    const first = estate.start();
    estate.now += 59 * SECOND;
    const second = other();
    expect(refusal(() => second.writer().startRun(estate.plan()))).not.toBe("not refused");
    first.heartbeat();
    estate.now += 59 * SECOND;
    expect(refusal(() => second.writer().startRun(estate.plan()))).not.toBe("not refused");
    estate.now += SECOND;
    expect(second.writer().startRun(estate.plan()).resumed).toBe(true);
    expect(refusal(() => first.heartbeat())).toEqual([
      75,
      "Another process has taken over the scan of aws, because this one did not answer for a minute",
    ]);
    second.close();
  });

  it("of a process that is dead is taken over at once", async () => {
    const child = spawn(
      process.execPath,
      [new URL("support/hold-lease.ts", import.meta.url).pathname, estate.path, String(estate.now)],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await once(child.stdout, "data");
    expect(refusal(() => estate.start())).toEqual([
      75,
      `Another scan of aws is running: process ${child.pid}, since 2026-01-01T00:00:00Z`,
    ]);
    child.kill("SIGKILL");
    await once(child, "close");
    expect(estate.start().resumed).toBe(true);
  });
});

it("reads while another one writes", () => {
  estate.scan([{ scope: ACCOUNT, records: users(10) }]);
  const rows = estate.inventory.reader.iterate("select urn from identity order by urn");
  let read = 0;
  const run = estate.start();
  const writer = run.openCollection(collectionPlan({}));
  for (const _row of rows) {
    read += 1;
    writer.commit([user(`new-${read}`)]);
  }
  expect(read).toBe(10);
  writer.finish(books(estate.now, { status: "partial" }));
  finish(run);
  expect(estate.select("select count(*) as n from identity")).toEqual([{ n: 20 }]);
});
