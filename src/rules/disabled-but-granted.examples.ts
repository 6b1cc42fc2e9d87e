import { defineExamples, unknown } from "../sdk/index.ts";
import rule from "./disabled-but-granted.ts";
import { at, grant, key, member, password, policy, role, user } from "./example-records.ts";

const bot = at("user", "bot");
const off = { enabled: false };
const held = [policy("p", { Version: "2012-10-17", Statement: [] }), grant(bot, "p")];

export default defineExamples(rule, [
  {
    name: "its only key is disabled and it holds a policy",
    records: [user("bot"), key("k1", "bot", off), ...held],
    expect: { [bot]: "fail" },
  },
  {
    name: "it has no credential at all and holds a policy",
    records: [user("bot"), ...held],
    expect: { [bot]: "fail" },
  },
  {
    name: "it holds the policy through a group",
    records: [
      user("bot"),
      key("k1", "bot", off),
      { type: "group", urn: at("group", "devs"), kind: "group", name: "devs" },
      member("bot", "devs"),
      policy("p", { Version: "2012-10-17", Statement: [] }),
      grant(at("group", "devs"), "p"),
    ],
    expect: { [bot]: "fail" },
  },
  {
    name: "the identity itself is disabled, whatever its keys say",
    records: [user("bot", off), key("k1", "bot"), ...held],
    expect: { [bot]: "fail" },
  },
  {
    name: "one of its two keys is enabled",
    records: [user("bot"), key("k1", "bot", off), key("k2", "bot"), ...held],
    expect: { [bot]: "pass" },
  },
  {
    name: "a password is a way in too",
    records: [user("bot"), key("k1", "bot", off), password("bot"), ...held],
    expect: { [bot]: "pass" },
  },
  {
    name: "disabled and stripped, as offboarding should leave it",
    records: [user("bot"), key("k1", "bot", off)],
    expect: { [bot]: "pass" },
  },
  {
    name: "a denial is not a permission",
    records: [
      user("bot"),
      key("k1", "bot", off),
      policy("p", { Version: "2012-10-17", Statement: [] }),
      grant(bot, "p", { effect: "deny" }),
    ],
    expect: { [bot]: "pass" },
  },
  {
    name: "a role needs no credential of its own",
    records: [role("app"), policy("p", { Version: "2012-10-17", Statement: [] }), grant(at("role", "app"), "p")],
    expect: { [at("role", "app")]: "pass" },
  },
  {
    name: "whether its only key is enabled is not known",
    records: [user("bot"), key("k1", "bot", { enabled: unknown("iam:ListAccessKeys was denied") }), ...held],
    expect: { [bot]: "unknown" },
  },
  {
    name: "one key is unclear, another is enabled for sure",
    records: [
      user("bot"),
      key("k1", "bot", { enabled: unknown("iam:ListAccessKeys was denied") }),
      key("k2", "bot"),
      ...held,
    ],
    expect: { [bot]: "pass" },
  },
  {
    name: "its credentials could not be listed",
    records: [user("bot"), ...held],
    hidden: [{ facts: ["credential"], reason: "iam:ListAccessKeys was denied" }],
    expect: { [bot]: "unknown" },
  },
  {
    name: "its groups could not be listed",
    records: [user("bot"), key("k1", "bot", off)],
    hidden: [{ facts: ["membership"], reason: "iam:GetAccountAuthorizationDetails was denied" }],
    expect: { [bot]: "unknown" },
  },
  {
    name: "for a role it does not matter that credentials could not be listed",
    records: [role("app")],
    hidden: [{ facts: ["credential"], reason: "iam:ListAccessKeys was denied" }],
    expect: { [at("role", "app")]: "pass" },
  },
  {
    name: "who holds its secret is not known",
    records: [{ type: "identity", urn: bot, kind: "user", name: "bot" }, ...held],
    expect: { [bot]: "unknown" },
  },
  {
    name: "the states of its credentials were hidden",
    records: [user("bot"), key("k1", "bot", off), ...held],
    hidden: [{ facts: ["credential.enabled"], reason: "iam:ListAccessKeys was denied" }],
    expect: { [bot]: "unknown" },
  },
  {
    name: "its grants could not be listed",
    records: [user("bot"), key("k1", "bot", off)],
    hidden: [{ facts: ["grant"], reason: "iam:GetAccountAuthorizationDetails was denied" }],
    expect: { [bot]: "unknown" },
  },
]);
