import { isUnknown } from "rollcall/sdk";
import type { TrustRecord } from "rollcall/sdk";
import { describe, expect, test } from "vitest";
import { trustRecords } from "../../../scanners/aws/normalize/trust.ts";

const PLACE = { partition: "aws", account: "111122223333" };
const OTHER = "222233334444";
const GITHUB = "token.actions.githubusercontent.com";
const GITHUB_ARN = `arn:aws:iam::111122223333:oidc-provider/${GITHUB}`;

function parse(statements: unknown, relation: TrustRecord["partyRelation"] = "outside") {
  return trustRecords({
    place: PLACE,
    roleId: "AROAEXAMPLEROLE",
    document: { Version: "2012-10-17", Statement: statements },
    relationOf: (account) => (account === PLACE.account ? "same-scope" : (relation ?? "outside")),
  });
}

/** The one record of one statement, with what is unknown reduced to that word. */
function only(statement: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { records, unread } = parse({ Effect: "Allow", Action: "sts:AssumeRole", ...statement });
  expect(unread).toEqual([]);
  expect(records).toHaveLength(1);
  return Object.fromEntries(
    Object.entries(records[0] ?? {}).map(([fact, value]) => [fact, isUnknown(value) ? "unknown" : value]),
  );
}

const account = (id: string) => `nhi:aws/aws/account/${id}`;

describe("who stands at the far end", () => {
  test.each<[name: string, principal: unknown, expected: Readonly<Record<string, unknown>>]>([
    ["anyone, as a star", "*", { party: "anyone", principal: "*", partyScope: null, partyRelation: null }],
    ["anyone, as an AWS star", { AWS: "*" }, { party: "anyone", principal: "*", partyScope: null }],
    [
      "an account's root ARN",
      { AWS: `arn:aws:iam::${OTHER}:root` },
      { party: "account", partyScope: account(OTHER), partyRelation: "outside" },
    ],
    ["a bare account id", { AWS: OTHER }, { party: "account", principal: OTHER, partyScope: account(OTHER) }],
    [
      "the account itself",
      { AWS: "arn:aws:iam::111122223333:root" },
      { party: "account", partyRelation: "same-scope" },
    ],
    ["a user", { AWS: `arn:aws:iam::${OTHER}:user/ci/deployer` }, { party: "identity", partyScope: account(OTHER) }],
    ["a role", { AWS: `arn:aws:iam::${OTHER}:role/deploy` }, { party: "identity", partyScope: account(OTHER) }],
    [
      "a session of a role",
      { AWS: `arn:aws:sts::${OTHER}:assumed-role/deploy/session` },
      { party: "identity", partyScope: account(OTHER) },
    ],
    [
      "a deleted role",
      { AWS: "AROAJQABLZS4A3QDU576Q" },
      { party: "deleted", principal: "AROAJQABLZS4A3QDU576Q", partyScope: "unknown", partyRelation: "unknown" },
    ],
    ["a deleted user", { AWS: "AIDAJQABLZS4A3QDU576Q" }, { party: "deleted" }],
    [
      "a service",
      { Service: "lambda.amazonaws.com" },
      { party: "service", mechanism: "assume-role", partyScope: null, partyRelation: null, externalId: null },
    ],
    ["Roles Anywhere", { Service: "rolesanywhere.amazonaws.com" }, { party: "service", mechanism: "roles-anywhere" }],
    ["an ARN of another partition's user", { AWS: `arn:aws-us-gov:iam::${OTHER}:user/x` }, { party: "identity" }],
  ])("%s", (_name, principal, expected) => {
    expect(only({ Principal: principal })).toMatchObject({
      effect: "allow",
      mechanism: "assume-role",
      subjects: null,
      ...expected,
    });
  });

  test("several principals are as many ways in, and none twice", () => {
    const { records } = parse({
      Effect: "Allow",
      Action: "sts:AssumeRole",
      Principal: { AWS: [OTHER, OTHER, `arn:aws:iam::${OTHER}:root`], Service: ["ec2.amazonaws.com"] },
    });
    expect(records.map(({ principal }) => principal)).toEqual([
      OTHER,
      `arn:aws:iam::${OTHER}:root`,
      "ec2.amazonaws.com",
    ]);
    expect(new Set(records.map(({ urn }) => urn)).size).toBe(3);
  });

  test("everybody but somebody is everybody", () => {
    expect(only({ NotPrincipal: { AWS: OTHER } })).toMatchObject({
      party: "anyone",
      principal: `all but {"AWS":"${OTHER}"}`,
      pinned: false,
    });
  });

  test("whose another account is comes from the listing and may be unknown", () => {
    expect(
      parse({ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: OTHER } }, { unknown: "not listed" })
        .records[0]?.partyRelation,
    ).toEqual({ unknown: "not listed" });
  });

  test("a statement's place among the others does not change what it is called", () => {
    const first = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: OTHER } };
    const second = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } };
    const urns = (statements: readonly unknown[]) =>
      parse(statements)
        .records.map(({ urn }) => urn)
        .toSorted();
    expect(urns([first, second])).toEqual(urns([second, first]));
  });
});

