import { isUnknown } from "rollcall/sdk";
import type { TrustRecord } from "rollcall/sdk";
import { describe, expect, test } from "vitest";
import { makeCertificate, makeSshKey } from "../../../fixtures/acme/certificates.ts";
import { awsConfigFrom } from "../../../scanners/aws/config.ts";
import { readCertificate, sshFingerprint } from "../../../scanners/aws/normalize/certificates.ts";
import { parseDocument } from "../../../scanners/aws/normalize/documents.ts";
import { accountEnvironment, identityEnvironment } from "../../../scanners/aws/normalize/environment.ts";
import { roleCare, roleCustody, roleNature, userNature } from "../../../scanners/aws/normalize/nature.ts";
import { tagOwners } from "../../../scanners/aws/normalize/owners.ts";
import { glob } from "../../../scanners/aws/normalize/patterns.ts";
import { readSamlMetadata } from "../../../scanners/aws/normalize/saml.ts";
import { since } from "../../../scanners/aws/normalize/tracking.ts";
import { entityAliases, entityUrn, parseArn } from "../../../scanners/aws/normalize/urns.ts";

const PLACE = { partition: "aws", account: "111122223333" };
const { natures } = awsConfigFrom({});

describe("URNs and ARNs", () => {
  test("keep odd ids apart", () => {
    expect(entityUrn(PLACE, "inline-policy", "AIDAX:a/b c")).toBe(
      "nhi:aws/aws:111122223333/inline-policy/AIDAX:a%2Fb%20c",
    );
  });

  test("an ARN's parts", () => {
    expect(parseArn("arn:aws-cn:iam::1:role/a/b:c")).toEqual({
      partition: "aws-cn",
      service: "iam",
      region: "",
      account: "1",
      resource: "role/a/b:c",
    });
    expect(parseArn("AROAX")).toBeUndefined();
  });

  test("an entity is known without its path as well, once", () => {
    expect(
      entityAliases(PLACE, { kind: "user", arn: "arn:aws:iam::111122223333:user/x/ana", id: "AIDAX", name: "ana" }),
    ).toEqual(["arn:aws:iam::111122223333:user/x/ana", "arn:aws:iam::111122223333:user/ana", "AIDAX", "ana"]);
    expect(
      entityAliases(PLACE, { kind: "user", arn: "arn:aws:iam::111122223333:user/ana", id: "AIDAX", name: "ana" }),
    ).toHaveLength(3);
  });
});

test.each([
  ["*", "", true],
  ["repo:acme/*", "repo:acme/web:ref", true],
  ["repo:acme/*", "repo:acme", false],
  ["a?c", "abc", true],
  ["a?c", "ac", false],
  ["*a*b*c", "xxaxxbxxc", true],
  ["*a*b*c", "xxaxxcxxb", false],
  ["a**b", "ab", true],
])("the pattern %s and %s: %s", (pattern, text, expected) => {
  expect(glob(pattern, text)).toBe(expected);
});

test("a pattern cannot take for ever", () => {
  const started = performance.now();
  expect(glob(`${"a*".repeat(500)}b`, "a".repeat(5_000))).toBe(false);
  expect(performance.now() - started).toBeLessThan(500);
});

describe("policy documents", () => {
  test.each<[name: string, text: string | undefined, expected: unknown]>([
    [
      "encoded as IAM encodes",
      "%7B%22Version%22%3A%222012-10-17%22%2C%22a%2Ab%22%3A1%7D",
      { Version: "2012-10-17", "a*b": 1 },
    ],
    ["plain", ' {"Version":"2012-10-17","percent":"100%"}', { Version: "2012-10-17", percent: "100%" }],
    ["not JSON", "%7Bnope", "unknown"],
    ["badly encoded", "%E0%A4%A", "unknown"],
    ["a list", "[]", "unknown"],
    ["text", '"x"', "unknown"],
    ["empty", "", "unknown"],
    ["nothing", undefined, "unknown"],
    ["nested without end", `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`, "unknown"],
  ])("%s", (_name, text, expected) => {
    const document = parseDocument(text);
    expect(isUnknown(document) ? "unknown" : document).toEqual(expected);
  });
});

