import { defineExamples, unknown } from "../sdk/index.ts";
import rule from "./never-used-credential.ts";
import { at, daysAgo, justOver, key, used, user } from "./example-records.ts";

const k1 = at("access-key", "k1");

export default defineExamples(rule, [
  {
    name: "31 days old and never used",
    records: [user("bot"), key("k1", "bot", { createdAt: daysAgo(31) }), used(k1, null)],
    expect: { [k1]: "fail" },
  },
  {
    name: "29 days old and never used",
    records: [user("bot"), key("k1", "bot", { createdAt: daysAgo(29) }), used(k1, null)],
    expect: { [k1]: "pass" },
  },
  {
    name: "exactly 30 days old",
    records: [user("bot"), key("k1", "bot", { createdAt: daysAgo(30) }), used(k1, null)],
    expect: { [k1]: "pass" },
  },
  {
    name: "a millisecond older",
    records: [user("bot"), key("k1", "bot", { createdAt: justOver(30) }), used(k1, null)],
    expect: { [k1]: "fail" },
  },
  {
    name: "used once, years ago, is not never",
    records: [user("bot"), key("k1", "bot", { createdAt: daysAgo(1500) }), used(k1, daysAgo(1400))],
    expect: { [k1]: "pass" },
  },
  {
    name: "disabled",
    records: [user("bot"), key("k1", "bot", { createdAt: daysAgo(200), enabled: false }), used(k1, null)],
    expect: { [k1]: "pass" },
  },
  {
    name: "no use in the last 400 days does not say never of an older key",
    records: [
      user("bot"),
      key("k1", "bot", { createdAt: daysAgo(500) }),
      used(k1, null, { observedFrom: daysAgo(400) }),
    ],
    expect: { [k1]: "unknown" },
  },
  {
    name: "observations that reach back to its creation do",
    records: [
      user("bot"),
      key("k1", "bot", { createdAt: daysAgo(300) }),
      used(k1, null, { observedFrom: daysAgo(400) }),
    ],
    expect: { [k1]: "fail" },
  },
  {
    name: "the report was refused",
    records: [user("bot"), key("k1", "bot", { createdAt: daysAgo(200) })],
    hidden: [{ facts: ["usage"], reason: "iam:GenerateCredentialReport was denied" }],
    expect: { [k1]: "unknown" },
  },
  {
    name: "the report was refused, but the key is a week old",
    records: [user("bot"), key("k1", "bot", { createdAt: daysAgo(7) })],
    hidden: [{ facts: ["usage"], reason: "iam:GenerateCredentialReport was denied" }],
    expect: { [k1]: "pass" },
  },
  {
    name: "its age is unknown",
    records: [user("bot"), key("k1", "bot", { createdAt: unknown("the listing left it out") }), used(k1, null)],
    expect: { [k1]: "unknown" },
  },
  {
    name: "never used, but whether it is enabled is not known",
    records: [
      user("bot"),
      key("k1", "bot", { createdAt: daysAgo(200), enabled: unknown("iam:ListAccessKeys was denied") }),
      used(k1, null),
    ],
    expect: { [k1]: "unknown" },
  },
]);
