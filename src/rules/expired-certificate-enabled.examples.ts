import { EXAMPLE_NOW, defineExamples, unknown } from "../sdk/index.ts";
import rule from "./expired-certificate-enabled.ts";
import { accountUrn, at, credential, daysAgo, HOME, key, user } from "./example-records.ts";

const c1 = at("signing-certificate", "c1");
const signing = (facts: object) => [
  user("soap"),
  credential("signing-certificate", "c1", at("user", "soap"), { secrecy: "certificate", ...facts }),
];
const example = (name: string, verdict: "fail" | "pass" | "unknown", facts: object) => ({
  name,
  records: signing(facts),
  expect: { [c1]: verdict },
});

export default defineExamples(rule, [
  example("expired 40 days ago and enabled", "fail", { expiresAt: daysAgo(40) }),
  example("expired a millisecond ago", "fail", { expiresAt: EXAMPLE_NOW - 1 }),
  example("expires now", "pass", { expiresAt: EXAMPLE_NOW }),
  example("expires in 90 days", "pass", { expiresAt: daysAgo(-90) }),
  example("expired and disabled", "pass", { expiresAt: daysAgo(40), enabled: false }),
  example("never expires", "pass", { expiresAt: null }),
  {
    name: "a server certificate belongs to the account",
    records: [
      credential("server-certificate", "s1", accountUrn(HOME), { secrecy: "certificate", expiresAt: daysAgo(25) }),
    ],
    expect: { [at("server-certificate", "s1")]: "fail" },
  },
  example("expired, and whether it is enabled is unknown", "unknown", {
    expiresAt: daysAgo(40),
    enabled: unknown("denied"),
  }),
  example("enabled, and its end is unknown", "unknown", { expiresAt: unknown("the certificate could not be parsed") }),
  example("disabled, and its end is unknown", "pass", {
    expiresAt: unknown("the certificate could not be parsed"),
    enabled: false,
  }),
  {
    name: "a key is not a certificate",
    records: [user("bot"), key("k1", "bot", { expiresAt: daysAgo(40) })],
    expect: {},
  },
]);