describe("a user's nature", () => {
  const face = (more: Partial<{ name: string; path: string; tags: Record<string, string> }> = {}) => ({
    name: "x",
    path: "/",
    tags: {},
    ...more,
  });
  const has = (password: boolean, keys = 0, certificates = 0) => ({ password, keys, certificates });

  test.each<
    [
      name: string,
      face: ReturnType<typeof face>,
      credentials: ReturnType<typeof has>,
      expected: readonly [string, string],
    ]
  >([
    [
      "a tag decides before anything else",
      face({ path: "/people/", tags: { Type: "Service" } }),
      has(true),
      ["machine", "tag Type=Service"],
    ],
    ["then the path", face({ path: "/service/ci/", name: "ana" }), has(true), ["machine", "path /service/ci/"]],
    ["a path of people", face({ path: "/people/" }), has(false, 1), ["human", "path /people/"]],
    ["then the name", face({ name: "svc-export" }), has(true), ["machine", "name like svc-*"]],
    ["a password and no key", face(), has(true), ["human", "a console password and no access key"]],
    ["a key and no password", face(), has(false, 1), ["machine", "access keys and no console password"]],
    ["a certificate is as good as a key", face(), has(false, 0, 1), ["machine", "access keys and no console password"]],
    ["both say nothing", face(), has(true, 1), ["unknown", "a console password and access keys"]],
    ["neither says nothing", face(), has(false), ["unknown", "neither a console password nor an access key"]],
  ])("%s", (_name, who, credentials, [nature, natureReason]) => {
    expect(userNature(natures, who, credentials)).toEqual({ nature, natureReason });
  });
});

describe("a role's nature", () => {
  const way = (more: Partial<TrustRecord>) =>
    ({ effect: "allow", party: "service", mechanism: "assume-role", principal: "p", ...more }) as TrustRecord;
  const nature = (path: string, ways: readonly TrustRecord[]) =>
    roleNature(natures, { name: "x", path, tags: {} }, ways);

  test.each<[path: string, ways: readonly TrustRecord[], nature: string, reason: RegExp]>([
    ["/aws-service-role/support.amazonaws.com/", [], "machine", /linked to support\.amazonaws\.com/],
    [
      "/aws-reserved/sso.amazonaws.com/eu-central-1/",
      [way({ mechanism: "saml-federation" })],
      "human",
      /Identity Center/,
    ],
    ["/", [way({ principal: "lambda.amazonaws.com" })], "machine", /^assumed by lambda\.amazonaws\.com$/],
    ["/", [way({}), way({ party: "issuer", mechanism: "oidc-federation" })], "machine", /assumed by/],
    ["/", [way({ party: "issuer", mechanism: "saml-federation", principal: "okta" })], "human", /sign in through okta/],
    ["/", [way({ party: "account", principal: "1" }), way({})], "unknown", /not visible/],
    ["/", [way({ effect: "deny" })], "unknown", /lets nobody in/],
    ["/service/", [way({ party: "account" })], "machine", /^path \/service\/$/],
  ])("%s", (path, ways, expected, reason) => {
    const verdict = nature(path, ways);
    expect(verdict.nature).toBe(expected);
    expect(verdict.natureReason).toMatch(reason);
  });

  test("what the platform holds", () => {
    expect(
      ["/aws-service-role/x/", "/aws-reserved/sso.amazonaws.com/", "/"].map((path) => roleCustody(roleCare(path))),
    ).toEqual(["platform-held", "assumed", "assumed"]);
  });
});

describe("environments", () => {
  const rules = { accounts: ["1"], tags: { Environment: ["prod*"] }, names: ["*-production"] };
  const none = { accounts: [], tags: {}, names: [] };

  test.each<[account: Parameters<typeof accountEnvironment>[1], expected: string | undefined]>([
    [{ id: "1", name: "x" }, "production"],
    [{ id: "2", tags: { environment: "PROD-eu" } }, "production"],
    [{ id: "2", name: "shop-production" }, "production"],
    [{ id: "2", tags: { env: "staging" } }, "staging"],
    [{ id: "2" }, "non-production"],
  ])("of the account %j", (account, expected) => {
    expect(accountEnvironment(rules, account)).toBe(expected);
  });

  test("nothing is known where nobody said what production is", () => {
    expect(accountEnvironment(none, { id: "2", name: "production" })).toBeUndefined();
    expect(accountEnvironment(none, { id: "2", tags: { env: "prod" } })).toBe("production");
  });

  test("an identity's own tag counts before its account", () => {
    expect(identityEnvironment(rules, { Environment: "production" }, "staging")).toBe("production");
    expect(identityEnvironment(rules, { stage: "Test" }, "production")).toBe("test");
    expect(identityEnvironment(rules, {}, "production")).toBe("production");
  });
});

