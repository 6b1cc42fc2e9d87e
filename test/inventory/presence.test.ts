import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkDatabase } from "../../src/inventory/index.ts";
import type { NhiRecord } from "../../src/model/index.ts";
import { ACCOUNT, Estate, key, OTHER_ACCOUNT, user, users } from "./support/estate.ts";

let estate: Estate;
beforeEach(() => {
  estate = new Estate();
});
afterEach(() => {
  expect(checkDatabase(estate.path).filter(({ ok }) => !ok)).toEqual([]);
  estate[Symbol.dispose]();
});

const presences = () =>
  Object.fromEntries(
    estate.select("select name, presence from identity order by name").map(({ name, presence }) => [name, presence]),
  );
const changes = (run: number) =>
  estate
    .select(`select change, name from change_log where run = ${run} order by name`)
    .map(({ change, name }) => `${String(name)} ${String(change)}`);
const none = { added: 0, changed: 0, unchanged: 0, missing: 0, withdrawn: 0, suspected: 0 };

describe("what a complete collection does not see", () => {
  it("is missing, then withdrawn, and can return", () => {
    estate.scan([{ records: [user("alice"), user("bob")] }]);
    expect(estate.scan([{ records: [user("alice")] }]).collections).toEqual([{ ...none, unchanged: 1, missing: 1 }]);
    expect(presences()).toEqual({ alice: "present", bob: "missing" });
    expect(estate.scan([{ records: [user("alice")] }]).collections).toEqual([{ ...none, unchanged: 1, withdrawn: 1 }]);
    expect(presences()).toEqual({ alice: "present" });
    expect(estate.scan([{ records: [user("alice")] }]).collections).toEqual([{ ...none, unchanged: 1 }]);
    expect(estate.scan([{ records: [user("alice"), user("bob")] }]).collections).toEqual([
      { ...none, unchanged: 1, changed: 1 },
    ]);
    expect(presences()).toEqual({ alice: "present", bob: "present" });
    expect([1, 2, 3, 4, 5].map(changes)).toEqual([
      ["alice added", "bob added"],
      ["bob missing"],
      ["bob withdrawn"],
      [],
      ["bob returned"],
    ]);
  });

  it("is present again when the next look sees it", () => {
    estate.scan([{ records: [user("alice"), user("bob")] }]);
    estate.scan([{ records: [user("alice")] }]);
    estate.scan([{ records: [user("alice"), user("bob")] }]);
    expect(presences()).toEqual({ alice: "present", bob: "present" });
    expect(changes(3)).toEqual(["bob returned"]);
  });

  it("is judged in its own scope and its own kinds only", () => {
    const roles = { collection: "roles", authoritative: { identity: ["role"] } };
    const usersOnly = { collection: "users", authoritative: { identity: ["user"] } };
    const role: NhiRecord = { type: "identity", urn: "nhi:aws/aws:111122223333/role/r", kind: "role", name: "r" };
    const far = { collection: "users", scope: OTHER_ACCOUNT, authoritative: { identity: ["user"] } } as const;
    const farUser: NhiRecord = {
      type: "identity",
      urn: "nhi:aws/aws:444455556666/user/far",
      kind: "user",
      name: "far",
    };
    estate.scan([
      { ...usersOnly, records: [user("alice")] },
      { ...roles, records: [role] },
      { ...far, records: [farUser] },
    ]);
    estate.scan([{ ...usersOnly, records: [user("bob")] }]);
    estate.scan([{ ...usersOnly, records: [user("bob")] }]);
    expect(presences()).toEqual({ bob: "present", far: "present", r: "present" });
  });

  it.each(["partial", "not-attempted", "not-applicable"] as const)(
    "stays where it ended %s, with its facts in doubt",
    (status) => {
      estate.scan([{ records: [user("alice"), user("bob")] }]);
      for (let round = 0; round < 3; round++)
        expect(estate.scan([{ records: [user("alice")], status }]).collections).toEqual([{ ...none, unchanged: 1 }]);
      expect(estate.select("select name, name_known, presence from identity order by name")).toEqual([
        { name: "alice", name_known: 1, presence: "present" },
        { name: "bob", name_known: 0, presence: "present" },
      ]);
      estate.scan([{ records: [user("alice"), user("bob")] }]);
      expect(estate.select("select distinct name_known from identity")).toEqual([{ name_known: 1 }]);
    },
  );

  it("is counted over complete looks, whatever comes between them", () => {
    estate.scan([{ records: [user("alice"), user("bob")] }]);
    estate.scan([{ records: [user("alice")] }]);
    estate.scan([{ records: [], status: "partial" }]);
    expect(presences()).toEqual({ alice: "present", bob: "missing" });
    estate.scan([{ records: [user("alice")] }]);
    expect(presences()).toEqual({ alice: "present" });
  });

  it("goes the same way for records of every type", () => {
    const urn = (type: string) => `nhi:aws/aws:111122223333/${type}/1`;
    const records: NhiRecord[] = [
      user("alice"),
      key("AKIA1", "alice"),
      { type: "group", urn: urn("group"), kind: "group" },
      { type: "membership", urn: urn("membership"), member: urn("user"), group: urn("group") },
      { type: "permission-set", urn: urn("policy"), kind: "inline-policy" },
      { type: "grant", urn: urn("grant"), principal: urn("user"), permissionSet: urn("policy"), effect: "allow" },
      {
        type: "trust",
        urn: urn("trust"),
        identity: urn("user"),
        mechanism: "assume-role",
        effect: "allow",
        party: "anyone",
        principal: "*",
      },
      { type: "anchor", urn: urn("anchor"), kind: "oidc-provider" },
      {
        type: "owner",
        urn: urn("owner"),
        subject: urn("user"),
        owner: "x",
        ownerKind: "team",
        source: "tag:owner",
        confidence: 10,
      },
    ];
    const live = () =>
      [
        "identity",
        "credential",
        "identity_group",
        "membership",
        "permission_set",
        "access_grant",
        "trust",
        "anchor",
        "owner",
      ].map((view) => estate.select(`select presence from ${view}`)[0]?.["presence"]);
    estate.scan([{ records }]);
    expect(live()).toEqual(records.map(() => "present"));
    estate.scan([{ records: [] }]);
    expect(live()).toEqual(records.map(() => "missing"));
    estate.scan([{ records: [] }]);
    expect(live()).toEqual(records.map(() => undefined));
  });
});

