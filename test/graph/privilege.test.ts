import { describe, expect, test } from "vitest";
import { createPrivilegeModel } from "../../src/graph/index.ts";
import type { HeldGrant, JudgeOptions } from "../../src/graph/index.ts";
import { unknown } from "../../src/model/index.ts";
import type { Known } from "../../src/model/index.ts";

interface Written {
  readonly Effect?: string;
  readonly Action?: unknown;
  readonly NotAction?: unknown;
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Condition?: unknown;
  readonly Sid?: string;
}

const urnOf = (name: string): string => `nhi:aws/aws:111122223333/managed-policy/${name}`;
const document = (...statements: readonly Written[]): unknown => ({
  Version: "2012-10-17",
  Statement: statements.map((statement) => ({
    Effect: "Allow",
    ...statement,
    ...(statement.Resource === undefined && statement.NotResource === undefined ? { Resource: "*" } : {}),
  })),
});

/** The judgement over these documents, all granted; `cap` is the boundary's document. */
function judge(
  documents: readonly unknown[],
  options: JudgeOptions & {
    readonly cap?: unknown;
    readonly boundary?: Known<string>;
    readonly grant?: Partial<HeldGrant>;
  } = {},
) {
  const model = createPrivilegeModel();
  const grants = documents.map((content, index): HeldGrant => {
    model.addPermissionSet(urnOf(`p${index + 1}`), "managed-policy", content, `p${index + 1}`);
    return { permissionSet: urnOf(`p${index + 1}`), ...options.grant };
  });
  if (options.cap !== undefined) model.addPermissionSet(urnOf("cap"), "managed-policy", options.cap, "cap");
  return model.judge(grants, options.boundary ?? (options.cap === undefined ? null : urnOf("cap")), options);
}

const short = (...parameters: Parameters<typeof judge>): string => {
  const { tier, certainty } = judge(...parameters);
  return `${tier}, ${certainty}`;
};

const everything = document({ Action: "*" });

describe("administrator by content", () => {
  test.each([
    ["*", { Action: "*" }],
    ["*:* in lists", { Action: ["*:*"], Resource: ["*"] }],
    ["among others", { Action: ["s3:List*", "*"], Resource: ["arn:aws:s3:::logs", "*"] }],
    ["all but a trifle", { NotAction: ["iam:DeleteAccountAlias"] }],
    ["resources of every kind but one bucket", { Action: "*", NotResource: "arn:aws:s3:::vault" }],
    ["a question mark in a wildcard", { Action: "?*" }],
  ])("%s", (_name, statement) => {
    expect(short([document(statement)])).toBe("admin, certain");
  });

  test.each([
    ["every service but IAM", [document({ NotAction: ["iam:*", "organizations:*"] })], "can-escalate, certain"],
    ["IAM alone", [document({ Action: "iam:*" })], "can-escalate, certain"],
    [
      "everything on one bucket",
      [document({ Action: "*", Resource: ["arn:aws:s3:::b", "arn:aws:s3:::b/*"] })],
      "data-write, certain",
    ],
    ["reading everywhere", [document({ Action: ["*:Get*", "*:List*", "*:Describe*"] })], "secrets, certain"],
    [
      "everything under a condition",
      [document({ Action: "*", Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } } })],
      "admin, possible",
    ],
    [
      "everything, denied under a condition",
      [everything, document({ Effect: "Deny", Action: "*", Condition: { Bool: { x: "true" } } })],
      "admin, possible",
    ],
    ["everything denied", [everything, document({ Effect: "Deny", Action: "*" })], "low, certain"],
    ["IAM denied", [everything, document({ Effect: "Deny", Action: "IAM:*" })], "can-escalate, certain"],
    [
      "one bucket denied",
      [everything, document({ Effect: "Deny", Action: "s3:*", Resource: "arn:aws:s3:::vault/*" })],
      "admin, certain",
    ],
    [
      "everything denied but on one bucket",
      [everything, document({ Effect: "Deny", Action: "*", NotResource: "arn:aws:s3:::open/*" })],
      "data-write, possible",
    ],
    [
      "everything on resources of one name in every service",
      [document({ Action: "*", Resource: "arn:aws:*:*:*:*payroll*" })],
      "can-escalate, possible",
    ],
    ["an empty condition is none", [document({ Action: "*", Condition: {} })], "admin, certain"],
    ["no action of interest", [document({ Action: ["sts:GetCallerIdentity"] })], "low, certain"],
    ["nothing granted", [], "low, certain"],
  ])("not so: %s", (_name, documents, expected) => {
    expect(short(documents)).toBe(expected);
  });

  test("documents may be JSON text, and equal ones weigh the same", () => {
    expect(short([JSON.stringify(everything)])).toBe("admin, certain");
  });

  test("the account's root user is one whatever it was granted", () => {
    expect(judge([], { kind: "root" })).toEqual({
      tier: "admin",
      certainty: "certain",
      reason: "the root user of the account can do everything in it",
    });
  });
});

