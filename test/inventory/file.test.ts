import { hash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkDatabase, openInventory } from "../../src/inventory/index.ts";
import type { Inventory, OpenOptions } from "../../src/inventory/index.ts";
import { isUserError } from "../../src/sdk/errors.ts";
import { books, collectionPlan, Estate, user, users } from "./support/estate.ts";

let estate: Estate;
beforeEach(() => {
  estate = new Estate();
});
afterEach(() => estate[Symbol.dispose]());

const open = (mode: OpenOptions["mode"], path = estate.path): Inventory =>
  openInventory({ path, mode, now: () => estate.now });
const digest = (path: string) => hash("sha256", readFileSync(path), "hex");

function refusal(
  work: () => unknown,
): { readonly exit: number; readonly message: string; readonly next: string | undefined } | string {
  try {
    work();
  } catch (error) {
    if (isUserError(error))
      return {
        exit: error.exit,
        message: error.message.replaceAll(estate.directory, "DIR"),
        next: error.next?.replaceAll(estate.directory, "DIR"),
      };
    throw error;
  }
  return "not refused";
}

describe("a new inventory", () => {
  it("is readable by its owner only, whatever the umask, its log and folder too", () => {
    const umask = process.umask(0);
    try {
      const path = join(estate.directory, "deep", "er", "rollcall.db");
      const inventory = open("write", path);
      inventory.writer().startRun(estate.plan());
      const modes = readdirSync(join(estate.directory, "deep", "er")).map((name) => [
        name,
        (statSync(join(estate.directory, "deep", "er", name)).mode & 0o777).toString(8),
      ]);
      expect(modes).toEqual([
        ["rollcall.db", "600"],
        ["rollcall.db-shm", "600"],
        ["rollcall.db-wal", "600"],
      ]);
      expect((statSync(join(estate.directory, "deep", "er")).mode & 0o777).toString(8)).toBe("700");
      inventory.close();
      expect(readdirSync(join(estate.directory, "deep", "er"))).toEqual(["rollcall.db"]);
    } finally {
      process.umask(umask);
    }
  });

  it("says whose it is", () => {
    open("write").close();
    const db = new Database(estate.path, { readonly: true });
    expect([
      db.pragma("application_id", { simple: true }),
      db.pragma("user_version", { simple: true }),
      db.pragma("journal_mode", { simple: true }),
    ]).toEqual([0x524f4c4c, 1, "wal"]);
    db.close();
  });
});

describe("a file that is not an inventory", () => {
  const untouched = (mode: OpenOptions["mode"] = "write") => {
    const before = digest(estate.path);
    const refused = refusal(() => open(mode));
    expect(digest(estate.path)).toBe(before);
    expect(readdirSync(estate.directory)).toEqual(["rollcall.db"]);
    return refused;
  };

  it("is not made by reading", () => {
    expect(refusal(() => open("read"))).toEqual({
      exit: 7,
      message: "There is no inventory at DIR/rollcall.db",
      next: "rollcall scan makes one; --db FILE names another",
    });
    expect(readdirSync(estate.directory)).toEqual([]);
  });

  it("is refused where it is empty", () => {
    writeFileSync(estate.path, "");
    expect(untouched()).toEqual({
      exit: 7,
      message: "DIR/rollcall.db is empty, so it is no inventory",
      next: "rm DIR/rollcall.db, then scan again, or choose another with --db FILE",
    });
  });

  it("is refused where it is no database", () => {
    writeFileSync(estate.path, "# my notes, which I want to keep\n");
    expect(untouched()).toMatchObject({
      exit: 7,
      message: "DIR/rollcall.db is not an inventory, or its beginning is damaged; it was left as it is",
    });
  });

  it("is refused where it is another program's database", () => {
    const db = new Database(estate.path);
    db.exec("create table notes (text)");
    db.close();
    expect(untouched()).toEqual({
      exit: 7,
      message: "DIR/rollcall.db is the database of another program; it was left as it is",
      next: "choose another with --db FILE",
    });
  });

  it("is refused where it is a link or a folder", () => {
    const path = join(estate.directory, "link.db");
    open("write").close();
    symlinkSync(estate.path, path);
    expect(refusal(() => open("write", path))).toMatchObject({
      exit: 7,
      message: "DIR/link.db is a symbolic link, which an inventory must not be",
    });
    mkdirSync(join(estate.directory, "folder.db"));
    expect(refusal(() => open("write", join(estate.directory, "folder.db")))).toMatchObject({
      exit: 7,
      message: "DIR/folder.db is not a file",
    });
  });

  it("is refused where it is newer, and not one byte is written", () => {
    open("write").close();
    const db = new Database(estate.path);
    db.pragma("user_version = 99");
    db.close();
    for (const mode of ["write", "read"] as const) {
      expect(untouched(mode)).toEqual({
        exit: 7,
        message: "DIR/rollcall.db was written by a newer Rollcall (schema 99; this one knows 1); it was left as it is",
        next: "update Rollcall, or choose another with --db FILE",
      });
    }
  });
});

