import { defineExamples, unknown } from "../sdk/index.ts";
import type { TrustRecord } from "../sdk/index.ts";
import rule from "./oidc-trust-unbounded.ts";
import { at, role, trust } from "./example-records.ts";

const t1 = at("trust", "t1");
const GITHUB = "https://token.actions.githubusercontent.com";

function oidc(facts: Partial<Omit<TrustRecord, "type" | "urn">>): readonly [ReturnType<typeof role>, TrustRecord] {
  return [
    role("ci"),
    trust("t1", at("role", "ci"), {
      mechanism: "oidc-federation",
      party: "issuer",
      principal: "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
      issuer: GITHUB,
      partyScope: null,
      partyRelation: null,
      externalId: null,
      subjects: ["repo:acme/shop:ref:refs/heads/main"],
      audiences: ["sts.amazonaws.com"],
      ...facts,
    }),
  ];
}

const example = (
  name: string,
  verdict: "fail" | "pass" | "unknown",
  facts: Partial<Omit<TrustRecord, "type" | "urn">>,
) => ({
  name,
  records: oidc(facts),
  expect: { [t1]: verdict },
});

export default defineExamples(rule, [
  example("any subject", "fail", { subjects: null }),
  example("any repository of anybody", "fail", { subjects: ["repo:*"] }),
  example("any text at all", "fail", { subjects: ["*"] }),
  example("whatever case it is written in", "fail", { subjects: ["REPO:*/Shop:*"] }),
  example("an organization whose name only begins like ours", "fail", { subjects: ["repo:acme-*/deploy:*"] }),
  example("a single wildcard letter in the organization's name", "fail", { subjects: ["repo:acm?/shop:*"] }),
  example("one open pattern among bounded ones", "fail", { subjects: ["repo:acme/shop:*", "repo:*/shop:*"] }),
  example("any audience", "fail", { audiences: null }),
  example("any audience, written as a wildcard", "fail", { audiences: ["*"] }),
  example("any audience that is not empty, beside a named one", "fail", { audiences: ["sts.amazonaws.com", "?*"] }),
  example("any audience, where another claim is named", "fail", { subjects: null, pinned: true, audiences: ["*"] }),
  example("one branch of one repository", "pass", {}),
  example("any repository of one organization", "pass", { subjects: ["repo:acme/*:environment:production"] }),
  example("several repositories of one organization", "pass", { subjects: ["repo:acme/shop:*", "repo:acme/search:*"] }),
  example("a namespace of one cluster", "pass", {
    issuer: "https://oidc.eks.eu-central-1.amazonaws.com/id/ABC",
    subjects: ["system:serviceaccount:shop:*"],
  }),
  example("audiences that begin alike", "pass", { audiences: ["https://github.com/acme/*"] }),
  example("an audience that is a star, taken literally, or empty", "pass", { audiences: ["${*}", ""] }),
  example("a star that its operator takes literally", "pass", { subjects: ["repo:${*}"] }),
  example("a Cognito pool is named by its audience", "pass", {
    issuer: "https://cognito-identity.amazonaws.com",
    subjects: null,
    audiences: ["eu-central-1:2f1b"],
  }),
  example("no subject, but another claim is named", "unknown", { subjects: null, pinned: true }),
  example("no subject, and the other conditions are not modelled", "unknown", {
    subjects: null,
    pinned: unknown("not modelled"),
  }),
  example("the subject's condition is not modelled", "unknown", {
    subjects: unknown("the condition StringNotLike is not modelled"),
  }),
  example("the audience's condition is not modelled", "unknown", {
    audiences: unknown("the condition StringNotLike is not modelled"),
  }),
  {
    name: "other ways in, and denials, are not judged",
    records: [
      role("ci"),
      trust("t1", at("role", "ci")),
      ...oidc({ effect: "deny", subjects: null })
        .slice(1)
        .map((record) => ({ ...record, urn: at("trust", "t2") })),
    ],
    expect: {},
  },
  example("no subject, and the issuer is unknown", "unknown", {
    subjects: null,
    issuer: unknown("the principal is not a provider's ARN"),
  }),
  {
    name: "the trust policies could not be read again",
    records: [...oidc({ subjects: null })],
    hidden: [{ facts: ["trust"], reason: "iam:GetAccountAuthorizationDetails was denied" }],
    expect: { [t1]: "unknown" },
  },
]);
