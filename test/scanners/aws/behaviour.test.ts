import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deleteUser, massDelete, recreateUser, renameUser, truthOf } from "../../../fixtures/acme/index.ts";
import type { ScanResult } from "../../../src/engine/contract.ts";
import type { Coverage } from "../../../src/model/index.ts";
import { NOW, startBench } from "./support/acme-scan.ts";
import type { Bench } from "./support/acme-scan.ts";

const MANAGEMENT = "111122223333";
const PRODUCTION = "222233334444";
const STAGING = "333344445555";
const LEGACY = "888899990000";
const HOUR = 3_600_000;

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const denied = { kind: "refuse", status: 403, code: "AccessDenied", message: "no" } as const;
const count = (operation: string) => bench.emulator.log.entries.filter((entry) => entry.operation === operation).length;
const coverageOf = (result: ScanResult, account: string): Readonly<Record<string, Coverage>> =>
  Object.fromEntries(
    result.scopes
      .filter(({ id }) => id === account)
      .flatMap(({ collections }) => collections.map((coverage) => [coverage.collection, coverage])),
  );
const urns = (view: string, where: string) =>
  bench.rows<{ urn: string }>(`select urn from ${view} where ${where} order by urn`).map(({ urn }) => urn);

describe("which accounts are read", () => {
  test("credentials of another account than the configured one are refused, before anything else is asked", async () => {
    const result = await bench.scan({ config: { account: STAGING } });
    expect(result.exit.code).toBe(2);
    expect(result.exit.reason).toMatch(/belong to the account 111122223333 .*names 333344445555/);
    expect(bench.emulator.log.entries.map(({ operation }) => operation)).toEqual(["sts:GetCallerIdentity"]);
  });

  test("an account alone: whose another one is, is not known until somebody says which are ours", async () => {
    const alone = { organization: undefined };
    await bench.scan({ config: alone });
    expect(urns("identity", "scope <> 'nhi:aws/aws/account/111122223333'")).toEqual([]);
    expect(count("organizations:ListAccounts") + count("sts:AssumeRole")).toBe(0);
    const foreign = "party in ('account', 'identity') and party_scope <> 'nhi:aws/aws/account/111122223333'";
    expect(
      bench.rows(`select party_relation_known as known from trust where ${foreign} and party_relation_known = 1`),
    ).toEqual([]);
    await bench.scan({ config: { ...alone, accounts: { own: [PRODUCTION] } } });
    expect(
      bench
        .rows(
          `select distinct party_relation as relation, party_relation_known as known from trust where ${foreign} and party_scope not like '%909090909090'`,
        )
        .every((row) => (row as { known: number }).known === 1),
    ).toBe(true);
  });

  test("accounts that are closed, left out, or not named", async () => {
    const result = await bench.scan({ config: { accounts: { include: [MANAGEMENT, STAGING], exclude: [STAGING] } } });
    const status = Object.fromEntries(
      result.scopes.map(({ id, status: one, collections }) => [
        id,
        [one, collections[0]?.gaps[0]?.class, collections[0]?.gaps[0]?.reason.slice(0, 34)],
      ]),
    );
    expect(status[MANAGEMENT]).toEqual(["complete", undefined, undefined]);
    expect(status[STAGING]).toEqual(["skipped", "opt-in", "left out by the configuration (acc"]);
    expect(status[PRODUCTION]).toEqual(["skipped", "opt-in", "left out by the configuration (acc"]);
    expect(status[LEGACY]).toEqual(["not-applicable", "denied", "the account is SUSPENDED: nobody c"]);
    expect(count("sts:AssumeRole")).toBe(0);
  });

  test("an organization that may not be listed: a gap, and the credentials' own account alone", async () => {
    bench.emulator.faults.add({ when: { operation: "organizations:ListAccounts" }, fault: denied });
    const result = await bench.scan();
    expect(result.scopes.filter(({ status }) => status === "complete").map(({ id }) => id)).toEqual([MANAGEMENT]);
    const [gap] = result.scopes.flatMap(({ collections }) => collections.flatMap(({ gaps }) => gaps));
    expect(gap).toMatchObject({
      class: "denied",
      operation: "organizations:ListAccounts",
      remedy: expect.stringMatching(/^grant organizations:ListAccounts to .*managementAccount/) as unknown,
    });
    expect(result.exit.code).toBe(4);
    const strangers = bench.rows<{ known: number }>(
      "select party_relation_known as known from trust where party_scope is not null and party_relation <> 'same-scope'",
    );
    expect(strangers.every(({ known }) => known === 0)).toBe(true);
  });

  test("accounts have names, states, places and environments", async () => {
    await bench.scan({ config: { production: { tags: { Environment: "production" } } }, onlyScopes: [MANAGEMENT] });
    const rows = bench.rows<Record<string, unknown>>(
      "select name, status, environment, parent from scope where urn = 'nhi:aws/aws/account/111122223333'",
    );
    expect(rows).toEqual([
      {
        name: "acme-management",
        status: "ACTIVE",
        environment: "production",
        parent: expect.stringMatching(/^nhi:aws\/aws\/organizational-unit\/r-/) as unknown,
      },
    ]);
    expect(count("organizations:ListTagsForResource")).toBe(bench.estate.accounts.length);
  });
});

