import { defineExamples, unknown } from "../sdk/index.ts";
import rule from "./crosses-production-boundary.ts";
import { HOME, OTHER, STRANGER, account, at, role, trust, trustIn } from "./example-records.ts";

const app = at("role", "app");
const THIRD = "777788889999";
const production = account(HOME, "production");
const staging = account(OTHER, "staging");
const development = account(THIRD, "development");
const notSaid = unknown("the configuration does not say what production is");

export default defineExamples(rule, [
  {
    name: "a production role that staging may assume",
    records: [production, staging, role("app"), trustIn(OTHER, "t1", app, "own")],
    expect: { [app]: "fail" },
  },
  {
    name: "a production role that an account without any environment may assume",
    records: [production, account(OTHER, null), role("app"), trustIn(OTHER, "t1", app, "own")],
    expect: { [app]: "fail" },
  },
  {
    name: "a production role that another production account may assume",
    records: [production, account(OTHER, "production"), role("app"), trustIn(OTHER, "t1", app, "own")],
    expect: { [app]: "pass" },
  },
  {
    name: "a production role that its own account may assume",
    records: [production, role("app"), trust("t1", app)],
    expect: { [app]: "pass" },
  },
  {
    name: "a role of a third account that both may assume",
    records: [
      production,
      staging,
      development,
      role("app", {}, THIRD),
      trustIn(HOME, "t1", at("role", "app", THIRD), "own"),
      trustIn(OTHER, "t2", at("role", "app", THIRD), "own"),
    ],
    expect: { [at("role", "app", THIRD)]: "fail" },
  },
  {
    name: "a role that staging and development may assume",
    records: [
      production,
      staging,
      development,
      role("app", {}, OTHER),
      trustIn(THIRD, "t1", at("role", "app", OTHER), "own"),
      trustIn(OTHER, "t2", at("role", "app", OTHER), "same-scope"),
    ],
    expect: { [at("role", "app", OTHER)]: "pass" },
  },
  {
    name: "staging's own role that production may assume as well",
    records: [
      production,
      staging,
      role("app", {}, OTHER),
      trustIn(HOME, "t1", at("role", "app", OTHER), "own"),
      trustIn(OTHER, "t2", at("role", "app", OTHER), "same-scope"),
    ],
    expect: { [at("role", "app", OTHER)]: "fail" },
  },
  {
    name: "outsiders are another rule's matter",
    records: [production, role("app"), trustIn(STRANGER, "t1", app, "outside")],
    expect: { [app]: "pass" },
  },
  {
    name: "the role itself is tagged as production in a shared account",
    records: [
      account(HOME, "shared"),
      staging,
      role("app", { environment: "production" }),
      trustIn(OTHER, "t1", app, "own"),
    ],
    expect: { [app]: "fail" },
  },
  {
    name: "a denial is no way in",
    records: [production, staging, role("app"), trustIn(OTHER, "t1", app, "own", { effect: "deny" })],
    expect: { [app]: "pass" },
  },
  {
    name: "the environment at the far end is unknown",
    records: [production, account(OTHER, notSaid), role("app"), trustIn(OTHER, "t1", app, "own")],
    expect: { [app]: "unknown" },
  },
  {
    name: "nobody said what production is",
    records: [
      account(HOME, notSaid),
      account(OTHER, notSaid),
      role("app"),
      trust("t1", app),
      trustIn(OTHER, "t2", app, "own"),
    ],
    expect: { [app]: "unknown" },
  },
  {
    name: "nobody said what production is, but nobody comes from elsewhere either",
    records: [account(HOME, notSaid), role("app"), trust("t1", app)],
    expect: { [app]: "pass" },
  },
  {
    name: "the trust policies could not be read",
    records: [production, staging, role("app")],
    hidden: [{ facts: ["trust"], reason: "iam:GetAccountAuthorizationDetails was denied" }],
    expect: { [app]: "unknown" },
  },
  {
    name: "which accounts the trusts name was hidden",
    records: [production, staging, role("app")],
    hidden: [{ facts: ["trust.partyScope"], reason: "organizations:ListAccounts was denied" }],
    expect: { [app]: "unknown" },
  },
  {
    name: "whose accounts those are was hidden",
    records: [production, staging, role("app")],
    hidden: [{ facts: ["trust.partyRelation"], reason: "organizations:ListAccounts was denied" }],
    expect: { [app]: "unknown" },
  },
]);
