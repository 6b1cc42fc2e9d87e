import { PGlite } from "@electric-sql/pglite";
import Database from "better-sqlite3";
import { expect, it } from "vitest";
import { schemaFor, viewCatalogue } from "../../src/inventory/index.ts";
import { FACTS } from "../../src/model/index.ts";
import { unknown } from "../../src/model/index.ts";
import { Estate, key, START, user } from "./support/estate.ts";

it("is the same in SQLite as what a new file gets", () => {
  using estate = new Estate();
  estate.scan([{ records: [user("alice")] }]);
  const inFile = new Database(estate.path, { readonly: true });
  const inMemory = new Database(":memory:");
  for (const statement of schemaFor("sqlite")) inMemory.exec(statement);
  const objects = (db: Database.Database) =>
    db
      .prepare("select type, name, sql from sqlite_schema where name not like 'sqlite_%' order by name")
      .all()
      .map((row) => JSON.stringify(row));
  expect(objects(inFile)).toEqual(objects(inMemory));
  inFile.close();
  inMemory.close();
});

it("gives the same views on PostgreSQL, from rows that were copied", async () => {
  using estate = new Estate();
  const { findings } = estate.inventory.writer();
  for (const path of ["/a/", "/b/"]) {
    estate.scan([
      {
        facts: ["identity", "trust"],
        records: [
          user("alice", {
            path,
            enabled: true,
            tags: { team: "x" },
            attributes: { deep: [1, null] },
            aliases: ["arn:alice"],
            mfaEnabled: unknown("denied"),
            boundary: null,
          }),
          key("AKIA1", "alice", { createdAt: START, expiresAt: null }),
          {
            type: "permission-set",
            urn: "nhi:aws/1/policy/1",
            kind: "inline-policy",
            document: { Statement: [{ Action: "*" }] },
          },
          {
            type: "permission-set",
            urn: "nhi:aws/1/policy/2",
            kind: "inline-policy",
            document: unknown("denied"),
            tags: unknown("denied"),
          },
          { type: "group", urn: "nhi:aws/1/group/1", kind: "group" },
          {
            type: "membership",
            urn: "nhi:aws/1/membership/1",
            member: "nhi:aws/aws:111122223333/user/alice",
            group: "nhi:aws/1/group/1",
          },
          {
            type: "grant",
            urn: "nhi:aws/1/grant/1",
            principal: "nhi:aws/1/group/1",
            permissionSet: "nhi:aws/1/policy/1",
            effect: "allow",
            conditions: null,
          },
          {
            type: "trust",
            urn: "nhi:aws/1/trust/1",
            identity: "nhi:aws/aws:111122223333/user/alice",
            mechanism: "assume-role",
            effect: "allow",
            party: "anyone",
            principal: "*",
            subjects: ["a", "b"],
            conditions: { a: 1 },
          },
          {
            type: "usage",
            subject: "nhi:aws/aws:111122223333/access-key/AKIA1",
            source: "report",
            lastUsedAt: START,
            observedFrom: null,
            observedThrough: START,
          },
        ],
      },
      {
        collection: "second",
        precedence: 1,
        authoritative: {},
        status: path === "/b/" ? "partial" : "complete",
        records: path === "/b/" ? [] : [user("alice", { description: "x" })],
      },
    ]);
    estate.inventory.writer().replaceDerived([
      {
        urn: "nhi:aws/aws:111122223333/user/alice",
        privilege: "admin",
        certainty: "certain",
        reason: "policy 1",
        score: 70,
      },
    ]);
    findings.judge(
      {
        rule: "r",
        severity: "critical",
        subjectType: "identity",
        failing: "select urn as subject, path from identity",
        undecided: "select urn as subject, '' as reason from identity where 1 = 0",
        params: {},
        identity: [],
        explain: () => "x",
      },
      { run: 1, now: estate.now },
    );
  }

  const postgres = await PGlite.create();
  for (const statement of schemaFor("postgres")) await postgres.exec(statement);
  const source = new Database(estate.path, { readonly: true });
  const tables = source
    .prepare<[], { name: string }>(
      "select name from sqlite_schema where type = 'table' and name like 't~_%' escape '~'",
    )
    .all();
  for (const { name } of tables) {
    for (const row of source.prepare<[], Record<string, unknown>>(`select * from ${name}`).all()) {
      const columns = Object.keys(row);
      await postgres.query(
        `insert into ${name} (${columns.join(", ")}) values (${columns.map((_, index) => `$${index + 1}`).join(", ")})`,
        Object.values(row),
      );
    }
  }
  source.close();

  for (const { name, columns } of viewCatalogue()) {
    const order = columns.map(({ name: column }) => column).join(", ");
    const { rows } = await postgres.query<Record<string, unknown>>(`select * from ${name}`);
    const text = (row: Readonly<Record<string, unknown>>) =>
      JSON.stringify(columns.map((column) => (row[column.name] === null ? null : String(row[column.name]))));
    expect({ view: name, rows: rows.map(text).sort() }).toEqual({
      view: name,
      rows: estate.select(`select ${order} from ${name}`).map(text).sort(),
    });
  }
  expect(estate.select("select count(*) as n from effective_grant")).toEqual([{ n: 2 }]);
  await postgres.close();
});

it("has a view with a documented column for every fact", () => {
  const views = new Map(viewCatalogue().map((view) => [view.name, view]));
  const names: Readonly<Record<string, string>> = {
    group: "identity_group",
    grant: "access_grant",
    "permission-set": "permission_set",
  };
  for (const [type, facts] of Object.entries(FACTS)) {
    const columns = views.get(names[type] ?? type)?.columns.map(({ name }) => name) ?? [];
    for (const { column, always } of Object.values(facts)) {
      expect(columns).toContain(column);
      expect(columns.includes(`${column}_known`)).toBe(always !== true);
    }
  }
  for (const { doc, columns } of views.values()) {
    expect(doc).not.toBe("");
    expect(columns.filter((column) => column.doc === "")).toEqual([]);
    expect(new Set(columns.map(({ name }) => name)).size).toBe(columns.length);
  }
});
