import { defineExamples, unknown } from "../sdk/index.ts";
import rule from "./deleted-principal-residue.ts";
import { at, role, trust } from "./example-records.ts";

const app = at("role", "app");
const t1 = at("trust", "t1");
const t2 = at("trust", "t2");
const nobody = unknown("the principal was deleted");
const gone = {
  party: "deleted",
  principal: "AROAEXAMPLE1234567890",
  partyScope: nobody,
  partyRelation: nobody,
} as const;

export default defineExamples(rule, [
  {
    name: "a bare id where a role used to be",
    records: [role("app"), trust("t1", app, gone), trust("t2", app)],
    expect: { [t1]: "fail", [t2]: "pass" },
  },
  {
    name: "a role that is still there",
    records: [role("app"), trust("t1", app, { party: "identity", principal: "arn:aws:iam::111122223333:role/AROA" })],
    expect: { [t1]: "pass" },
  },
  {
    name: "a denial of somebody who is gone harms nobody",
    records: [role("app"), trust("t1", app, { ...gone, effect: "deny" })],
    expect: {},
  },
  {
    name: "the trust policies could not be read again",
    records: [role("app"), trust("t1", app, gone), trust("t2", app)],
    hidden: [{ facts: ["trust"], reason: "iam:GetAccountAuthorizationDetails was denied" }],
    expect: { [t1]: "unknown", [t2]: "pass" },
  },
]);
