import { defineExamples, unknown } from "../sdk/index.ts";
import rule from "./two-active-keys.ts";
import { at, credential, daysAgo, key, password, role, user } from "./example-records.ts";

const bot = at("user", "bot");
const unclear = { enabled: unknown("iam:ListAccessKeys was denied") };

export default defineExamples(rule, [
  {
    name: "two enabled keys",
    records: [user("bot"), key("k1", "bot", { createdAt: daysAgo(60) }), key("k2", "bot", { createdAt: daysAgo(20) })],
    expect: { [bot]: "fail" },
  },
  {
    name: "two keys, one disabled",
    records: [user("bot"), key("k1", "bot", { enabled: false }), key("k2", "bot")],
    expect: { [bot]: "pass" },
  },
  {
    name: "one key and a password",
    records: [user("bot"), key("k1", "bot"), password("bot")],
    expect: { [bot]: "pass" },
  },
  {
    name: "one key each",
    records: [user("bot"), user("cat"), key("k1", "bot"), key("k2", "cat")],
    expect: { [bot]: "pass", [at("user", "cat")]: "pass" },
  },
  {
    name: "the root user is counted as well",
    records: [
      user("root", { kind: "root" }),
      credential("root-access-key", "r1", at("user", "root")),
      credential("root-access-key", "r2", at("user", "root")),
    ],
    expect: { [at("user", "root")]: "fail" },
  },
  {
    name: "one enabled, one unclear",
    records: [user("bot"), key("k1", "bot"), key("k2", "bot", unclear)],
    expect: { [bot]: "unknown" },
  },
  {
    name: "two enabled, one unclear",
    records: [user("bot"), key("k1", "bot"), key("k2", "bot"), key("k3", "bot", unclear)],
    expect: { [bot]: "fail" },
  },
  {
    name: "the keys could not be listed",
    records: [user("bot"), key("k1", "bot")],
    hidden: [{ facts: ["credential"], reason: "iam:ListAccessKeys was denied" }],
    expect: { [bot]: "unknown" },
  },
  { name: "roles have no keys", records: [role("app")], expect: {} },
  {
    name: "the states of the keys were hidden",
    records: [user("bot"), key("k1", "bot")],
    hidden: [{ facts: ["credential.enabled"], reason: "iam:GenerateCredentialReport was denied" }],
    expect: { [bot]: "unknown" },
  },
]);
