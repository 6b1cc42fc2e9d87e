import { defineRule } from "../sdk/index.ts";
import { named, owaspPage } from "./support.ts";

/** Ways in from scopes of the same organization, with the environment at the far end. */
const WAYS = `
  select t.identity, t.principal, t.party_scope, t.party_relation, p.environment, p.environment_known
  from trust t join scope p on p.urn = t.party_scope
  where t.effect = 'allow' and t.party_scope_known = 1
    and t.party_relation_known = 1 and t.party_relation in ('same-scope', 'own')`;

/** The identity's own environment, or its scope's; NULL where neither is known. */
const ENVIRONMENT = `
  case when i.environment_known = 1 and i.environment is not null then i.environment
    when s.environment_known = 1 then coalesce(s.environment, 'none') end`;

const PRODUCTION = "w.environment_known = 1 and w.environment = 'production'";
const ELSEWHERE = "w.environment_known = 1 and coalesce(w.environment, 'none') <> 'production'";

const SUMMARY = `
  select w.identity,
    max(case when ${PRODUCTION} then 1 else 0 end) as from_production,
    max(case when ${ELSEWHERE} then 1 else 0 end) as from_elsewhere,
    max(case when ${ELSEWHERE} and w.party_relation = 'own' then 1 else 0 end) as from_other_elsewhere,
    max(case when w.environment_known = 0 then 1 else 0 end) as from_unclear,
    max(case when w.environment_known = 0 and w.party_relation = 'own' then 1 else 0 end) as from_other_unclear,
    count(distinct w.party_scope) as scopes,
    min(case when ${ELSEWHERE} then w.principal end) as principal
  from (${WAYS}) w group by w.identity`;

const CROSSES = `((x.from_production = 1 and x.from_elsewhere = 1)
  or (coalesce(x.environment, 'none') = 'production' and x.from_other_elsewhere = 1))`;

export default defineRule({
  id: "crosses-production-boundary",
  title: "Identity joins production with another environment",
  owasp: ["NHI8:2025"],
  severity: "high",
  maturity: "stable",
  rationale:
    "Test environments have weaker gates, more people and more experiments. An identity that can be assumed from there and reaches production, or that is assumed from both, carries an attacker across the line that the environments were separated for. What counts as production is yours to say in the configuration.",
  params: {},
  subject: "identity",
  population: "kind <> 'root'",
  needs: ["trust", "trust.partyScope", "trust.partyRelation"],
  doubt: `
    select x.urn as subject, 'the environment of a scope that it joins is not known' as reason
    from (
      select i.urn, ${ENVIRONMENT} as environment, m.from_production, m.from_elsewhere, m.from_unclear,
        m.from_other_elsewhere, m.from_other_unclear, m.scopes
      from (${SUMMARY}) m join identity i on i.urn = m.identity left join scope s on s.urn = i.scope
    ) x
    where not ${CROSSES}
      and ((x.from_unclear = 1 and x.scopes > 1)
        or (coalesce(x.environment, 'production') = 'production' and x.from_other_unclear = 1)
        or (x.environment is null and x.from_other_elsewhere = 1))`,
  query: `
    select x.urn as subject, x.kind, x.name, coalesce(x.environment, 'none') as environment, x.from_production, x.principal
    from (
      select i.urn, i.kind, i.name, ${ENVIRONMENT} as environment, m.from_production, m.from_elsewhere, m.from_other_elsewhere, m.principal
      from (${SUMMARY}) m join identity i on i.urn = m.identity left join scope s on s.urn = i.scope
    ) x
    where ${CROSSES}`,
  explain: (row) =>
    row["environment"] === "production"
      ? `The ${named(row)} belongs to production and can be assumed from outside it, by ${JSON.stringify(row["principal"])}.`
      : `The ${named(row)} can be assumed both from production and from elsewhere (${JSON.stringify(row["principal"])}).`,
  remediation: [
    {
      for: "aws",
      steps: [
        "Create one role per environment, each trusting only accounts of its own environment.",
        "Move the callers to the role of their environment.",
        "Watch CloudTrail AssumeRole events until the crossing calls stop.",
        "Remove the crossing principals from the trust policy.",
        "Delete the shared role if nothing is left of it.",
      ],
      docs: "https://docs.aws.amazon.com/whitepapers/latest/organizing-your-aws-environment/organizing-your-aws-environment.html",
    },
  ],
  resolvedBy: "Every way into the identity comes from one side of the production boundary.",
  references: [owaspPage("NHI8:2025")],
});
