import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkDatabase, checkRecord, InvalidRecordError } from "../../src/inventory/index.ts";
import type { NhiRecord, UsageObservation } from "../../src/model/index.ts";
import { unknown } from "../../src/model/index.ts";
import { ACCOUNT, Estate, key, START, user } from "./support/estate.ts";
import { HOUR } from "../../src/model/index.ts";

let estate: Estate;
beforeEach(() => {
  estate = new Estate();
});
afterEach(() => estate[Symbol.dispose]());

const ALICE = "nhi:aws/aws:111122223333/user/alice";

describe("a record", () => {
  it("stands in its view with every fact, known, absent or unknown", () => {
    estate.scan([
      {
        records: [
          user("alice", {
            nature: "machine",
            enabled: true,
            createdAt: 1_600_000_000_000,
            description: null,
            mfaEnabled: unknown("iam:GetCredentialReport was denied"),
            aliases: ["arn:aws:iam::111122223333:user/alice", "alice"],
            tags: { team: "payments", "": "empty key" },
            attributes: { b: [1, { z: 1, a: 2 }], a: null },
          }),
        ],
      },
    ]);
    expect(estate.select("select * from identity")).toEqual([
      {
        urn: ALICE,
        provider: "aws",
        scope: ACCOUNT,
        presence: "present",
        first_seen_at: START + HOUR,
        changed_at: START + HOUR,
        kind: "user",
        name: "alice",
        name_known: 1,
        nature: "machine",
        nature_known: 1,
        nature_reason: null,
        nature_reason_known: 0,
        custody: null,
        custody_known: 0,
        enabled: 1,
        enabled_known: 1,
        created_at: 1_600_000_000_000,
        created_at_known: 1,
        environment: null,
        environment_known: 0,
        path: null,
        path_known: 0,
        description: null,
        description_known: 1,
        mfa_enabled: null,
        mfa_enabled_known: 0,
        boundary: null,
        boundary_known: 0,
        tags: '{"":"empty key","team":"payments"}',
        tags_known: 1,
        attributes: '{"a":null,"b":[1,{"a":2,"z":1}]}',
        last_used_at: null,
        observed_from: null,
        observed_through: null,
        usage_known: 0,
        privilege: "unknown",
        privilege_certainty: null,
        privilege_reason: null,
        score: null,
      },
    ]);
    expect(estate.select("select * from alias order by alias")).toEqual([
      { subject: ALICE, alias: "alice" },
      { subject: ALICE, alias: "arn:aws:iam::111122223333:user/alice" },
    ]);
    expect(estate.select("select * from tag order by key")).toEqual([
      { subject: ALICE, key: "", value: "empty key" },
      { subject: ALICE, key: "team", value: "payments" },
    ]);
  });

  it("keeps lists and documents of every kind of value", () => {
    const trust: NhiRecord = {
      type: "trust",
      urn: "nhi:aws/aws:111122223333/trust/1",
      identity: ALICE,
      mechanism: "oidc-federation",
      effect: "allow",
      party: "issuer",
      principal: "token.actions.githubusercontent.com",
      subjects: ["repo:acme/*", "repo:acme/x"],
      audiences: null,
      conditions: { StringLike: { sub: ["repo:acme/*"] } },
    };
    const policies: NhiRecord[] = [
      {
        type: "permission-set",
        urn: "nhi:aws/aws/policy/1",
        kind: "managed-policy",
        document: { Statement: [{ Effect: "Allow", Action: "*" }] },
      },
      { type: "permission-set", urn: "nhi:aws/aws/policy/2", kind: "managed-policy", document: null },
      {
        type: "permission-set",
        urn: "nhi:aws/aws/policy/3",
        kind: "managed-policy",
        document: unknown("it could not be parsed"),
        tags: unknown("denied"),
      },
      { type: "permission-set", urn: "nhi:aws/aws/policy/4", kind: "managed-policy", document: "null" },
    ];
    estate.scan([{ records: [trust, ...policies] }]);
    expect(
      estate.select(
        "select subjects, subjects_known, audiences, audiences_known, conditions, conditions_known, external_id_known from trust",
      ),
    ).toEqual([
      {
        subjects: '["repo:acme/*","repo:acme/x"]',
        subjects_known: 1,
        audiences: null,
        audiences_known: 1,
        conditions: '{"StringLike":{"sub":["repo:acme/*"]}}',
        conditions_known: 1,
        external_id_known: 0,
      },
    ]);
    expect(estate.select("select document, document_known, tags, tags_known from permission_set order by urn")).toEqual(
      [
        { document: '{"Statement":[{"Action":"*","Effect":"Allow"}]}', document_known: 1, tags: null, tags_known: 0 },
        { document: null, document_known: 1, tags: null, tags_known: 0 },
        { document: null, document_known: 0, tags: null, tags_known: 0 },
        { document: '"null"', document_known: 1, tags: null, tags_known: 0 },
      ],
    );
  });

  it("writes nothing when it is seen again as it was", () => {
    const records = [user("alice", { tags: { a: "1" }, aliases: ["x"] }), user("bob"), key("AKIA1", "alice")];
    const first = estate.scan([{ records }]);
    const reordered = [key("AKIA1", "alice"), user("bob"), user("alice", { aliases: ["x"], tags: { a: "1" } })];
    const second = estate.scan([{ records: reordered }]);
    expect(first.collections).toEqual([{ added: 3, changed: 0, unchanged: 0, missing: 0, withdrawn: 0, suspected: 0 }]);
    expect(second.collections).toEqual([
      { added: 0, changed: 0, unchanged: 3, missing: 0, withdrawn: 0, suspected: 0 },
    ]);
    expect(second.run.versionsWritten).toBe(0);
    expect(estate.select("select run, change, urn from change_log where run = 2")).toEqual([]);
    expect(estate.select("select distinct changed_at from identity")).toEqual([{ changed_at: START + HOUR }]);
  });

  it("closes its version when a fact changes, and tells which", () => {
    estate.scan([{ records: [user("alice", { path: "/", enabled: true, aliases: ["a", "b"], tags: { team: "x" } })] }]);
    const { collections, run } = estate.scan([
      {
        records: [
          user("alice", { name: "alicia", path: "/", enabled: null, aliases: ["b", "c"], tags: { team: "y" } }),
        ],
      },
    ]);
    expect(collections).toEqual([{ added: 0, changed: 1, unchanged: 0, missing: 0, withdrawn: 0, suspected: 0 }]);
    expect(run.versionsWritten).toBe(1);
    expect(estate.select("select * from change_log order by run")).toEqual([
      {
        run: 1,
        at: START + HOUR,
        change: "added",
        type: "identity",
        urn: ALICE,
        kind: "user",
        name: "alice",
        scope: ACCOUNT,
        facts: null,
      },
      {
        run: 2,
        at: START + 2 * HOUR,
        change: "changed",
        type: "identity",
        urn: ALICE,
        kind: "user",
        name: "alicia",
        scope: ACCOUNT,
        facts: '["aliases","enabled","name","tags"]',
      },
    ]);
    expect(estate.select("select * from record_history order by from_run")).toEqual([
      {
        type: "identity",
        urn: ALICE,
        kind: "user",
        name: "alice",
        scope: ACCOUNT,
        presence: "present",
        valid_from: START + HOUR,
        valid_to: START + 2 * HOUR,
        from_run: 1,
        to_run: 2,
        facts: '{"kind":"user","name":"alice","enabled":true,"path":"/","aliases":["a","b"],"tags":{"team":"x"}}',
      },
      {
        type: "identity",
        urn: ALICE,
        kind: "user",
        name: "alicia",
        scope: ACCOUNT,
        presence: "present",
        valid_from: START + 2 * HOUR,
        valid_to: null,
        from_run: 2,
        to_run: null,
        facts: '{"kind":"user","name":"alicia","enabled":null,"path":"/","aliases":["b","c"],"tags":{"team":"y"}}',
      },
    ]);
    expect(estate.select("select alias from alias order by alias")).toEqual([{ alias: "b" }, { alias: "c" }]);
    expect(estate.select("select key, value from tag")).toEqual([{ key: "team", value: "y" }]);
  });

  it("counts live records by kind and nature", () => {
    estate.scan([
      {
        records: [
          user("alice", { nature: "human" }),
          user("bob", { nature: "machine" }),
          user("carol", { nature: "machine" }),
          key("AKIA1", "bob"),
        ],
      },
    ]);
    const facets = "select * from facet order by type, nature";
    expect(estate.select(facets)).toEqual([
      { type: "credential", provider: "aws", scope: ACCOUNT, kind: "access-key", nature: null, live: 1 },
      { type: "identity", provider: "aws", scope: ACCOUNT, kind: "user", nature: "human", live: 1 },
      { type: "identity", provider: "aws", scope: ACCOUNT, kind: "user", nature: "machine", live: 2 },
    ]);
    estate.scan([{ records: [user("alice", { nature: "human" })] }]);
    estate.scan([{ records: [user("alice", { nature: "human" })] }]);
    expect(estate.select(facets)).toEqual([
      { type: "identity", provider: "aws", scope: ACCOUNT, kind: "user", nature: "human", live: 1 },
    ]);
  });
});