describe("which actions open a way", () => {
  test.each<[actions: unknown, mechanisms: readonly string[]]>([
    ["sts:AssumeRole", ["assume-role"]],
    ["STS:assumerole", ["assume-role"]],
    [["sts:TagSession", "sts:AssumeRole", "sts:SetSourceIdentity"], ["assume-role"]],
    ["sts:*", ["assume-role"]],
    ["*", ["assume-role"]],
    ["sts:Assume*", ["assume-role"]],
    ["sts:TagSession", []],
    [["sts:TagSession", "sts:SetContext"], []],
    ["sts:AssumeRoleWithSAML", []],
  ])("%j", (Action, mechanisms) => {
    expect(
      parse({ Effect: "Allow", Action, Principal: { AWS: OTHER } }).records.map(({ mechanism }) => mechanism),
    ).toEqual(mechanisms);
  });

  test("all actions but some", () => {
    expect(parse({ Effect: "Allow", NotAction: "sts:TagSession", Principal: { AWS: OTHER } }).records).toHaveLength(1);
    expect(parse({ Effect: "Allow", NotAction: "sts:Assume*", Principal: { AWS: OTHER } }).records).toEqual([]);
  });

  test.each([
    [GITHUB_ARN, "sts:AssumeRoleWithWebIdentity", "oidc-federation", `https://${GITHUB}`],
    [
      "cognito-identity.amazonaws.com",
      "sts:AssumeRoleWithWebIdentity",
      "oidc-federation",
      "https://cognito-identity.amazonaws.com",
    ],
    [
      "arn:aws:iam::111122223333:saml-provider/okta",
      ["sts:AssumeRoleWithSAML", "sts:TagSession"],
      "saml-federation",
      "unknown",
    ],
  ])("a federation through %s", (Federated, Action, mechanism, issuer) => {
    expect(only({ Principal: { Federated }, Action })).toMatchObject({
      party: "issuer",
      mechanism,
      issuer,
      partyScope: null,
      externalId: null,
    });
  });

  test("a federation cannot use plain AssumeRole", () => {
    expect(parse({ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Federated: GITHUB_ARN } }).records).toEqual(
      [],
    );
  });

  test("a Deny is kept, as such", () => {
    expect(
      parse({
        Effect: "Deny",
        Action: "sts:AssumeRole",
        Principal: "*",
        Condition: { Bool: { "aws:MultiFactorAuthPresent": "false" } },
      }).records,
    ).toMatchObject([
      { effect: "deny", party: "anyone", conditions: { Bool: { "aws:MultiFactorAuthPresent": "false" } } },
    ]);
  });
});