describe("the other tiers", () => {
  test.each([
    [
      "passing any role to a new function and calling it",
      { Action: ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"] },
      "can-escalate, certain",
    ],
    ["passing a role without anything that takes it", { Action: ["iam:PassRole"] }, "low, certain"],
    [
      "passing roles of the account by its number",
      {
        Action: ["iam:PassRole", "ec2:RunInstances"],
        Resource: ["arn:aws:iam::111122223333:role/*", "arn:aws:ec2:*:*:*"],
      },
      "can-escalate, certain",
    ],
    [
      "passing one role only",
      {
        Action: ["iam:PassRole", "ec2:RunInstances"],
        Resource: ["arn:aws:iam::111122223333:role/web", "arn:aws:ec2:*:*:*"],
      },
      "can-escalate, possible",
    ],
    ["assuming any role", { Action: "sts:AssumeRole" }, "can-escalate, possible"],
    ["case does not count in actions", { Action: "IAM:createpolicyversion" }, "can-escalate, certain"],
    [
      "making one's own keys",
      { Action: ["iam:CreateAccessKey", "iam:UpdateLoginProfile"], Resource: "arn:aws:iam::*:user/${aws:username}" },
      "low, certain",
    ],
    [
      "attaching policies to oneself",
      { Action: "iam:AttachUserPolicy", Resource: "arn:aws:iam::*:user/${aws:username}" },
      "can-escalate, possible",
    ],
    [
      "reading one secret",
      {
        Action: "secretsmanager:GetSecretValue",
        Resource: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:app-??????",
      },
      "secrets, certain",
    ],
    [
      "writing one table",
      { Action: ["dynamodb:GetItem", "dynamodb:PutItem"], Resource: "arn:aws:dynamodb:*:*:table/orders" },
      "data-write, certain",
    ],
    [
      "reading one bucket under a condition",
      {
        Action: "s3:GetObject",
        Resource: "arn:aws:s3:::b/*",
        Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } },
      },
      "data-read, possible",
    ],
    [
      "an action on resources it does not work on",
      { Action: "secretsmanager:GetSecretValue", Resource: "arn:aws:s3:::b/*" },
      "low, certain",
    ],
  ])("%s", (_name, statement, expected) => {
    expect(short([document(statement)])).toBe(expected);
  });

  test("a narrow denial makes a narrow permission doubtful", () => {
    const bucket = { Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*" };
    expect(short([document(bucket), document({ ...bucket, Effect: "Deny" })])).toBe("data-read, possible");
  });
});