describe("signing in to accounts", () => {
  test("a role that may not be assumed is tried once, and named with what would help", async () => {
    bench.emulator.faults.add({ when: { operation: "sts:AssumeRole" }, fault: denied });
    const result = await bench.scan({ onlyScopes: [STAGING] });
    expect(count("sts:AssumeRole")).toBe(1);
    const coverage = Object.values(coverageOf(result, STAGING));
    for (const { collection, status, gaps } of coverage.filter(({ collection }) => collection !== "ssh-keys")) {
      expect([collection, status, gaps.map(({ class: one, operation }) => `${one} ${operation}`)]).toEqual([
        collection,
        "partial",
        expect.arrayContaining(["denied sts:AssumeRole"]),
      ]);
    }
    expect(coverage[0]?.gaps[0]?.remedy).toMatch(
      /in 333344445555, let arn:aws:sts::111122223333:\S+ assume arn:aws:iam::333344445555:role\/RollcallAudit with the configured external id/,
    );
  });

  test("a session that ends in the middle is renewed once, and nothing is lost", async () => {
    const expiry = bench.emulator.faults.add({
      when: { operation: "iam:ListAccessKeys", account: STAGING },
      fault: { kind: "expire-session" },
      times: 1,
    });
    const result = await bench.scan({ onlyScopes: [STAGING] });
    expect(expiry.fired).toBe(1);
    expect(result.exit.code).toBe(0);
    expect(count("sts:AssumeRole")).toBe(2);
  });
});

