import { defineExamples, unknown } from "../sdk/index.ts";
import rule from "./administrator.ts";
import { at, grant, member, policy, role, user } from "./example-records.ts";

const bot = at("user", "bot");
const statement = (Action: unknown, more: object = {}) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action, Resource: "*", ...more }],
});
const everything = statement("*");
const free = { boundary: null } as const;

export default defineExamples(rule, [
  {
    name: "everything on everything, under a harmless name",
    records: [user("bot", free), policy("BillingHelper", everything), grant(bot, "BillingHelper")],
    expect: { [bot]: "fail" },
  },
  {
    name: "nearly everything (PowerUserAccess)",
    records: [
      user("bot", free),
      policy("p", {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", NotAction: ["iam:*", "organizations:*", "account:*"], Resource: "*" }],
      }),
      grant(bot, "p"),
    ],
    expect: { [bot]: "pass" },
  },
  {
    name: "everything on one bucket",
    records: [
      user("bot", free),
      policy("Admin", statement("*", { Resource: "arn:aws:s3:::reports/*" })),
      grant(bot, "Admin"),
    ],
    expect: { [bot]: "pass" },
  },
  {
    name: "a list of two services",
    records: [user("bot", free), policy("p", statement(["s3:*", "ec2:*"])), grant(bot, "p")],
    expect: { [bot]: "pass" },
  },
  {
    name: "an administrator with a boundary is not one",
    records: [
      user("bot", { boundary: at("managed-policy", "cap") }),
      policy("p", everything),
      policy("cap", statement("s3:*")),
      grant(bot, "p"),
    ],
    expect: { [bot]: "pass" },
  },
  {
    name: "a denial of everything takes it back",
    records: [
      user("bot", free),
      policy("p", everything),
      policy("no", { Version: "2012-10-17", Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }] }),
      grant(bot, "p"),
      grant(bot, "no"),
    ],
    expect: { [bot]: "pass" },
  },
  {
    name: "through a group",
    records: [
      user("bot", free),
      { type: "group", urn: at("group", "admins"), kind: "group", name: "admins" },
      member("bot", "admins"),
      policy("p", everything),
      grant(at("group", "admins"), "p"),
    ],
    expect: { [bot]: "fail" },
  },
  {
    name: "a role",
    records: [role("app", free), policy("p", everything), grant(at("role", "app"), "p")],
    expect: { [at("role", "app")]: "fail" },
  },
  {
    name: "a role that only AWS can assume",
    records: [
      role("app", { ...free, custody: "platform-held" }),
      policy("p", everything),
      grant(at("role", "app"), "p"),
    ],
    expect: { [at("role", "app")]: "pass" },
  },
  { name: "no permission set at all", records: [user("bot", free)], expect: { [bot]: "pass" } },
  { name: "the root user is not news", records: [user("root", { ...free, kind: "root" })], expect: {} },
  {
    name: "everything, but only with a second factor",
    records: [
      user("bot", free),
      policy("p", statement("*", { Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } } })),
      grant(bot, "p"),
    ],
    expect: { [bot]: "unknown" },
  },
  {
    name: "a policy whose document was not read",
    records: [user("bot", free), policy("p", unknown("it could not be parsed")), grant(bot, "p")],
    expect: { [bot]: "unknown" },
  },
  {
    name: "one policy was read and is small, the other was not",
    records: [
      user("bot", free),
      policy("q", statement("s3:GetObject")),
      policy("p", unknown("it could not be parsed")),
      grant(bot, "p"),
      grant(bot, "q"),
    ],
    expect: { [bot]: "unknown" },
  },
  {
    name: "a policy that was never seen",
    records: [user("bot", free), grant(bot, "elsewhere")],
    expect: { [bot]: "unknown" },
  },
  {
    name: "everything, and nobody knows whether a boundary caps it",
    records: [
      user("bot", { boundary: unknown("iam:GetAccountAuthorizationDetails was denied") }),
      policy("p", everything),
      grant(bot, "p"),
    ],
    expect: { [bot]: "unknown" },
  },
  {
    name: "its policies could not be listed",
    records: [user("bot", free)],
    hidden: [
      {
        facts: ["grant", "membership", "permission-set.document"],
        reason: "iam:GetAccountAuthorizationDetails was denied",
      },
    ],
    expect: { [bot]: "unknown" },
  },
  {
    name: "what it holds directly may be more",
    records: [user("bot", free), policy("p", statement("s3:GetObject")), grant(bot, "p")],
    hidden: [{ facts: ["grant"], reason: "iam:GetAccountAuthorizationDetails was denied" }],
    expect: { [bot]: "unknown" },
  },
  {
    name: "its groups could not be listed",
    records: [user("bot", free), policy("p", statement("s3:GetObject")), grant(bot, "p")],
    hidden: [{ facts: ["membership"], reason: "iam:GetAccountAuthorizationDetails was denied" }],
    expect: { [bot]: "unknown" },
  },
  {
    name: "the policies could not be read again",
    records: [user("bot", free), policy("p", statement("s3:GetObject")), grant(bot, "p")],
    hidden: [{ facts: ["permission-set.document"], reason: "iam:GetAccountAuthorizationDetails was denied" }],
    expect: { [bot]: "unknown" },
  },
  {
    name: "a role that only AWS can assume, with everything hidden",
    records: [role("app", { ...free, custody: "platform-held" })],
    hidden: [
      {
        facts: ["grant", "membership", "permission-set.document"],
        reason: "iam:GetAccountAuthorizationDetails was denied",
      },
    ],
    expect: { [at("role", "app")]: "pass" },
  },
]);