describe("strange text", () => {
  const names = [
    "a\u0000b",
    "\uD800",
    "x\uDFFF\uD83D\uDE00y\uD83D",
    "\uFDD0d800",
    "\uFDD0",
    "\u202Eevil\u2066",
    "\x1b]0;title\x07",
    "=HYPERLINK(1)",
    "é",
    "e\u0301",
    "'; drop table t_run; --",
  ];

  it("comes back as it was, in columns, aliases, tags, attributes and search", () => {
    const records = names.map((name, index) =>
      user(`u${index}`, {
        name,
        aliases: [`alias ${name}`],
        tags: { [name]: name },
        attributes: { [name]: [name] },
        description: unknown(name),
      }),
    );
    estate.scan([{ records }]);
    const rows = estate.select("select name, tags, attributes from identity order by cast(substr(urn, 32) as integer)");
    expect(rows.map(({ name }) => name)).toEqual(names);
    expect(rows.map(({ tags }) => JSON.parse(String(tags)))).toEqual(names.map((name) => ({ [name]: name })));
    expect(rows.map(({ attributes }) => JSON.parse(String(attributes)))).toEqual(
      names.map((name) => ({ [name]: [name] })),
    );
    expect(new Set(estate.select("select alias from alias").map(({ alias }) => alias))).toEqual(
      new Set(names.map((name) => `alias ${name}`)),
    );
    expect(new Set(estate.select("select value from tag").map(({ value }) => value))).toEqual(new Set(names));
    expect(estate.select("select key from tag where key = value")).toHaveLength(names.length);

    const run = estate.start();
    const collection = run.openCollection({
      scanner: "aws",
      scope: ACCOUNT,
      collection: "authorization-details",
      precedence: 0,
      facts: [],
      authoritative: {},
      optIn: false,
      startedAt: 0,
      checkpointMaxAge: 0,
    });
    expect(names.map((name) => collection.find(`alias ${name}`)?.facts["name"])).toEqual(names);
    expect(
      estate
        .canonical()
        .split("\n")
        .filter((line) => line.startsWith('{"facts"'))
        .map((line) => (JSON.parse(line) as { facts: { name: string } }).facts.name)
        .sort(),
    ).toEqual([...names].sort());
  });

  it("called __proto__ is plain data", () => {
    const attributes = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2}') as Record<string, unknown>;
    const tags = JSON.parse('{"__proto__": "x"}') as Record<string, string>;
    estate.scan([
      { collection: "one", precedence: 0, records: [user("alice", { attributes, tags })] },
      { collection: "two", precedence: 1, records: [user("alice", { attributes: { other: 1 } })] },
    ]);
    expect(estate.select("select attributes, tags from identity")).toEqual([
      { attributes: '{"__proto__":{"polluted":1},"constructor":2,"other":1}', tags: '{"__proto__":"x"}' },
    ]);
    expect(estate.select("select key, value from tag")).toEqual([{ key: "__proto__", value: "x" }]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it("over 1 MiB is cut, with its length and hash kept", () => {
    const million = "m".repeat(2 ** 20);
    const long = `${"x".repeat(2 ** 20 - 1)}😀 and more`;
    estate.scan([
      {
        records: [
          user("alice", { name: long, description: million, attributes: { a: 1 } }),
          {
            type: "owner",
            urn: "nhi:aws/x/owner/1",
            subject: ALICE,
            owner: long,
            ownerKind: "team",
            source: "tag:owner",
            confidence: 50,
          },
        ],
      },
    ]);
    const [row] = estate.select("select length(name) as length, description, attributes from identity");
    expect(row?.["length"]).toBe(2 ** 20 - 1);
    expect(row?.["description"]).toBe(million);
    const truncated = { length: long.length, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string };
    expect(JSON.parse(String(row?.["attributes"]))).toEqual({ a: 1, truncated: { name: [truncated] } });
    expect(estate.select("select length(owner) as length from owner")).toEqual([{ length: 2 ** 20 - 1 }]);
    expect(
      estate.select(
        "select facts -> '$.attributes.truncated.owner[0].length' as length from record_history where type = 'owner'",
      ),
    ).toEqual([{ length: String(long.length) }]);
    expect(
      estate.scan([{ records: [user("alice", { name: long, description: million, attributes: { a: 1 } })] }])
        .collections[0]?.unchanged,
    ).toBe(1);
    expect(checkDatabase(estate.path).filter(({ ok }) => !ok)).toEqual([]);
  });
});

describe("a record that is not what the model says", () => {
  const bad: readonly [string, unknown, string][] = [
    ["no URN", { ...user("x"), urn: "arn:aws:iam::1:user/x" }, "urn is not a URN"],
    ["an empty segment", { ...user("x"), urn: "nhi:aws//user/x" }, "urn is not a URN"],
    ["broken percent-encoding", { ...user("x"), urn: "nhi:aws/1/user/%E0%A4" }, "urn is not a URN"],
    ["no kind", { ...user("x"), kind: undefined }, "kind is missing"],
    ["an unknown kind", { ...user("x"), kind: unknown("?") }, "kind is unknown, and must not be"],
    ["a wrong type", { ...user("x"), enabled: "yes" }, "enabled is not true or false"],
    [
      "a fraction of a millisecond",
      { ...user("x"), createdAt: 1.5 },
      "createdAt is not an instant in whole milliseconds",
    ],
    ["a date object", { ...user("x"), createdAt: new Date(0) }, "createdAt is not an instant in whole milliseconds"],
    ["an unknown fact", { ...user("x"), colour: "red" }, 'a record of type identity has no fact called "colour"'],
    ["an unknown type", { ...user("x"), type: "robot" }, "it has no type of the model"],
    ["a reference that is none", { ...key("k", "x"), identity: "alice" }, "identity is not a URN"],
    ["aliases that are no list", { ...user("x"), aliases: "x" }, "aliases is not a list of texts"],
    ["tags that are no texts", { ...user("x"), tags: { a: 1 } }, 'the tag "a" is not text'],
    ["attributes that are no object", { ...user("x"), attributes: [1] }, "attributes is not an object"],
    [
      "a document that is no JSON",
      { type: "permission-set", urn: "nhi:aws/1/p/1", kind: "k", document: { f: () => 1 } },
      "document is not plain JSON: a function is not JSON",
    ],
    [
      "a document without a bottom",
      { type: "permission-set", urn: "nhi:aws/1/p/1", kind: "k", document: nested(501) },
      "document is not plain JSON: it is nested deeper than 500 levels",
    ],
    ["a null", null, "it is not a record"],
    [
      "usage of nothing",
      { type: "usage", subject: "x", source: "s", lastUsedAt: null, observedFrom: null, observedThrough: 1 },
      "subject is not a URN",
    ],
    [
      "usage without an end",
      { type: "usage", subject: ALICE, source: "s", lastUsedAt: null, observedFrom: null },
      "observedThrough is not an instant in whole milliseconds",
    ],
  ];

  it.each(bad)("is refused for %s", (_name, record, problem) => {
    if (record !== null) expect(checkRecord(record as NhiRecord | UsageObservation)).toBe(problem);
  });

  it("is named in the error, and nothing of its batch is written", () => {
    const run = estate.start();
    const collection = run.openCollection({
      scanner: "aws",
      scope: ACCOUNT,
      collection: "c",
      precedence: 0,
      facts: [],
      authoritative: {},
      optIn: false,
      startedAt: 0,
      checkpointMaxAge: 0,
    });
    let thrown: unknown;
    try {
      collection.commit([user("alice"), { ...user("x"), enabled: "yes" } as never, user("bob")]);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InvalidRecordError);
    expect((thrown as InvalidRecordError).problems).toEqual([
      { index: 1, type: "identity", urn: "nhi:aws/aws:111122223333/user/x", problem: "enabled is not true or false" },
    ]);
    expect(estate.select("select urn from identity")).toEqual([]);
    collection.commit([user("alice"), user("bob")]);
    expect(estate.select("select name from identity order by name")).toEqual([{ name: "alice" }, { name: "bob" }]);
  });

  it("may be as deep as 500 levels", () => {
    estate.scan([{ records: [{ type: "permission-set", urn: "nhi:aws/1/p/1", kind: "k", document: nested(499) }] }]);
    expect(estate.select("select length(document) > 900 as deep from permission_set")).toEqual([{ deep: 1 }]);
  });
});

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

describe("several sources of one record", () => {
  const details = { collection: "details", precedence: 0 };
  const report = { collection: "report", precedence: 1, authoritative: {} };
  const looks = [
    {
      ...details,
      records: [
        user("alice", {
          enabled: unknown("not in this answer"),
          path: "/eng/",
          tags: { a: "1" },
          aliases: ["arn"],
          attributes: { x: 1, y: 1 },
        }),
      ],
    },
    {
      ...report,
      records: [
        user("alice", {
          name: "other",
          enabled: false,
          mfaEnabled: true,
          tags: { b: "2" },
          aliases: ["mail"],
          attributes: { y: 2, z: 2 },
        }),
      ],
    },
  ];

  it("merge by precedence, whatever came first", () => {
    estate.scan(looks);
    using reversed = new Estate();
    reversed.scan([...looks].reverse());
    expect(reversed.canonical()).toBe(estate.canonical());
    expect(
      estate.select("select name, enabled, enabled_known, path, mfa_enabled, tags, attributes from identity"),
    ).toEqual([
      {
        name: "alice",
        enabled: 0,
        enabled_known: 1,
        path: "/eng/",
        mfa_enabled: 1,
        tags: '{"a":"1"}',
        attributes: '{"x":1,"y":1,"z":2}',
      },
    ]);
    expect(estate.select("select alias from alias order by alias")).toEqual([{ alias: "arn" }, { alias: "mail" }]);
  });

  it("are told apart in the provenance of each fact", () => {
    const { at } = estate.scan(looks);
    const told = Object.fromEntries(estate.inventory.reader.provenance(ALICE).map(({ fact, ...rest }) => [fact, rest]));
    expect(told["name"]).toEqual({
      column: "name",
      value: "alice",
      state: "known",
      source: "aws/details",
      asOf: at,
      asOfNote: undefined,
      reason: undefined,
    });
    expect(told["enabled"]).toEqual({
      column: "enabled",
      value: false,
      state: "known",
      source: "aws/report",
      asOf: at,
      asOfNote: undefined,
      reason: undefined,
    });
    expect(told["custody"]).toEqual({
      column: "custody",
      value: null,
      state: "unknown",
      source: undefined,
      asOf: undefined,
      asOfNote: undefined,
      reason: "no collection told",
    });
    expect(estate.inventory.reader.provenance("nhi:aws/aws:1/user/nobody")).toEqual([]);
  });

  it("keep the last value of a source that could not look again, and say so", () => {
    const { at } = estate.scan(looks);
    const second = estate.scan([
      looks[0] ?? {},
      { ...report, status: "partial", gaps: [{ class: "denied", reason: "iam:GetCredentialReport was denied" }] },
    ]);
    expect(second.run.versionsWritten).toBe(0);
    expect(
      estate.select("select name_known, enabled, enabled_known, mfa_enabled, mfa_enabled_known from identity"),
    ).toEqual([{ name_known: 1, enabled: 0, enabled_known: 0, mfa_enabled: 1, mfa_enabled_known: 0 }]);
    expect(estate.inventory.reader.provenance(ALICE).find(({ fact }) => fact === "mfaEnabled")).toEqual({
      fact: "mfaEnabled",
      column: "mfa_enabled",
      value: true,
      state: "unknown",
      source: "aws/report",
      asOf: at,
      asOfNote: undefined,
      reason: "aws/report could not look again: iam:GetCredentialReport was denied",
    });
    estate.scan(looks);
    expect(estate.select("select enabled_known, mfa_enabled_known from identity")).toEqual([
      { enabled_known: 1, mfa_enabled_known: 1 },
    ]);
    expect(estate.select("select count(*) as n from record_history")).toEqual([{ n: 1 }]);
  });

  it("give way to one that could look, and take their place again", () => {
    estate.scan([
      { ...details, records: [user("alice", { path: "/old/" })] },
      { ...report, records: [user("alice", { path: "/report/" })] },
    ]);
    const path = () => estate.select("select path, path_known from identity");
    expect(path()).toEqual([{ path: "/old/", path_known: 1 }]);
    estate.scan([
      { ...details, status: "partial" },
      { ...report, records: [user("alice", { path: "/report/" })] },
    ]);
    expect(path()).toEqual([{ path: "/report/", path_known: 1 }]);
    estate.scan([
      { ...details, records: [user("alice", { path: "/old/" })] },
      { ...report, records: [user("alice", { path: "/report/" })] },
    ]);
    expect(path()).toEqual([{ path: "/old/", path_known: 1 }]);
    expect(checkDatabase(estate.path).filter(({ ok }) => !ok)).toEqual([]);
  });

  it("write one version for a run in which both change", () => {
    estate.scan(looks);
    const { run } = estate.scan([
      { ...details, records: [user("alice", { path: "/ops/" })] },
      { ...report, records: [user("alice", { enabled: true })] },
    ]);
    expect(run.versionsWritten).toBe(1);
    expect(estate.select("select change, facts from change_log where run = 2")).toEqual([
      { change: "changed", facts: '["aliases","attributes","enabled","mfaEnabled","path","tags"]' },
    ]);
    expect(checkDatabase(estate.path).filter(({ ok }) => !ok)).toEqual([]);
  });

  it("leave no version where a run ends as it began", () => {
    estate.scan(looks);
    const { run } = estate.scan([
      { ...details, records: [user("alice", { path: "/ops/" }), ...(looks[0]?.records ?? [])] },
      looks[1] ?? {},
    ]);
    expect(run.versionsWritten).toBe(0);
    expect(estate.select("select * from change_log where run = 2")).toEqual([]);
    expect(checkDatabase(estate.path).filter(({ ok }) => !ok)).toEqual([]);
  });
});

describe("find", () => {
  it("gives the live record of the scope with its merged facts", () => {
    estate.scan([
      { records: [user("alice", { aliases: ["arn:alice"], path: "/", enabled: unknown("?"), tags: { team: "x" } })] },
      { scope: "nhi:aws/aws/account/2", records: [user("bob", { aliases: ["arn:bob"] })] },
    ]);
    const run = estate.start();
    const collection = run.openCollection({
      scanner: "aws",
      scope: ACCOUNT,
      collection: "later",
      precedence: 1,
      facts: [],
      authoritative: {},
      optIn: false,
      startedAt: 0,
      checkpointMaxAge: 0,
    });
    expect(collection.find("arn:alice")).toEqual({
      urn: ALICE,
      type: "identity",
      facts: { kind: "user", name: "alice", path: "/" },
      tags: { team: "x" },
    });
    expect(collection.find("arn:bob")).toBeUndefined();
    expect(collection.find("nobody")).toBeUndefined();
  });
});