describe("the subjects and audiences of a token", () => {
  const github = (Condition: unknown) => {
    const { subjects, audiences, pinned } = only({
      Principal: { Federated: GITHUB_ARN },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition,
    });
    return { subjects, audiences, pinned };
  };

  test.each<[name: string, condition: unknown, expected: Readonly<Record<string, unknown>>]>([
    ["no condition: everything", undefined, { subjects: null, audiences: null, pinned: false }],
    [
      "an audience alone",
      { StringEquals: { [`${GITHUB}:aud`]: "sts.amazonaws.com" } },
      { subjects: null, audiences: ["sts.amazonaws.com"], pinned: false },
    ],
    [
      "both",
      {
        StringEquals: { [`${GITHUB}:aud`]: "sts.amazonaws.com" },
        StringLike: { [`${GITHUB}:sub`]: ["repo:acme/*", "repo:shop/web:*"] },
      },
      { subjects: ["repo:acme/*", "repo:shop/web:*"], audiences: ["sts.amazonaws.com"], pinned: true },
    ],
    [
      "a key's case does not count",
      { StringEquals: { "Token.Actions.GithubUserContent.com:SUB": "repo:a/b:ref:refs/heads/main" } },
      { subjects: ["repo:a/b:ref:refs/heads/main"], pinned: true },
    ],
    [
      "a star that is taken literally is not a wildcard",
      { StringEquals: { [`${GITHUB}:sub`]: "repo:acme/*" } },
      { subjects: ["repo:acme/${*}"] },
    ],
    [
      "a wildcard for everything is a subject, and pins nobody",
      { StringLike: { [`${GITHUB}:sub`]: "*" } },
      { subjects: ["*"], pinned: false },
    ],
    [
      "if it exists: it always does",
      { StringLikeIfExists: { [`${GITHUB}:sub`]: "repo:acme/*" } },
      { subjects: ["repo:acme/*"], pinned: true },
    ],
    [
      "for any value",
      { "ForAnyValue:StringLike": { [`${GITHUB}:sub`]: "repo:acme/*" } },
      { subjects: ["repo:acme/*"] },
    ],
    [
      "two tests must both hold",
      {
        StringEquals: { [`${GITHUB}:sub`]: ["repo:acme/a:x", "repo:evil/b:x"] },
        StringLike: { [`${GITHUB}:sub`]: "repo:acme/*" },
      },
      { subjects: ["repo:acme/a:x"] },
    ],
    [
      "all but some is nearly everything",
      { StringNotLike: { [`${GITHUB}:sub`]: "repo:evil/*" } },
      { subjects: null, pinned: false },
    ],
    [
      "another claim pins as well",
      { StringEquals: { [`${GITHUB}:repository_owner`]: "acme" } },
      { subjects: null, pinned: true },
    ],
    [
      "an operator nobody knows",
      { StringResembles: { [`${GITHUB}:sub`]: "repo:acme/*" } },
      { subjects: "unknown", audiences: null, pinned: "unknown" },
    ],
    ["a claim that must be absent", { Null: { [`${GITHUB}:sub`]: "true" } }, { subjects: "unknown" }],
    ["another issuer's claim", { StringEquals: { "gitlab.com:sub": "project_path:acme/*" } }, { subjects: "unknown" }],
    ["a condition that is not an object", "open", { subjects: "unknown", audiences: "unknown", pinned: "unknown" }],
    [
      "a value that is not text",
      { StringEquals: { [`${GITHUB}:sub`]: { deep: 1 } } },
      { subjects: "unknown", pinned: "unknown" },
    ],
  ])("%s", (_name, condition, expected) => {
    expect(github(condition)).toMatchObject(expected);
  });

  test("an EKS issuer with a path in it", () => {
    const issuer = "oidc.eks.eu-central-1.amazonaws.com/id/ABC123";
    expect(
      only({
        Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/${issuer}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: { [`${issuer}:sub`]: "system:serviceaccount:shop:web", [`${issuer}:aud`]: "sts.amazonaws.com" },
        },
      }),
    ).toMatchObject({
      issuer: `https://${issuer}`,
      subjects: ["system:serviceaccount:shop:web"],
      audiences: ["sts.amazonaws.com"],
    });
  });

  test("SAML's audience and subject", () => {
    expect(
      only({
        Principal: { Federated: "arn:aws:iam::111122223333:saml-provider/okta" },
        Action: "sts:AssumeRoleWithSAML",
        Condition: { StringEquals: { "SAML:aud": "https://signin.aws.amazon.com/saml", "saml:sub": "ana" } },
      }),
    ).toMatchObject({ audiences: ["https://signin.aws.amazon.com/saml"], subjects: ["ana"] });
  });
});

