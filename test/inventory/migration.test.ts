import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkDatabase, exportCanonical, openInventory } from "../../src/inventory/index.ts";
import { openInventoryWith } from "../../src/inventory/inventory.ts";
import type { Migration } from "../../src/inventory/schema/migrations.ts";

const FIXTURES = new URL("../../fixtures/databases/", import.meta.url);
const RELEASED = readdirSync(FIXTURES).filter((name) => /^schema-\d+\.db$/.test(name));

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "rollcall-migration-"));
  path = join(directory, "rollcall.db");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const options = () => ({ path, mode: "write" as const, now: () => Date.UTC(2026, 1, 1) });

describe.each(RELEASED)("the released %s", (name) => {
  it("opens, and holds what was written into it", () => {
    copyFileSync(new URL(name, FIXTURES), path);
    const inventory = openInventory(options());
    expect([...exportCanonical(inventory)]).toMatchSnapshot();
    expect(inventory.reader.select("select run, status, digest from run")).toMatchSnapshot();
    expect(
      inventory.reader.select("select type, urn, change, facts from change_log order by run, type, urn"),
    ).toMatchSnapshot();
    inventory.close();
    expect(checkDatabase(path).filter(({ ok }) => !ok)).toEqual([]);
  });
});

describe("a migration", () => {
  const addNote: Migration = {
    to: 2,
    up: (db) => db.exec("create table t_note (text text not null) strict; insert into t_note values ('from 2')"),
  };
  const addMore: Migration = { to: 3, up: (db) => db.exec("insert into t_note values ('from 3')") };
  const breaks: Migration = {
    to: 3,
    up: (db) => {
      db.exec("delete from t_identity");
      throw new Error("step 3 failed");
    },
  };
  const raw = (file: string, sql: string) => {
    const db = new Database(file, { readonly: true });
    const rows = db.prepare(sql).all();
    const version = db.pragma("user_version", { simple: true });
    db.close();
    return { version, rows };
  };

  beforeEach(() => {
    copyFileSync(new URL("schema-1.db", FIXTURES), path);
  });

  it("leads forward through every step, and keeps a backup of what was before", () => {
    const before = openInventory(options());
    const exported = [...exportCanonical(before)];
    before.close();
    const after = openInventoryWith(options(), { migrations: [addMore, addNote] });
    expect([...exportCanonical(after)]).toEqual(exported);
    after.close();
    expect(raw(path, "select text from t_note order by text")).toEqual({
      version: 3,
      rows: [{ text: "from 2" }, { text: "from 3" }],
    });
    expect(raw(`${path}.schema-1`, "select count(*) as n from t_run")).toEqual({ version: 1, rows: [{ n: 3 }] });
    openInventoryWith(options(), { migrations: [addMore, addNote] }).close();
    expect(() => openInventory(options())).toThrow("was written by a newer Rollcall (schema 3; this one knows 1)");
  });

  it("that fails leaves everything as it was", () => {
    expect(() => openInventoryWith(options(), { migrations: [addNote, breaks] })).toThrow("step 3 failed");
    expect(raw(path, "select count(*) as n from t_identity")).toEqual({ version: 1, rows: [{ n: 2 }] });
    expect(raw(path, "select count(*) as n from sqlite_schema where name = 't_note'").rows).toEqual([{ n: 0 }]);
    const inventory = openInventory(options());
    expect(inventory.reader.select("select count(*) as n from identity")).toEqual([{ n: 1 }]);
    inventory.close();
  });

  it("does not happen by reading", () => {
    const before = readFileSync(path);
    expect(() => openInventoryWith({ ...options(), mode: "read" }, { migrations: [addNote] })).toThrow(
      "must be brought up to date before it can be read",
    );
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});
