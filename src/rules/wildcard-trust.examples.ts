import { defineExamples, unknown } from "../sdk/index.ts";
import rule from "./wildcard-trust.ts";
import { at, role, trust } from "./example-records.ts";

const app = at("role", "app");
const t1 = at("trust", "t1");
const anyone = { party: "anyone", principal: "*", partyScope: null, partyRelation: null } as const;
const inOrganization = { StringEquals: { "aws:PrincipalOrgID": "o-acme" } };

export default defineExamples(rule, [
  { name: "everyone, without a condition", records: [role("app"), trust("t1", app, anyone)], expect: { [t1]: "fail" } },
  {
    name: "an external id is not a pin",
    records: [
      role("app"),
      trust("t1", app, { ...anyone, externalId: true, conditions: { StringEquals: { "sts:ExternalId": "acme" } } }),
    ],
    expect: { [t1]: "fail" },
  },
  {
    name: "everyone of one organization",
    records: [role("app"), trust("t1", app, { ...anyone, pinned: true, conditions: inOrganization })],
    expect: { [t1]: "pass" },
  },
  { name: "a named account", records: [role("app"), trust("t1", app)], expect: { [t1]: "pass" } },
  {
    name: "a star that denies keeps people out",
    records: [
      role("app"),
      trust("t1", app),
      trust("t2", app, {
        ...anyone,
        effect: "deny",
        conditions: { StringNotEquals: { "aws:PrincipalOrgID": "o-acme" } },
      }),
    ],
    expect: { [t1]: "pass" },
  },
  {
    name: "whoever is let in is thrown out again",
    records: [role("app"), trust("t1", app, anyone), trust("t2", app, { ...anyone, effect: "deny" })],
    expect: { [t1]: "pass" },
  },
  {
    name: "a denial under a condition does not close the door",
    records: [
      role("app"),
      trust("t1", app, anyone),
      trust("t2", app, { ...anyone, effect: "deny", conditions: { Bool: { "aws:MultiFactorAuthPresent": "false" } } }),
    ],
    expect: { [t1]: "fail" },
  },
  {
    name: "conditions that are not modelled",
    records: [
      role("app"),
      trust("t1", app, { ...anyone, pinned: unknown("the condition ForAnyValue:… is not modelled") }),
    ],
    expect: { [t1]: "unknown" },
  },
  {
    name: "the trust policies could not be read again",
    records: [role("app"), trust("t1", app, anyone)],
    hidden: [{ facts: ["trust"], reason: "iam:GetAccountAuthorizationDetails was denied" }],
    expect: { [t1]: "unknown" },
  },
  {
    name: "a named account under conditions that are not modelled",
    records: [role("app"), trust("t1", app, { pinned: unknown("not modelled") })],
    expect: { [t1]: "pass" },
  },
  {
    name: "a named account, and the trust policies could not be read again",
    records: [role("app"), trust("t1", app)],
    hidden: [{ facts: ["trust"], reason: "iam:GetAccountAuthorizationDetails was denied" }],
    expect: { [t1]: "pass" },
  },
]);