describe("a source without authority", () => {
  const report = { collection: "report", precedence: 1, authoritative: {} };

  it("takes back what it does not say any more", () => {
    estate.scan([{ records: [user("alice")] }, { ...report, records: [user("alice", { enabled: true })] }]);
    expect(estate.select("select enabled, enabled_known from identity")).toEqual([{ enabled: 1, enabled_known: 1 }]);
    const { run } = estate.scan([{ records: [user("alice")] }, { ...report, records: [] }]);
    expect(run.versionsWritten).toBe(1);
    expect(estate.select("select presence, enabled, enabled_known from identity")).toEqual([
      { presence: "present", enabled: null, enabled_known: 0 },
    ]);
  });

  it("keeps nothing alive", () => {
    const stale = { ...report, records: [user("alice", { enabled: true })] };
    estate.scan([{ records: [user("alice")] }, stale]);
    estate.scan([{ records: [] }, stale]);
    expect(presences()).toEqual({ alice: "missing" });
    estate.scan([{ records: [] }, stale]);
    estate.scan([{ records: [] }, stale]);
    expect(presences()).toEqual({});
    estate.scan([{ records: [user("alice")] }, stale]);
    expect(presences()).toEqual({ alice: "present" });
  });

  it("withdraws what only it has ever said", () => {
    estate.scan([{ ...report, records: [user("alice")] }]);
    expect(presences()).toEqual({ alice: "present" });
    estate.scan([{ ...report, records: [] }]);
    expect(estate.select("select urn, presence from identity")).toEqual([]);
    expect(estate.select("select presence from record_history order by from_run")).toEqual([
      { presence: "present" },
      { presence: "withdrawn" },
    ]);
    estate.scan([{ ...report, records: [user("alice")] }]);
    expect(presences()).toEqual({ alice: "present" });
  });
});