test("owners are what tags name, each with its source", () => {
  const owners = tagOwners(
    PLACE,
    {
      urn: "nhi:aws/aws:111122223333/role/AROAX",
      nativeId: "AROAX",
      tags: { Team: "payments", owner: "ana@acme.example", contact: " ", other: "x" },
    },
    ["owner", "team", "contact"],
  );
  expect(
    owners.map(({ owner, ownerKind, source, confidence, urn }) => ({ owner, ownerKind, source, confidence, urn })),
  ).toEqual([
    {
      owner: "payments",
      ownerKind: "team",
      source: "tag:Team",
      confidence: 60,
      urn: "nhi:aws/aws:111122223333/owner/AROAX:tag:Team",
    },
    {
      owner: "ana@acme.example",
      ownerKind: "person",
      source: "tag:owner",
      confidence: 60,
      urn: "nhi:aws/aws:111122223333/owner/AROAX:tag:owner",
    },
  ]);
});

describe("certificates", () => {
  const spec = {
    seed: 1,
    serial: 5,
    commonName: "gateway",
    notBefore: Date.UTC(2025, 0, 1),
    notAfter: Date.UTC(2027, 0, 1),
  };

  test("a renewed one over the same key has the key's fingerprint again, and another of its own", () => {
    const first = readCertificate(makeCertificate(spec).body);
    const renewed = readCertificate(makeCertificate({ ...spec, notAfter: Date.UTC(2028, 0, 1) }).body);
    expect(first).toMatchObject({
      expiresAt: spec.notAfter,
      certificateFingerprint: makeCertificate(spec).fingerprint,
    });
    expect(renewed?.keyFingerprint).toBe(first?.keyFingerprint);
    expect(renewed?.certificateFingerprint).not.toBe(first?.certificateFingerprint);
    expect(readCertificate(makeCertificate({ ...spec, serial: 6 }).body)?.keyFingerprint).not.toBe(
      first?.keyFingerprint,
    );
  });

  test("without its armour, and not at all", () => {
    const bare = makeCertificate(spec).body.replaceAll(/-----[A-Z ]+-----|\n/g, "");
    expect(readCertificate(bare)?.expiresAt).toBe(spec.notAfter);
    expect(readCertificate("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")).toBeUndefined();
    expect(readCertificate("A".repeat(100_000))).toBeUndefined();
  });

  test("an SSH key's fingerprint is ssh-keygen's, whatever the comment", () => {
    const { body } = makeSshKey(1, 5);
    expect(sshFingerprint(`${body} ana@laptop`)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    expect(sshFingerprint(`${body} ana@laptop`)).toBe(sshFingerprint(body));
    expect(sshFingerprint("not a key")).toBeUndefined();
    // GitHub's host key, with the fingerprint that GitHub publishes.
    expect(sshFingerprint("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl")).toBe(
      "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU",
    );
  });

  test("SAML metadata", () => {
    const bare = makeCertificate(spec).body.replaceAll(/-----[A-Z ]+-----|\n/g, "");
    const metadata = `<md:EntityDescriptor xmlns:md="urn:x" entityID='https://idp.example'><ds:X509Certificate>\n${bare}\n</ds:X509Certificate></md:EntityDescriptor>`;
    expect(readSamlMetadata(metadata)).toEqual({
      entityId: "https://idp.example",
      expiresAt: spec.notAfter,
      keyFingerprint: readCertificate(bare)?.keyFingerprint,
    });
    expect(readSamlMetadata("<html>")).toEqual({
      entityId: undefined,
      expiresAt: undefined,
      keyFingerprint: undefined,
    });
  });
});

test("how far back AWS has looked", () => {
  expect(since("key", Date.UTC(2020, 0, 1))).toBeNull();
  expect(since("key", Date.UTC(2012, 0, 1))).toBe(Date.UTC(2015, 3, 22, 22, 33));
  expect(since("password", Date.UTC(2015, 0, 1))).toBeNull();
  expect(since("password", undefined)).toBe(Date.UTC(2014, 9, 20));
});
