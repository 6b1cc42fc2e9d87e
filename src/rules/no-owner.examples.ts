import { defineExamples } from "../sdk/index.ts";
import rule from "./no-owner.ts";
import { at, owner, role, user } from "./example-records.ts";

const bot = at("user", "bot");

export default defineExamples(rule, [
  { name: "a machine that nobody owns", records: [user("bot", { nature: "machine" })], expect: { [bot]: "fail" } },
  {
    name: "a tag names a team",
    records: [user("bot", { nature: "machine" }), owner(bot, "platform")],
    expect: { [bot]: "pass" },
  },
  {
    name: "a claim of no confidence is none",
    records: [user("bot", { nature: "machine" }), owner(bot, "maybe", 0)],
    expect: { [bot]: "fail" },
  },
  {
    name: "somebody else's owner does not help",
    records: [user("bot", { nature: "machine" }), role("app", { nature: "machine" }), owner(at("role", "app"), "shop")],
    expect: { [bot]: "fail", [at("role", "app")]: "pass" },
  },
  {
    name: "an identity of unknown nature needs an owner as well",
    records: [user("bot", { nature: "unknown" })],
    expect: { [bot]: "fail" },
  },
  {
    name: "people own themselves, and AWS its own roles",
    records: [
      user("ann", { nature: "human" }),
      role("l", { custody: "platform-held", nature: "machine" }),
      role("s", { path: "/aws-reserved/sso.amazonaws.com/", nature: "unknown" }),
      user("root", { kind: "root" }),
    ],
    expect: { [at("role", "l")]: "pass", [at("role", "s")]: "pass" },
  },
  {
    name: "the tags could not be read, but it is AWS's own role",
    records: [role("l", { custody: "platform-held", nature: "machine" })],
    hidden: [{ facts: ["owner"], reason: "iam:GetAccountAuthorizationDetails was denied" }],
    expect: { [at("role", "l")]: "pass" },
  },
  {
    name: "the tags could not be read",
    records: [user("bot", { nature: "machine" })],
    hidden: [{ facts: ["owner"], reason: "iam:GetAccountAuthorizationDetails was denied" }],
    expect: { [bot]: "unknown" },
  },
]);