describe("a report that the provider keeps", () => {
  it("proves an absence once, however often it is read", () => {
    const look = (reportedAt: number, ...names: string[]) =>
      estate.scan([{ records: names.map((name) => user(name)), reportedAt }]).collections;
    look(1_000, "alice", "bob");
    expect(look(2_000, "alice")).toEqual([{ ...none, unchanged: 1, missing: 1 }]);
    expect(look(2_000, "alice")).toEqual([{ ...none, unchanged: 1 }]);
    expect(presences()).toEqual({ alice: "present", bob: "missing" });
    expect(look(3_000, "alice")).toEqual([{ ...none, unchanged: 1, withdrawn: 1 }]);
  });
});

describe("a mass disappearance", () => {
  it("is held as suspected, and goes on at the second complete look", () => {
    estate.scan([{ records: users(50) }]);
    expect(estate.scan([{ records: users(39) }]).collections).toEqual([{ ...none, unchanged: 39, suspected: 11 }]);
    expect(estate.select("select presence, count(*) as n from identity group by presence order by presence")).toEqual([
      { presence: "present", n: 39 },
      { presence: "suspected", n: 11 },
    ]);
    expect(estate.scan([{ records: users(39) }]).collections).toEqual([{ ...none, unchanged: 39, withdrawn: 11 }]);
  });

  it("is not one at 20 % or at ten records", () => {
    estate.scan([{ records: users(50) }]);
    expect(estate.scan([{ records: users(40) }]).collections).toEqual([{ ...none, unchanged: 40, missing: 10 }]);
    using larger = new Estate();
    larger.scan([{ records: users(100) }]);
    expect(larger.scan([{ records: users(80) }]).collections).toEqual([{ ...none, unchanged: 80, missing: 20 }]);
    using mass = new Estate();
    mass.scan([{ records: users(100) }]);
    expect(mass.scan([{ records: users(79) }]).collections).toEqual([{ ...none, unchanged: 79, suspected: 21 }]);
  });

  it("is one where a kind of thing vanishes in the shadow of the others", () => {
    const roles = Array.from({ length: 200 }, (_, index) => user(`r${index}`, { kind: "role" }));
    estate.scan([{ records: [...roles, ...users(33)] }]);
    expect(estate.scan([{ records: [...roles, ...users(22)] }]).collections).toEqual([
      { ...none, unchanged: 222, suspected: 11 },
    ]);
    using spread = new Estate();
    spread.scan([{ records: [...roles, ...users(60)] }]);
    expect(spread.scan([{ records: [...roles, ...users(48)] }]).collections).toEqual([
      { ...none, unchanged: 248, missing: 12 },
    ]);
  });

  it("is believed where somebody says so", () => {
    estate.scan([{ records: users(50) }]);
    expect(estate.scan([{ records: [] }], { acceptMassChange: true }).collections).toEqual([{ ...none, missing: 50 }]);
    expect(estate.scan([{ records: [] }]).collections).toEqual([{ ...none, withdrawn: 50 }]);
  });

  it("ends where the records are there after all", () => {
    estate.scan([{ records: users(50) }]);
    estate.scan([{ records: [] }]);
    expect(estate.scan([{ records: users(50) }]).collections).toEqual([{ ...none, changed: 50 }]);
    expect(estate.select("select distinct presence from identity")).toEqual([{ presence: "present" }]);
  });
});

describe("an answer that proves that nothing has changed", () => {
  it("confirms what was there, and only that", () => {
    estate.scan([{ records: [user("alice"), user("bob"), user("carol")] }]);
    estate.scan([{ records: [user("alice"), user("bob")] }]);
    estate.scan([{ records: [], status: "partial" }]);
    expect(estate.select("select distinct name_known from identity")).toEqual([{ name_known: 0 }]);
    const { run } = estate.scan([{ confirm: true }]);
    expect(run.versionsWritten).toBe(1);
    expect(estate.select("select name, presence, name_known from identity order by name")).toEqual([
      { name: "alice", presence: "present", name_known: 1 },
      { name: "bob", presence: "present", name_known: 1 },
    ]);
  });
});