describe("what is refused", () => {
  const staging = () => bench.estate.state(STAGING);
  const truth = (what: "identities" | "credentials", kinds: readonly string[]) =>
    [...truthOf(bench.estate)[what]]
      .filter(({ account, kind }) => account === STAGING && kinds.includes(kind))
      .map(({ urn }) => urn)
      .toSorted();

  test("without the bulk call, users and roles still have names, and what belongs to users is still found", async () => {
    bench.emulator.faults.add({ when: { operation: "iam:GetAccountAuthorizationDetails" }, fault: denied });
    const result = await bench.scan({ onlyScopes: [STAGING] });
    expect(coverageOf(result, STAGING)["authorization-details"]?.gaps).toEqual([
      {
        class: "denied",
        operation: "iam:GetAccountAuthorizationDetails",
        reason: expect.stringMatching(/AccessDenied/) as unknown,
        remedy:
          "grant iam:GetAccountAuthorizationDetails to arn:aws:iam::333344445555:role/RollcallAudit in 333344445555",
      },
    ]);
    expect(urns("identity", "1 = 1")).toEqual(truth("identities", ["user", "role", "root"]));
    expect(urns("credential", "kind = 'access-key'")).toEqual(truth("credentials", ["access-key"]));
    expect(urns("credential", "kind = 'password'")).toEqual(truth("credentials", ["password"]));
  });

  test("without the credential report, every user is asked for keys, and AWS for their use", async () => {
    bench.emulator.faults.add({ when: { operation: "iam:GetCredentialReport" }, fault: denied });
    const result = await bench.scan({ onlyScopes: [STAGING] });
    expect(count("iam:ListAccessKeys")).toBe(staging().users.size);
    expect(urns("credential", "kind = 'access-key'")).toEqual(truth("credentials", ["access-key"]));
    const used = bench.rows<{ urn: string; at: number | null }>(
      "select urn, last_used_at as at from credential where kind = 'access-key' and usage_known = 1 order by urn",
    );
    const expected = [...truthOf(bench.estate).credentials]
      .filter(({ account, kind }) => account === STAGING && kind === "access-key")
      .map(({ urn, lastUsedAt }) => ({ urn, at: lastUsedAt }));
    expect(used).toEqual(expected.toSorted((a, b) => (a.urn < b.urn ? -1 : 1)));
    const coverage = coverageOf(result, STAGING);
    expect([
      coverage["credential-report"]?.status,
      coverage["access-keys"]?.status,
      coverage["signing-certificates"]?.status,
    ]).toEqual(["partial", "complete", "partial"]);
    // Nobody said who has a password: that is not "no password".
    expect(
      bench.rows("select urn from identity where kind = 'user' and (mfa_enabled_known = 1 and mfa_enabled = 0)"),
    ).toEqual([]);
  });

  test("a permission that nobody has is not asked for user by user for ever", async () => {
    await using large = await startBench({
      size: { accounts: 2, usersPerAccount: 200, rolesPerAccount: 80, keyedShare: 0.9 },
    });
    large.emulator.faults.add({ when: { operation: "iam:ListAccessKeys" }, fault: denied });
    const result = await large.scan({ onlyScopes: [MANAGEMENT] });
    const asked = large.emulator.log.count("iam:ListAccessKeys");
    expect(asked).toBeGreaterThanOrEqual(20);
    expect(asked).toBeLessThan(40);
    const gaps = coverageOf(result, MANAGEMENT)["access-keys"]?.gaps ?? [];
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toMatchObject({
      class: "denied",
      operation: "iam:ListAccessKeys",
      count: 180,
      reason: expect.stringMatching(
        /^iam:ListAccessKeys: AccessDenied for 180 of 180 users, \d+ of them not asked for any more$/,
      ) as unknown,
    });
  });

  test("some users refused: counted, said once, and the others are read", async () => {
    bench.emulator.faults.add({
      when: { operation: "iam:ListAccessKeys", account: STAGING, nth: { from: 4 } },
      fault: denied,
      times: 2,
    });
    const result = await bench.scan({ onlyScopes: [STAGING] });
    const gaps = coverageOf(result, STAGING)["access-keys"]?.gaps ?? [];
    expect(gaps).toMatchObject([
      {
        class: "denied",
        count: 2,
        remedy: expect.stringMatching(/^grant iam:ListAccessKeys to arn:aws:iam::333344445555:role/) as unknown,
      },
    ]);
    expect(urns("credential", "kind = 'access-key'").length).toBeGreaterThan(0);
  });

  test("a list that users may not be asked about makes their silence say nothing", async () => {
    bench.emulator.faults.add({ when: { operation: "iam:ListServiceSpecificCredentials" }, fault: denied });
    await bench.scan({ onlyScopes: [STAGING] });
    const rows = bench.rows<{ observed_from: number | null; observed_through: number }>(
      "select observed_from, observed_through from identity where kind = 'user' and usage_known = 1",
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every(({ observed_from: from, observed_through: through }) => from === through)).toBe(true);
  });
});

