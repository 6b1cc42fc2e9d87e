import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { truthOf } from "../../../fixtures/acme/index.ts";
import type { TruthCredential } from "../../../fixtures/acme/index.ts";
import type { ScanResult } from "../../../src/engine/contract.ts";
import { NOW, startBench } from "./support/acme-scan.ts";
import type { Bench } from "./support/acme-scan.ts";

/**
 * The demonstration estate, scanned for real, against what its generator says is true of it: whole sets, so that a
 * thing too many fails like a thing too few.
 */
let bench: Bench;
let result: ScanResult;

beforeAll(async () => {
  bench = await startBench();
  result = await bench.scan({ deep: ["ssh-keys"] });
});
afterAll(() => bench[Symbol.asyncDispose]());

const byUrn = (a: { readonly urn: string }, b: { readonly urn: string }) => (a.urn < b.urn ? -1 : 1);

test("every account that can be entered is read completely", () => {
  expect(result.exit).toMatchObject({ code: 0 });
  const accounts = result.scopes
    .filter(({ urn }) => urn.includes("/account/"))
    .map(({ id, status }) => ({ id, status }));
  expect(accounts.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(
    bench.estate.accounts
      .map(({ id, status }) => ({ id, status: status === "ACTIVE" ? "complete" : "not-applicable" }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  );
});

describe("identities", () => {
  test("are those of the estate, with kind, name, age, second factor and care", () => {
    const seen = bench
      .rows<Record<string, unknown>>(
        "select urn, kind, name, created_at, mfa_enabled, mfa_enabled_known, custody from identity",
      )
      .map((row) => ({
        urn: String(row["urn"]),
        kind: row["kind"],
        name: row["name"],
        createdAt: row["created_at"],
        mfa: row["mfa_enabled"],
        known: row["mfa_enabled_known"],
        custody: row["custody"],
      }));
    const expected = [...truthOf(bench.estate).identities].map((identity) => ({
      urn: identity.urn,
      kind: identity.kind,
      name: identity.name,
      createdAt: identity.createdAt,
      mfa: identity.mfa === null ? null : Number(identity.mfa),
      known: 1,
      custody:
        identity.kind !== "role" ? "self-held" : identity.care === "service-linked" ? "platform-held" : "assumed",
    }));
    expect(seen.toSorted(byUrn)).toEqual(expected.toSorted(byUrn));
  });

  test("are known by their ARNs", () => {
    const seen = bench.rows<{ urn: string; alias: string }>(
      "select i.urn as urn, a.alias as alias from identity i join alias a on a.subject = i.urn where a.alias like 'arn:%'",
    );
    for (const { urn, arn } of truthOf(bench.estate).identities) expect(seen).toContainEqual({ urn, alias: arn });
  });

  test("have the nature that their author gave them", () => {
    const seen = new Map(
      bench
        .rows<{ urn: string; nature: string; name: string; reason: string }>(
          "select urn, name, nature, nature_reason as reason from identity",
        )
        .map((row) => [row.urn, row]),
    );
    const wrong = [...truthOf(bench.estate).identities].filter(({ urn, nature }) => seen.get(urn)?.nature !== nature);
    expect(wrong.map(({ urn, nature }) => ({ expected: nature, seen: seen.get(urn) }))).toEqual([]);
  });

  test("were last used when their author says, the latest of everything that they have", () => {
    const seen = bench.rows<{ urn: string; at: number | null }>("select urn, last_used_at as at from identity");
    const expected = [...truthOf(bench.estate).identities].map(({ urn, lastUsedAt }) => ({ urn, at: lastUsedAt }));
    expect(seen.toSorted(byUrn)).toEqual(expected.toSorted(byUrn));
  });

  test("whose every credential is watched are watched themselves, for their whole life or 400 days", () => {
    const unwatched = bench
      .rows<{ urn: string }>("select urn from identity where usage_known = 0")
      .map(({ urn }) => urn);
    const unseen = new Set(
      [...truthOf(bench.estate).credentials]
        .filter(({ lastUsedAt }) => lastUsedAt === undefined)
        .map(({ identity }) => identity),
    );
    const expected = [...truthOf(bench.estate).identities].map(({ urn }) => urn).filter((urn) => unseen.has(urn));
    expect(unwatched.toSorted()).toEqual(expected.toSorted());
    const late = bench.rows(
      "select urn, observed_from, created_at from identity where usage_known = 1 and observed_from is not null and observed_from > created_at and observed_from > 1732338000000 + 400 * 86400000",
    );
    expect(late).toEqual([]);
  });
});

describe("credentials", () => {
  const ours = "kind <> 'roles-anywhere-subject'";

  test("are those of the estate, with kind, holder, state and dates", () => {
    const seen = bench
      .rows<Record<string, unknown>>(
        `select urn, kind, identity, enabled, created_at, expires_at, expires_at_known from credential where ${ours}`,
      )
      .map((row) => ({
        urn: String(row["urn"]),
        kind: row["kind"],
        identity: row["identity"],
        enabled: row["enabled"],
        createdAt: row["created_at"],
        expiresAt: row["expires_at"],
        known: row["expires_at_known"],
      }));
    const expected = [...truthOf(bench.estate).credentials].map((credential) => ({
      urn: credential.urn,
      kind: credential.kind,
      identity: credential.identity,
      enabled: Number(credential.enabled),
      createdAt: credential.createdAt,
      expiresAt: credential.expiresAt,
      known: 1,
    }));
    expect(seen.toSorted(byUrn)).toEqual(expected.toSorted(byUrn));
  });

  test("were last used when their author says; where AWS does not say, that is not known", () => {
    const seen = bench.rows<{ urn: string; at: number | null; known: number }>(
      `select urn, last_used_at as at, usage_known as known from credential where ${ours}`,
    );
    const expected = [...truthOf(bench.estate).credentials].map(({ urn, lastUsedAt }) => ({
      urn,
      at: lastUsedAt ?? null,
      known: lastUsedAt === undefined ? 0 : 1,
    }));
    expect(seen.toSorted(byUrn)).toEqual(expected.toSorted(byUrn));
  });

  test("share a fingerprint exactly where they share a key", () => {
    const groups = (pairs: Iterable<readonly [fingerprint: string, urn: string]>) => {
      const map = new Map<string, string[]>();
      for (const [fingerprint, urn] of pairs) map.set(fingerprint, [...(map.get(fingerprint) ?? []), urn]);
      return [...map.values()]
        .map((urns) => urns.toSorted())
        .toSorted((a, b) => ((a[0] ?? "") < (b[0] ?? "") ? -1 : 1));
    };
    const seen = bench.rows<{ urn: string; fingerprint: string }>(
      `select urn, fingerprint from credential where fingerprint is not null and ${ours}`,
    );
    for (const { fingerprint } of seen) expect(fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    const told = (credential: TruthCredential) =>
      credential.fingerprint === null ? [] : [[credential.fingerprint, credential.urn] as const];
    expect(groups(seen.map(({ fingerprint, urn }) => [fingerprint, urn] as const))).toEqual(
      groups([...truthOf(bench.estate).credentials].flatMap(told)),
    );
  });
});

test("the credential report's facts say when the report was written, and why that is not now", () => {
  const rows = bench.rows<Record<string, unknown>>(
    "select distinct as_of, as_of_note from coverage where collection = 'credential-report' and status = 'complete'",
  );
  expect(rows).toEqual([{ as_of: NOW, as_of_note: "credential report, cached by AWS for up to 4 hours" }]);
});

test("nothing is asked that is not declared, and no key is asked for where the report shows none", () => {
  const asked = new Map<string, number>();
  for (const { operation } of bench.emulator.log.entries) asked.set(operation, (asked.get(operation) ?? 0) + 1);
  const { usersWithKeys } = truthOf(bench.estate).counts();
  expect(asked.get("iam:ListAccessKeys")).toBe(usersWithKeys);
  // One user has two keys that were made in one second, which only AWS itself can tell apart.
  expect(asked.get("iam:GetAccessKeyLastUsed")).toBe(2);
  for (const operation of ["iam:GetUser", "iam:GetRole", "iam:ListAttachedRolePolicies", "iam:GetLoginProfile"])
    expect(asked.get(operation)).toBeUndefined();
});