describe("a scope", () => {
  const ROOT = "nhi:aws/aws/organization/o-1";
  const account = (urn: string): NhiRecord => ({ type: "scope", urn, kind: "account", name: urn.slice(-4) });
  const listing = (...scopes: string[]) => ({
    collection: "scopes",
    scope: ROOT,
    authoritative: {},
    records: scopes.map(account),
  });
  const inside = (scope: string, name: string) => ({
    scope,
    records: [{ ...user(name), urn: `nhi:aws/x/user/${name}` } as NhiRecord],
  });
  const both = [listing(ACCOUNT, OTHER_ACCOUNT), inside(ACCOUNT, "alice"), inside(OTHER_ACCOUNT, "bob")];
  const listed = (complete: boolean, ...scopes: string[]) => ({ scopes: { listed: [ROOT, ...scopes], complete } });
  const state = () =>
    [
      ...estate.select("select name, presence from scope order by name"),
      ...estate.select("select name, presence from identity order by name"),
    ].map(({ name, presence }) => `${String(name)} ${String(presence)}`);

  beforeEach(() => {
    estate.scan(both, listed(true, ACCOUNT, OTHER_ACCOUNT));
  });

  it("that is not listed any more goes with everything in it, at the second listing", () => {
    const look = [listing(ACCOUNT), inside(ACCOUNT, "alice")];
    estate.scan(look, listed(true, ACCOUNT));
    expect(state()).toEqual(["3333 present", "6666 missing", "alice present", "bob missing"]);
    estate.scan(look, listed(true, ACCOUNT));
    expect(state()).toEqual(["3333 present", "alice present"]);
    estate.scan(look, listed(true, ACCOUNT));
    estate.scan(both, listed(true, ACCOUNT, OTHER_ACCOUNT));
    expect(state()).toEqual(["3333 present", "6666 present", "alice present", "bob present"]);
  });

  it("stays where the listing may be short", () => {
    for (let round = 0; round < 3; round++)
      estate.scan([{ ...listing(ACCOUNT), status: "partial" }, inside(ACCOUNT, "alice")], listed(false, ACCOUNT));
    expect(state()).toEqual(["3333 present", "6666 present", "alice present", "bob present"]);
  });

  it("that is listed and not scanned stays as it is", () => {
    for (let round = 0; round < 3; round++)
      estate.scan([listing(ACCOUNT, OTHER_ACCOUNT), inside(ACCOUNT, "alice")], listed(true, ACCOUNT, OTHER_ACCOUNT));
    expect(state()).toEqual(["3333 present", "6666 present", "alice present", "bob present"]);
  });

  it("is missed once per run, however often the run is taken up", () => {
    estate.scan([listing(ACCOUNT), inside(ACCOUNT, "alice")], {
      ...listed(true, ACCOUNT),
      before: (run) => {
        run.finishScopes("aws", [ROOT, ACCOUNT], true);
        run.finishScopes("aws", [ROOT, ACCOUNT], true);
      },
    });
    expect(state()).toEqual(["3333 present", "6666 missing", "alice present", "bob missing"]);
  });

  it("is nothing that another scanner could end", () => {
    estate.scan([{ collection: "repos", scope: "nhi:github/github.com/org/1" }], {
      scanner: "github",
      scopes: { listed: ["nhi:github/github.com/org/1"], complete: true },
    });
    expect(state()).toEqual(["3333 present", "6666 present", "alice present", "bob present"]);
  });

  it("is held back where many end at once", () => {
    const many = Array.from({ length: 40 }, (_, index) => `nhi:aws/aws/account/${String(index).padStart(4, "0")}`);
    estate.scan([listing(...many)], listed(true, ACCOUNT, OTHER_ACCOUNT, ...many));
    estate.scan([listing(ACCOUNT)], listed(true, ACCOUNT, OTHER_ACCOUNT));
    expect(estate.select("select presence, count(*) as n from scope group by presence order by presence")).toEqual([
      { presence: "present", n: 2 },
      { presence: "suspected", n: 40 },
    ]);
    estate.scan([listing(ACCOUNT)], listed(true, ACCOUNT, OTHER_ACCOUNT));
    expect(estate.select("select count(*) as n from scope")).toEqual([{ n: 2 }]);
  });
});