describe("permissions boundary", () => {
  test.each([
    ["caps an administrator", { Action: "s3:*" }, "data-write, certain"],
    ["that allows everything caps nothing", { Action: "*" }, "admin, certain"],
    [
      "with a condition makes the rest possible",
      { Action: "*", Condition: { Bool: { x: "true" } } },
      "admin, possible",
    ],
    ["with a denial of its own", { Effect: "Deny", Action: "*" }, "low, certain"],
    ["over named resources", { Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*" }, "data-read, certain"],
  ])("one %s", (_name, statement, expected) => {
    expect(short([everything], { cap: document(statement) })).toBe(expected);
  });

  test("two sets of named resources may not overlap", () => {
    const at = (bucket: string) => document({ Action: "s3:GetObject", Resource: `arn:aws:s3:::${bucket}/*` });
    expect(short([at("a")], { cap: at("b") })).toBe("data-read, possible");
  });

  test("one that was not read leaves nothing certain but what is low anyway", () => {
    expect(judge([everything], { boundary: urnOf("lost") })).toEqual({
      tier: "admin",
      certainty: "possible",
      reason: `allows every action on every resource (managed-policy "p1", statement 1); the permissions boundary was not read: ${urnOf("lost")} was not seen`,
    });
    expect(short([everything], { boundary: unknown("denied") })).toBe("admin, possible");
    expect(short([], { boundary: urnOf("lost") })).toBe("low, certain");
  });
});

describe("what was not read is never low", () => {
  test.each([
    ["an unknown document", unknown("it could not be parsed")],
    ["no document", null],
    ["not an object", "[]"],
    ["no JSON", "{"],
    ["no statement", {}],
    ["an effect in the wrong case", { Statement: { Effect: "allow", Action: "s3:Get*", Resource: "*" } }],
    ["no resource", { Statement: { Effect: "Allow", Action: "*" } }],
    ["an empty list of actions", { Statement: { Effect: "Allow", Action: [], Resource: "*" } }],
    ["a number among the actions", { Statement: { Effect: "Allow", Action: ["s3:ListBucket", 7], Resource: "*" } }],
    ["both Action and NotAction", { Statement: { Effect: "Allow", Action: "*", NotAction: "iam:*", Resource: "*" } }],
    ["a condition that is a list", { Statement: { Effect: "Allow", Action: "*", Resource: "*", Condition: [] } }],
    ["what only its prototype says", Object.create({ Statement: { Effect: "Allow", Action: "*", Resource: "*" } })],
    ["a statement that is a text", { Statement: ["Allow"] }],
    [
      "keys of the prototype",
      JSON.parse('{"__proto__": {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}}'),
    ],
  ])("%s", (_name, content) => {
    const { tier, certainty, reason } = judge([content]);
    expect({ tier, certainty }).toEqual({ tier: "unknown", certainty: "possible" });
    expect(reason).toContain('managed-policy "p1"');
  });

  test("what is readable beside it is a lower bound", () => {
    expect(judge([unknown("denied"), document({ Action: "s3:GetObject" })])).toEqual({
      tier: "data-read",
      certainty: "possible",
      reason: 'allows s3:GetObject (managed-policy "p2", statement 1); managed-policy "p1" was not read: denied',
    });
  });

  test("a grant of something never seen, a short list of grants, another provider", () => {
    const model = createPrivilegeModel();
    expect(model.judge([{ permissionSet: urnOf("lost") }], null)).toEqual({
      tier: "unknown",
      certainty: "possible",
      reason: `permission set ${urnOf("lost")} was not seen`,
    });
    expect(model.judge([], null, { unseen: "iam:GetAccountAuthorizationDetails was denied" })).toEqual({
      tier: "unknown",
      certainty: "possible",
      reason: "iam:GetAccountAuthorizationDetails was denied",
    });
    expect(model.judge([], null, { provider: "constructor" }).tier).toBe("unknown");
    model.addPermissionSet("nhi:gcp/p/role/x", "role", {}, "x");
    expect(model.judge([{ permissionSet: "nhi:gcp/p/role/x" }], null).tier).toBe("unknown");
  });

  test("a conditional assignment is possible, an assigned denial takes back", () => {
    expect(short([everything], { grant: { conditional: true } })).toBe("admin, possible");
    expect(short([everything], { grant: { effect: "deny" } })).toBe("low, certain");
    const model = createPrivilegeModel();
    model.addPermissionSet(urnOf("all"), "managed-policy", everything);
    model.addPermissionSet(urnOf("s3"), "managed-policy", document({ Action: ["iam:*"] }));
    expect(
      model.judge([{ permissionSet: urnOf("all") }, { permissionSet: urnOf("s3"), effect: "deny" }], null).tier,
    ).toBe("can-escalate");
  });

  test("a denial that is assigned under a condition leaves doubt", () => {
    const model = createPrivilegeModel();
    model.addPermissionSet(urnOf("all"), "managed-policy", everything);
    model.addPermissionSet(urnOf("none"), "managed-policy", document({ Effect: "Deny", Action: "*" }));
    const { tier, certainty } = model.judge(
      [{ permissionSet: urnOf("all") }, { permissionSet: urnOf("none"), conditional: true }],
      null,
    );
    expect({ tier, certainty }).toEqual({ tier: "admin", certainty: "possible" });
  });

  test("one identity's powers do not rub off on the next", () => {
    const model = createPrivilegeModel();
    model.addPermissionSet(urnOf("all"), "managed-policy", everything);
    expect(model.judge([{ permissionSet: urnOf("all") }], null).tier).toBe("admin");
    expect(model.judge([], null)).toEqual({ tier: "low", certainty: "certain", reason: "holds no permission set" });
  });

  test("a forgotten set is not seen any more", () => {
    const model = createPrivilegeModel();
    model.addPermissionSet(urnOf("all"), "managed-policy", everything);
    model.forget(urnOf("all"));
    expect(model.judge([{ permissionSet: urnOf("all") }], null).tier).toBe("unknown");
  });
});

test("the reason names the policy and the statement, whatever the order of the grants", () => {
  const model = createPrivilegeModel();
  model.addPermissionSet(
    urnOf("a"),
    "inline-policy",
    document({ Action: "s3:ListBucket" }, { Sid: "Pass", Action: "iam:PassRole" }),
    "helper",
  );
  model.addPermissionSet(urnOf("b"), "managed-policy", document({ Action: "ec2:*" }), "machines");
  const expected = {
    tier: "can-escalate",
    certainty: "certain",
    reason:
      'allows iam:PassRole and ec2:RunInstances on every resource (inline-policy "helper", statement 2 ("Pass"); managed-policy "machines", statement 1)',
  };
  expect(model.judge([{ permissionSet: urnOf("a") }, { permissionSet: urnOf("b") }], null)).toEqual(expected);
  expect(model.judge([{ permissionSet: urnOf("b") }, { permissionSet: urnOf("a") }], null)).toEqual(expected);
});

test("what keeps an answer from being certain is said", () => {
  expect(
    judge([
      document({
        Action: "iam:PutRolePolicy",
        Resource: "arn:aws:iam::*:role/app-*",
        Condition: { Bool: { x: "true" } },
      }),
    ]).reason,
  ).toBe(
    'allows iam:PutRolePolicy (managed-policy "p1", statement 1), under conditions that are not evaluated and on named resources only',
  );
  expect(judge([document({ Action: "sts:AssumeRole" })]).reason).toBe(
    'allows sts:AssumeRole on every resource (managed-policy "p1", statement 1), where roles decide themselves whom they trust',
  );
});
