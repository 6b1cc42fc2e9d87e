import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { viewCatalogue } from "../../src/inventory/index.ts";
import { isUserError } from "../../src/sdk/errors.ts";
import { Estate, user, users } from "./support/estate.ts";

let estate: Estate;
beforeAll(() => {
  estate = new Estate();
  estate.scan([{ records: [user("alice", { description: "a\u0000b\uD800" }), ...users(500)] }]);
});
afterAll(() => estate[Symbol.dispose]());

const query = (sql: string, timeout = 20_000) => [...estate.inventory.reader.query(sql, { timeout })];

function refusal(sql: string): readonly [number, string] | string {
  try {
    query(sql);
  } catch (error) {
    if (isUserError(error)) return [error.exit, error.message];
    throw error;
  }
  return "not refused";
}

describe("a user's query", () => {
  it("gives the rows of one SELECT over the views, whole", () => {
    expect(query("select provider, kind, count(*) as n from identity group by 1, 2")).toEqual([
      { provider: "aws", kind: "user", n: 501 },
    ]);
    expect(query("select description from identity where name = 'alice'")).toEqual([{ description: "a\u0000b\uD800" }]);
    expect(
      query("with big(x) as (select 9007199254740993) select x, x'00ff' as bytes, 1.5 as real, null as empty from big"),
    ).toEqual([{ x: 9007199254740993n, bytes: Uint8Array.of(0, 255), real: 1.5, empty: null }]);
    expect(query("-- who?\n/* all */ SELECT urn FROM identity ORDER BY urn")).toHaveLength(501);
    expect(query("select urn from identity where 1 = 0")).toEqual([]);
    expect(query("select j.value as v from identity i, json_each('[1,2]') j where i.name = 'alice'")).toEqual([
      { v: 1 },
      { v: 2 },
    ]);
    expect(query("with t_run as (select 1 as mine) select * from t_run")).toEqual([{ mine: 1 }]);
  });

  it("may read every view", () => {
    const counts = viewCatalogue().map(({ name }) => `(select count(*) from ${name}) as ${name}`);
    expect(query(`select ${counts.join(", ")}`)).toEqual([
      expect.objectContaining({ identity: 501, run: 1, coverage: 1, finding: 0 }),
    ]);
  });

  it.each([
    ["t_identity", "select * from t_identity", "t_identity is not a view"],
    ["main.t_identity", "select * from main.t_identity", "main.t_identity is not a view"],
    ["a quoted table", 'select * from "t_run"', "t_run is not a view"],
    ["a table in quotes for text", "select * from 't_run'", "t_run is not a view"],
    ["a table inside", "select 1 where exists (select 1 from t_meta)", "t_meta is not a view"],
    ["a table in a CTE", "with x as (select * from t_meta) select * from x", "t_meta is not a view"],
    [
      "the schema",
      "select sql from sqlite_schema",
      "A query reads the documented views, not the database's own tables",
    ],
    [
      "the schema by its old name",
      "select sql from main.sqlite_master",
      "A query reads the documented views, not the database's own tables",
    ],
    [
      "the schema in quotes",
      "select count(*) from 'sqlite_master'",
      "A query reads the documented views, not the database's own tables",
    ],
    [
      "the temporary schema",
      "select * from sqlite_temp_schema",
      "A query reads the documented views, not the database's own tables",
    ],
    ["a pragma", "pragma table_list", "A query is a single SELECT over the documented views"],
    [
      "a pragma as a table",
      "select * from pragma_table_list",
      "A query reads the documented views, not pragma_table_list",
    ],
    [
      "a pragma as a quoted table",
      "select * from 'pragma_table_list'",
      "A query reads the documented views, not pragma_table_list",
    ],
    ["pages", "select * from dbstat", "A query reads the documented views, not dbstat"],
    ["insert", "insert into t_meta values ('a', 'b')", "A query is a single SELECT over the documented views"],
    [
      "insert behind a CTE",
      "with x as (select 1) insert into identity (urn) select 1 from x",
      "A query only reads: a single SELECT over the documented views",
    ],
    [
      "delete behind a CTE",
      "with x as (select 1) delete from identity",
      "A query only reads: a single SELECT over the documented views",
    ],
    ["attach", "attach 'other.db' as other", "A query is a single SELECT over the documented views"],
    ["two statements", "select 1; delete from identity", "A query is a single statement"],
    ["explain", "explain select 1", "A query is a single SELECT over the documented views"],
    ["values", "values (1)", "A query is a single SELECT over the documented views"],
    ["nothing", "", "A query is a single SELECT over the documented views"],
    ["a comment", "-- select 1", "A query is a single SELECT over the documented views"],
    ["nonsense", "select from where", 'The query cannot be read: near "from": syntax error'],
    ["a column that is not there", "select colour from identity", "The query cannot be read: no such column: colour"],
    ["an extension", "select load_extension('x')", "The query cannot be read: not authorized"],
    [
      "a value beyond all measure",
      "select length(hex(zeroblob(600000000)))",
      "The query cannot be read: string or blob too big",
    ],
  ])("is refused for %s", (_name, sql, message) => {
    expect(refusal(sql)).toEqual([2, message]);
  });

  it("that never ends is ended", () => {
    const before = performance.now();
    expect(() =>
      query("with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c", 300),
    ).toThrow("The query took longer than 0.3 s and was ended");
    expect(performance.now() - before).toBeLessThan(20_000);
  });

  it("that never ends can be left", () => {
    const rows: unknown[] = [];
    for (const row of estate.inventory.reader.query(
      "with recursive c(x) as (select 1 union all select x + 1 from c) select x from c",
    )) {
      rows.push(row["x"]);
      if (rows.length === 1000) break;
    }
    expect(rows.at(-1)).toBe(1000);
  });

  it("changes nothing, and sees what is there now", () => {
    estate.scan([{ records: [user("alice", { description: "a\u0000b\uD800" }), ...users(501)] }]);
    expect(query("select count(*) as n from identity")).toEqual([{ n: 502 }]);
  });
});

describe("our own statements", () => {
  it("take bound parameters, also more than they name", () => {
    const { reader } = estate.inventory;
    expect(reader.select("select name from identity where name = @name", { name: "alice", other: 1 })).toEqual([
      { name: "alice" },
    ]);
    expect(reader.select("select count(*) as n from identity", {})).toEqual([{ n: 502 }]);
    expect(reader.select("select 1 as n", { unused: 1 })).toEqual([{ n: 1 }]);
    expect([
      ...reader.iterate("select name from identity where name > @from order by name limit 2", { from: "u0100" }),
    ]).toEqual([{ name: "u0101" }, { name: "u0102" }]);
  });

  it("can be walked while another one is", () => {
    const { reader } = estate.inventory;
    const sql = "select name from identity order by name limit 3";
    const pairs: string[] = [];
    for (const left of reader.iterate(sql))
      for (const right of reader.iterate(sql)) pairs.push(`${String(left["name"])} ${String(right["name"])}`);
    expect(pairs).toHaveLength(9);
  });

  it("know the columns of each view, in order", () => {
    const { reader } = estate.inventory;
    for (const { name, columns } of viewCatalogue()) {
      expect(reader.columns(name)).toEqual(columns);
      const [row] = reader.select(`select * from ${name} limit 1`);
      if (row !== undefined) expect(Object.keys(row)).toEqual(columns.map((column) => column.name));
    }
    expect(() => reader.columns("nothing")).toThrow("There is no view nothing");
  });
});