describe("answers that are not whole", () => {
  test("an item without its id is set aside, and its neighbours are kept", async () => {
    const clean = await startBench();
    await clean.scan({ onlyScopes: [STAGING] });
    const whole = clean.rows<{ urn: string }>("select urn from identity").length;
    await clean[Symbol.asyncDispose]();
    const fault = bench.emulator.faults.add({
      when: { operation: "iam:ListRoles", account: STAGING },
      fault: { kind: "missing-field", field: "RoleId", item: 2 },
    });
    const result = await bench.scan({ onlyScopes: [STAGING] });
    expect(fault.fired).toBe(1);
    expect(coverageOf(result, STAGING)["roles"]).toMatchObject({
      status: "partial",
      gaps: [
        { class: "schema", operation: "iam:ListRoles", reason: "an item was set aside: RoleId is missing", count: 1 },
      ],
    });
    expect(bench.rows("select urn from identity").length).toBe(whole);
  });

  test("a list that goes on without saying where is not a complete list", async () => {
    const fault = bench.emulator.faults.add({
      when: { operation: "iam:ListUsers", account: STAGING },
      fault: { kind: "token", how: "missing" },
    });
    const result = await bench.scan({ onlyScopes: [STAGING] });
    expect(fault.fired).toBeGreaterThan(0);
    expect(coverageOf(result, STAGING)["users"]).toMatchObject({
      status: "partial",
      gaps: [{ class: "pagination", operation: "iam:ListUsers" }],
    });
  });

  test("fewer users than AWS itself counts are not all users", async () => {
    bench.emulator.faults.add({
      fault: {
        kind: "flapping",
        account: STAGING,
        entity: "user",
        name: "e2e-runner",
        hidden: Array.from({ length: 50 }, () => true),
      },
    });
    const result = await bench.scan({ onlyScopes: [STAGING] });
    expect(coverageOf(result, STAGING)["authorization-details"]?.gaps).toMatchObject([
      { class: "drift", reason: expect.stringMatching(/^AWS states \d+ users, and \d+ were listed$/) as unknown },
    ]);
  });

  test("short pages are followed to the end", async () => {
    await using short = await startBench({ emulator: { shortPages: true } });
    const result = await short.scan({ onlyScopes: [PRODUCTION] });
    expect(result.exit.code).toBe(0);
    const expected = [...truthOf(short.estate).identities].filter(({ account }) => account === PRODUCTION).length;
    expect(short.rows("select urn from identity")).toHaveLength(expected);
  });
});

