import { defineExamples, unknown } from "../sdk/index.ts";
import rule from "./cross-account-trust-without-external-id.ts";
import { OTHER, STRANGER, at, role, trust, trustIn } from "./example-records.ts";

const app = at("role", "app");
const t1 = at("trust", "t1");

export default defineExamples(rule, [
  {
    name: "an outside account without an external id",
    records: [role("app"), trustIn(STRANGER, "t1", app, "outside")],
    expect: { [t1]: "fail" },
  },
  {
    name: "a role of an outside account",
    records: [
      role("app"),
      trustIn(STRANGER, "t1", app, "outside", {
        party: "identity",
        principal: `arn:aws:iam::${STRANGER}:role/crawler`,
      }),
    ],
    expect: { [t1]: "fail" },
  },
  {
    name: "with an external id",
    records: [role("app"), trustIn(STRANGER, "t1", app, "outside", { externalId: true })],
    expect: { [t1]: "pass" },
  },
  {
    name: "a known partner",
    records: [role("app"), trustIn(STRANGER, "t1", app, "partner")],
    expect: { [t1]: "pass" },
  },
  {
    name: "an account of one's own",
    records: [role("app"), trustIn(OTHER, "t1", app, "own")],
    expect: { [t1]: "pass" },
  },
  { name: "the same account", records: [role("app"), trust("t1", app)], expect: { [t1]: "pass" } },
  {
    name: "nobody knows whose account it is",
    records: [role("app"), trustIn(STRANGER, "t1", app, unknown("organizations:ListAccounts was denied"))],
    expect: { [t1]: "unknown" },
  },
  {
    name: "nobody knows whose it is, but it sends an external id",
    records: [
      role("app"),
      trustIn(STRANGER, "t1", app, unknown("organizations:ListAccounts was denied"), { externalId: true }),
    ],
    expect: { [t1]: "pass" },
  },
  {
    name: "outside, and the condition is not modelled",
    records: [
      role("app"),
      trustIn(STRANGER, "t1", app, "outside", { externalId: unknown("the condition is not modelled") }),
    ],
    expect: { [t1]: "unknown" },
  },
  {
    name: "everyone is another rule's matter, and so are tokens and denials",
    records: [
      role("app"),
      trust("t1", app, { party: "anyone", principal: "*", partyScope: null, partyRelation: null }),
      trust("t2", app, { mechanism: "oidc-federation", party: "issuer" }),
      trustIn(STRANGER, "t3", app, "outside", { effect: "deny" }),
    ],
    expect: {},
  },
  {
    name: "the trust policies could not be read again",
    records: [role("app"), trustIn(STRANGER, "t1", app, "outside")],
    hidden: [{ facts: ["trust"], reason: "iam:GetAccountAuthorizationDetails was denied" }],
    expect: { [t1]: "unknown" },
  },
]);