describe("a damaged inventory", () => {
  beforeEach(() => {
    estate.scan([{ records: users(2000) }]);
    estate.close();
  });

  it("is refused where its end is missing", () => {
    truncateSync(estate.path, 8192);
    const before = digest(estate.path);
    expect(refusal(() => open("read").reader.select("select * from identity"))).toMatchObject({
      exit: 7,
      message: "DIR/rollcall.db is damaged and was left as it is",
    });
    expect(digest(estate.path)).toBe(before);
  });

  it("is told from a sound one by a check", () => {
    const size = statSync(estate.path).size;
    const file = openSync(estate.path, "r+");
    for (let offset = 4096 * 20; offset < size; offset += 4096 * 7)
      writeSync(file, Buffer.alloc(64, 0xff), 0, 64, offset);
    closeSync(file);
    const before = digest(estate.path);
    const bad = checkDatabase(estate.path)
      .filter(({ ok }) => !ok)
      .map(({ check }) => check);
    expect(bad).toContain("integrity");
    expect(digest(estate.path)).toBe(before);
  });
});

describe("an inventory that cannot be written", () => {
  it("can be read, in a folder that cannot be written either", () => {
    estate.scan([{ records: [user("alice")] }]);
    estate.close();
    chmodSync(estate.path, 0o400);
    chmodSync(estate.directory, 0o500);
    try {
      const inventory = open("read");
      expect(inventory.reader.select("select name from identity")).toEqual([{ name: "alice" }]);
      inventory.close();
      // Root may write what nobody may.
      if (process.getuid?.() !== 0) {
        expect(refusal(() => open("write"))).toMatchObject({ exit: 7, message: "DIR/rollcall.db cannot be written" });
        expect(refusal(() => open("write", join(estate.directory, "new.db")))).toMatchObject({
          exit: 7,
          message: "DIR/new.db cannot be written",
        });
      }
    } finally {
      chmodSync(estate.directory, 0o700);
    }
  });

  it("keeps what was committed when the disk is full, and goes on when there is room", () => {
    estate.scan([{ records: [user("alice")] }]);
    estate.close();
    const pages = Number(new Database(estate.path, { readonly: true }).pragma("page_count", { simple: true }));
    using full = new Estate({ fullAt: pages + 40 });
    const run = full.start();
    const writer = run.openCollection(collectionPlan({}));
    let committed = 0;
    const fill = () => {
      for (;;) {
        writer.commit(users(100, committed), { cursor: committed + 100, pages: 1, items: 1 });
        committed += 100;
      }
    };
    expect(refusal(fill)).toMatchObject({
      exit: 7,
      message: expect.stringContaining("There is no space left for") as string,
      next: "free some space and run the same command again: it goes on where it stopped",
    });
    expect(committed).toBeGreaterThan(0);
    expect(full.select("select count(*) as n from identity")).toEqual([{ n: committed }]);
    full.close();

    const roomy = openInventory({ path: full.path, mode: "write", now: () => full.now });
    const again = roomy.writer().startRun(full.plan());
    const resumed = again.openCollection(collectionPlan({}));
    expect([again.resumed, resumed.cursor]).toEqual([true, committed]);
    resumed.commit(users(100, committed));
    resumed.finish(books(full.now));
    again.finish({ status: "finished", exitCode: 0, finishedAt: full.now });
    expect(roomy.reader.select("select count(*) as n from identity where presence = 'present'")).toEqual([
      { n: committed + 100 },
    ]);
    roomy.close();
    expect(checkDatabase(full.path).filter(({ ok }) => !ok)).toEqual([]);
  });

  it("waits for nobody for ever", () => {
    open("write").close();
    const holder = new Database(estate.path);
    holder.exec("begin immediate");
    const refused = refusal(() => open("write"));
    holder.exec("rollback");
    holder.close();
    expect(refused).toEqual({
      exit: 75,
      message: "Another process is writing to DIR/rollcall.db",
      next: "wait for it to finish, then run the same command again",
    });
  }, 30_000);
});