describe("an old credential report", () => {
  test("says how old it is, in coverage and in every observation", async () => {
    bench.emulator.faults.add({ fault: { kind: "stale-report", account: STAGING, age: 3 * HOUR } });
    const result = await bench.scan({ onlyScopes: [STAGING] });
    expect(coverageOf(result, STAGING)["credential-report"]).toMatchObject({
      asOf: NOW - 3 * HOUR,
      asOfNote: "credential report, cached by AWS for up to 4 hours",
    });
    expect(
      bench.rows(
        "select distinct observed_through as through from usage where source in ('credential-report', 'access-key-use')",
      ),
    ).toEqual([{ through: NOW - 3 * HOUR }]);
  });

  test("does not give the credentials of a deleted user to the one who has its name now", async () => {
    const place = { account: STAGING, name: "nina.schmidt" };
    const before = bench.estate.state(STAGING).users.find(place.name);
    bench.emulator.faults.add({ fault: { kind: "stale-report", account: STAGING, age: HOUR } });
    deleteUser(bench.estate, place);
    recreateUser(bench.estate, place, NOW - 60_000);
    const after = bench.estate.state(STAGING).users.find(place.name);
    expect(after?.id).not.toBe(before?.id);
    const result = await bench.scan({ onlyScopes: [STAGING] });
    expect(result.exit.code).toBe(0);
    expect(urns("identity", "name = 'nina.schmidt'")).toEqual([`nhi:aws/aws:${STAGING}/user/${after?.id}`]);
    expect(urns("credential", `urn like '%/password/%${before?.id}' or urn like '%/password/%${after?.id}'`)).toEqual(
      [],
    );
  });

  const keysOf = (id: string | undefined) =>
    bench.rows<{ urn: string }>(
      `select urn from credential where kind in ('access-key', 'password') and identity like '%/user/${id}' order by urn`,
    );
  /** A user with a password and a key, in a report of now. */
  async function reported() {
    await bench.scan({ onlyScopes: [STAGING] });
    const user = [...bench.estate.state(STAGING).users].find(
      ({ password, accessKeys }) => password !== null && accessKeys.length > 0,
    );
    if (user === undefined) throw new Error("nobody has both");
    expect(keysOf(user.id).length).toBeGreaterThan(1);
    return user;
  }
  const later = (milliseconds: number) => {
    bench.now += milliseconds;
    bench.emulator.clock.advance(milliseconds);
  };

  test("takes nothing from a user that it has under an earlier name, and loses nothing of the next one's", async () => {
    const user = await reported();
    const before = keysOf(user.id);
    renameUser(bench.estate, { account: STAGING, name: user.name, to: "somebody.else" });
    for (const _scan of [1, 2, 3]) {
      later(HOUR);
      const result = await bench.scan({ onlyScopes: [STAGING] });
      const coverage = coverageOf(result, STAGING);
      expect(coverage["access-keys"]?.gaps).toEqual([]);
      expect(coverage["credential-report"]?.gaps).toEqual([
        {
          class: "drift",
          operation: "iam:GetCredentialReport",
          reason:
            "users of the account are not in the credential report: they were renamed since it was written, or left out",
          count: 1,
          remedy: "scan again when AWS writes the next report, which it does at most every four hours",
        },
      ]);
      expect(keysOf(user.id)).toEqual(before);
    }
    later(2 * HOUR);
    expect((await bench.scan({ onlyScopes: [STAGING] })).exit.code).toBe(0);
    expect(keysOf(user.id)).toEqual(before);
  });

  test("that leaves a user out is not believed about that user", async () => {
    const user = await reported();
    const before = keysOf(user.id);
    const { users } = bench.estate.state(STAGING);
    deleteUser(bench.estate, { account: STAGING, name: user.name });
    bench.emulator.faults.add({ fault: { kind: "stale-report", account: STAGING, age: HOUR } });
    bench.estate.replace(STAGING, { users });
    for (const _scan of [1, 2]) {
      const result = await bench.scan({ onlyScopes: [STAGING] });
      expect(coverageOf(result, STAGING)["credential-report"]?.gaps).toMatchObject([{ class: "drift", count: 1 }]);
      expect(keysOf(user.id)).toEqual(before);
    }
  });

  test("does not lend an old user's slots to the one who has its name now, and finds that one's key", async () => {
    const place = { account: STAGING, name: (await reported()).name };
    deleteUser(bench.estate, place);
    later(HOUR);
    recreateUser(bench.estate, place, bench.now - 60_000);
    const after = bench.estate.state(STAGING).users.find(place.name);
    const asked = count("iam:ListAccessKeys");
    const result = await bench.scan({ onlyScopes: [STAGING] });
    expect(result.exit.code).toBe(0);
    expect(keysOf(after?.id).map(({ urn }) => urn)).toEqual([
      `nhi:aws/aws:${STAGING}/access-key/${after?.accessKeys[0]?.id}`,
    ]);
    // The young user is known to be too young for what the report alone tells.
    expect(bench.rows(`select mfa_enabled_known as known from identity where urn like '%/user/${after?.id}'`)).toEqual([
      { known: 0 },
    ]);
    expect(
      bench.emulator.log.entries.filter(({ operation }) => operation === "iam:ListAccessKeys").slice(asked).length,
    ).toBe([...bench.estate.state(STAGING).users].filter(({ accessKeys }) => accessKeys.length > 0).length);
  });

  test("does not make a scan ask for everybody who is gone", async () => {
    await using large = await startBench({
      size: { accounts: 2, usersPerAccount: 200, rolesPerAccount: 20, keyedShare: 0.9 },
    });
    const scan = async () => large.scan({ onlyScopes: [MANAGEMENT] });
    await scan();
    const holders = () => [...large.estate.state(MANAGEMENT).users].filter(({ accessKeys }) => accessKeys.length > 0);
    expect(holders().length).toBeGreaterThan(150);
    massDelete(large.estate, { account: MANAGEMENT, share: 0.9 });
    for (const _scan of [1, 2, 3]) {
      large.now += HOUR;
      large.emulator.clock.advance(HOUR);
      const asked = large.emulator.log.count("iam:ListAccessKeys");
      expect(coverageOf(await scan(), MANAGEMENT)["access-keys"]?.gaps).toEqual([]);
      expect(large.emulator.log.count("iam:ListAccessKeys") - asked).toBe(holders().length);
    }
  });
});
