import { defineExamples, unknown } from "../sdk/index.ts";
import rule from "./unused-credential.ts";
import { at, credential, daysAgo, justOver, key, password, used, user } from "./example-records.ts";

const old = { createdAt: daysAgo(300) };
const k1 = at("access-key", "k1");

export default defineExamples(rule, [
  {
    name: "an enabled key last used 91 days ago",
    records: [user("bot"), key("k1", "bot", old), used(k1, daysAgo(91))],
    expect: { [k1]: "fail" },
  },
  {
    name: "an enabled key last used 89 days ago",
    records: [user("bot"), key("k1", "bot", old), used(k1, daysAgo(89))],
    expect: { [k1]: "pass" },
  },
  {
    name: "exactly 90 days ago is inside the window",
    records: [user("bot"), key("k1", "bot", old), used(k1, daysAgo(90))],
    expect: { [k1]: "pass" },
  },
  {
    name: "a millisecond more is not",
    records: [user("bot"), key("k1", "bot", old), used(k1, justOver(90))],
    expect: { [k1]: "fail" },
  },
  {
    name: "a disabled key is past caring, even where nobody knows its use",
    records: [user("bot"), key("k1", "bot", { ...old, enabled: false })],
    hidden: [{ facts: ["usage"], reason: "iam:GenerateCredentialReport was denied" }],
    expect: { [k1]: "pass" },
  },
  {
    name: "the busy neighbour does not help an idle key",
    records: [
      user("bot"),
      key("k1", "bot", old),
      key("k2", "bot", old),
      used(k1, daysAgo(200)),
      used(at("access-key", "k2"), daysAgo(1)),
    ],
    expect: { [k1]: "fail", [at("access-key", "k2")]: "pass" },
  },
  {
    name: "a key that was never used has a rule of its own",
    records: [user("bot"), key("k1", "bot", old), used(k1, null)],
    expect: { [k1]: "pass" },
  },
  {
    name: "a password that was last used 210 days ago",
    records: [user("ann"), password("ann", old), used(at("password", "ann"), daysAgo(210))],
    expect: { [at("password", "ann")]: "fail" },
  },
  {
    name: "the report was refused",
    records: [user("bot"), key("k1", "bot", old)],
    hidden: [{ facts: ["usage"], reason: "iam:GenerateCredentialReport was denied" }],
    expect: { [k1]: "unknown" },
  },
  {
    name: "unused, but whether it is enabled is not known",
    records: [
      user("bot"),
      key("k1", "bot", { ...old, enabled: unknown("iam:ListAccessKeys was denied") }),
      used(k1, daysAgo(200)),
    ],
    expect: { [k1]: "unknown" },
  },
  {
    name: "used yesterday, so its state does not matter",
    records: [
      user("bot"),
      key("k1", "bot", { ...old, enabled: unknown("iam:ListAccessKeys was denied") }),
      used(k1, daysAgo(1)),
    ],
    expect: { [k1]: "pass" },
  },
  {
    name: "nobody watches service-specific credentials",
    records: [user("bot"), credential("service-specific-credential", "git", at("user", "bot"), old)],
    hidden: [{ facts: ["usage"], reason: "AWS does not tell when a service-specific credential was used" }],
    expect: { [at("service-specific-credential", "git")]: "unknown" },
  },
  {
    name: "certificates are judged by their own rules",
    records: [
      user("bot"),
      credential("signing-certificate", "c", at("user", "bot"), { ...old, secrecy: "certificate" }),
    ],
    expect: {},
  },
]);
