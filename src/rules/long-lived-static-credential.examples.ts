import { defineExamples, unknown } from "../sdk/index.ts";
import rule from "./long-lived-static-credential.ts";
import { at, credential, daysAgo, justOver, key, password, user } from "./example-records.ts";

const k1 = at("access-key", "k1");

export default defineExamples(rule, [
  {
    name: "an enabled key 91 days old",
    records: [user("bot"), key("k1", "bot", { createdAt: daysAgo(91) })],
    expect: { [k1]: "fail" },
  },
  {
    name: "an enabled key 89 days old",
    records: [user("bot"), key("k1", "bot", { createdAt: daysAgo(89) })],
    expect: { [k1]: "pass" },
  },
  {
    name: "exactly 90 days old",
    records: [user("bot"), key("k1", "bot", { createdAt: daysAgo(90) })],
    expect: { [k1]: "pass" },
  },
  {
    name: "a millisecond older",
    records: [user("bot"), key("k1", "bot", { createdAt: justOver(90) })],
    expect: { [k1]: "fail" },
  },
  {
    name: "disabled",
    records: [user("bot"), key("k1", "bot", { createdAt: daysAgo(900), enabled: false })],
    expect: { [k1]: "pass" },
  },
  {
    name: "old, but its secret was set anew 20 days ago",
    records: [user("bot"), key("k1", "bot", { createdAt: daysAgo(900), rotatedAt: daysAgo(20) })],
    expect: { [k1]: "pass" },
  },
  {
    name: "set anew, but that too is long ago",
    records: [user("bot"), key("k1", "bot", { createdAt: daysAgo(900), rotatedAt: daysAgo(400) })],
    expect: { [k1]: "fail" },
  },
  {
    name: "never set anew",
    records: [user("bot"), key("k1", "bot", { createdAt: daysAgo(200), rotatedAt: null })],
    expect: { [k1]: "fail" },
  },
  {
    name: "a service-specific credential ages as well",
    records: [
      user("bot"),
      credential("service-specific-credential", "git", at("user", "bot"), { createdAt: daysAgo(120) }),
    ],
    expect: { [at("service-specific-credential", "git")]: "fail" },
  },
  {
    name: "passwords and certificates are not judged",
    records: [
      user("bot"),
      password("bot", { createdAt: daysAgo(900) }),
      credential("signing-certificate", "c", at("user", "bot"), { secrecy: "certificate", createdAt: daysAgo(900) }),
    ],
    expect: {},
  },
  {
    name: "its age is unknown",
    records: [user("bot"), key("k1", "bot", { createdAt: unknown("iam:ListAccessKeys was denied") })],
    expect: { [k1]: "unknown" },
  },
  {
    name: "its age is unknown, but it is disabled",
    records: [user("bot"), key("k1", "bot", { createdAt: unknown("iam:ListAccessKeys was denied"), enabled: false })],
    expect: { [k1]: "pass" },
  },
  {
    name: "old, and its state is unknown",
    records: [
      user("bot"),
      key("k1", "bot", { createdAt: daysAgo(400), enabled: unknown("iam:ListAccessKeys was denied") }),
    ],
    expect: { [k1]: "unknown" },
  },
  {
    name: "young, and its state is unknown",
    records: [
      user("bot"),
      key("k1", "bot", { createdAt: daysAgo(4), enabled: unknown("iam:ListAccessKeys was denied") }),
    ],
    expect: { [k1]: "pass" },
  },
]);