describe("the external id", () => {
  test.each<[name: string, condition: unknown, expected: boolean | "unknown"]>([
    ["none", undefined, false],
    ["an agreed one", { StringEquals: { "sts:ExternalId": "7f2c" } }, true],
    ["key and operator in other cases", { stringequals: { "STS:EXTERNALID": "7f2c" } }, true],
    ["a pattern with something agreed in it", { StringLike: { "sts:ExternalId": "acme-*" } }, true],
    ["any at all", { StringLike: { "sts:ExternalId": "*" } }, false],
    ["one of two, of which one is anything", { StringLike: { "sts:ExternalId": ["acme", "*"] } }, false],
    ["only if there is one", { StringEqualsIfExists: { "sts:ExternalId": "7f2c" } }, false],
    ["a list of none", { StringEquals: { "sts:ExternalId": [] } }, false],
    [
      "for all values, of which there may be none",
      { "ForAllValues:StringEquals": { "sts:ExternalId": "7f2c" } },
      false,
    ],
    ["there must be one, whichever", { Null: { "sts:ExternalId": "false" } }, false],
    ["any but one", { StringNotEquals: { "sts:ExternalId": "7f2c" } }, false],
    ["an operator nobody knows", { StringResembles: { "sts:ExternalId": "7f2c" } }, "unknown"],
  ])("%s", (_name, Condition, expected) => {
    expect(only({ Principal: { AWS: OTHER }, Condition })).toMatchObject({ externalId: expected });
  });

  test("demanded by a Deny for everybody without it", () => {
    const allow = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: OTHER } };
    const deny = {
      Effect: "Deny",
      Action: "sts:AssumeRole",
      Principal: "*",
      Condition: { StringNotEquals: { "sts:ExternalId": "7f2c" } },
    };
    expect(parse([allow, deny]).records[0]).toMatchObject({ effect: "allow", externalId: true });
    const either = {
      ...deny,
      Condition: { StringNotEquals: { "sts:ExternalId": "7f2c" }, Bool: { "aws:ViaAWSService": "true" } },
    };
    expect(isUnknown(parse([allow, either]).records[0]?.externalId)).toBe(true);
    const none = { ...deny, Condition: { StringNotEquals: { "sts:ExternalId": [] } } };
    expect(parse([allow, none]).records[0]).toMatchObject({ externalId: false });
  });
});

describe("what pins the caller", () => {
  test.each<[name: string, condition: unknown, expected: boolean | "unknown"]>([
    ["an organization", { StringEquals: { "aws:PrincipalOrgID": "o-abc" } }, true],
    ["the internet in two halves", { IpAddress: { "aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"] } }, false],
    ["half of the newer internet", { IpAddress: { "aws:SourceIp": ["203.0.113.0/24", "8000::/1"] } }, false],
    [
      "an address, and a network of each kind",
      { IpAddress: { "aws:SourceIp": ["203.0.113.7", "10.0.0.0/8", "2001:db8::/32"] } },
      true,
    ],
    ["no network at all", { IpAddress: { "aws:SourceIp": [] } }, false],
    ["a star where a network should be", { StringLike: { "aws:SourceIp": "*" } }, false],
    ["any organization", { StringLike: { "aws:PrincipalOrgID": "o-*" } }, false],
    ["an organization, if the caller is in one", { StringEqualsIfExists: { "aws:PrincipalOrgID": "o-abc" } }, false],
    ["an account, if there is one: there always is", { StringEqualsIfExists: { "aws:PrincipalAccount": OTHER } }, true],
    ["a path in an organization", { "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-abc/r-x/*" } }, true],
    ["a path in any organization", { "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "*/r-x/*" } }, false],
    ["a role of an account", { ArnLike: { "aws:PrincipalArn": `arn:aws:iam::${OTHER}:role/deploy-*` } }, true],
    ["a role's name in any account", { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/deploy" } }, false],
    [
      "one of two, of which one is anybody's",
      { ArnLike: { "aws:PrincipalArn": [`arn:aws:iam::${OTHER}:role/a`, "arn:aws:iam::*:role/a"] } },
      false,
    ],
    ["a source account", { StringEquals: { "aws:SourceAccount": OTHER } }, true],
    ["a source ARN", { ArnLike: { "aws:SourceArn": `arn:aws:sns:eu-central-1:${OTHER}:*` } }, true],
    ["a bucket as the source", { ArnEquals: { "aws:SourceArn": "arn:aws:s3:::acme-logs" } }, true],
    ["an address range", { IpAddress: { "aws:SourceIp": "198.51.100.0/24" } }, true],
    ["all addresses", { IpAddress: { "aws:SourceIp": "0.0.0.0/0" } }, false],
    ["a second factor says nothing about who", { Bool: { "aws:MultiFactorAuthPresent": "true" } }, false],
    ["a tag is the caller's own word", { StringEquals: { "aws:PrincipalTag/team": "ops" } }, false],
    ["a session name is the caller's own choice", { StringEquals: { "sts:RoleSessionName": "ops" } }, false],
    ["anybody but an organization", { StringNotEquals: { "aws:PrincipalOrgID": "o-abc" } }, false],
    ["an operator nobody knows, on a key that pins", { StringResembles: { "aws:PrincipalOrgID": "o-abc" } }, "unknown"],
    [
      "an operator nobody knows, beside one that pins",
      { StringResembles: { "aws:PrincipalOrgID": "o-abc" }, StringEquals: { "aws:PrincipalAccount": OTHER } },
      true,
    ],
    ["an operator nobody knows, on another key", { StringResembles: { "aws:RequestedRegion": "eu-*" } }, false],
  ])("%s", (_name, Condition, expected) => {
    expect(only({ Principal: "*", Condition })).toMatchObject({ party: "anyone", pinned: expected });
  });

  test("a Deny for everybody outside pins what is allowed inside", () => {
    const allow = { Effect: "Allow", Action: "sts:AssumeRole", Principal: "*" };
    const outside = {
      Effect: "Deny",
      Action: "sts:AssumeRole",
      Principal: "*",
      Condition: { StringNotEquals: { "aws:PrincipalOrgID": "o-abc" } },
    };
    expect(parse([allow, outside]).records[0]?.pinned).toBe(true);
    expect(parse([allow, { ...outside, Action: "sts:AssumeRoleWithSAML" }]).records[0]?.pinned).toBe(false);
    expect(parse([allow, { ...outside, Principal: { AWS: OTHER } }]).records[0]?.pinned).toBe(false);
    const both = { StringNotEquals: { "aws:PrincipalOrgID": "o-abc", "aws:PrincipalAccount": OTHER } };
    expect(isUnknown(parse([allow, { ...outside, Condition: both }]).records[0]?.pinned)).toBe(true);
  });
});

describe("documents that are not what IAM documents", () => {
  test.each<[name: string, statements: unknown, unread: readonly string[]]>([
    ["no statement", undefined, ["the trust policy has no list of statements"]],
    ["a statement that is text", "Allow", ["the trust policy has no list of statements"]],
    [
      "an effect nobody knows",
      [{ Effect: "Maybe", Action: "*", Principal: "*" }],
      ["statement 1 has neither Allow nor Deny"],
    ],
    ["no principal", [{ Effect: "Allow", Action: "*" }], ["statement 1 names its principals in an undocumented form"]],
    [
      "a principal of another type",
      [{ Effect: "Allow", Action: "*", Principal: { Robot: "x" } }],
      ["statement 1 names its principals in an undocumented form"],
    ],
    [
      "a principal that is a number",
      [{ Effect: "Allow", Action: "*", Principal: { AWS: 123 } }],
      ["statement 1 names its principals in an undocumented form"],
    ],
    ["no action", [{ Effect: "Allow", Principal: "*" }], ["statement 1 names its actions in an undocumented form"]],
  ])("%s is said, and is neither open nor closed", (_name, statements, unread) => {
    expect(parse(statements)).toEqual({ records: [], unread });
  });

  test("what can be read beside it is", () => {
    const { records, unread } = parse([
      { Effect: "Perhaps", Principal: "*" },
      { Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: OTHER } },
    ]);
    expect(records).toHaveLength(1);
    expect(unread).toHaveLength(1);
  });

  test("a single statement outside a list, with its keys in other cases", () => {
    expect(parse({ effect: "Allow", action: "sts:AssumeRole", principal: { aws: OTHER } }).records).toHaveLength(1);
  });

  test("keys of every JavaScript object are only keys", () => {
    const document = JSON.parse(
      `{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"${OTHER}"},"Condition":{"__proto__":{"constructor":"x"}}}`,
    ) as unknown;
    expect(isUnknown(parse(document).records[0]?.pinned)).toBe(false);
    expect(({} as Record<string, unknown>)["constructor"]).toBe(Object);
  });
});
