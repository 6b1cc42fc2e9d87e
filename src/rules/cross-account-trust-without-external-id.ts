import { defineRule } from "../sdk/index.ts";
import { awsGuide, owaspPage, trusting } from "./support.ts";

const CROSS_ACCOUNT = "effect = 'allow' and mechanism = 'assume-role' and party in ('account', 'identity')";

export default defineRule({
  id: "cross-account-trust-without-external-id",
  title: "Unknown outside account may assume the identity without an external id",
  owasp: ["NHI3:2025", "NHI4:2025"],
  severity: "high",
  maturity: "stable",
  rationale:
    "A vendor that acts for many customers from one account can be tricked into acting on the wrong one (the confused deputy). An external id that the vendor sends for you alone prevents that. " +
    "Accounts of your own organization and partners named in the configuration are left out; any other account is nobody you know.",
  params: {},
  subject: "trust",
  population: CROSS_ACCOUNT,
  needs: ["trust", "trust.partyRelation", "trust.externalId"],
  settled: "party_relation in ('same-scope', 'own', 'partner') or external_id = 1",
  query: `
    select t.urn as subject, t.identity, i.kind, i.name, t.principal, t.party_scope, t.pinned
    from trust t left join identity i on i.urn = t.identity
    where t.effect = 'allow' and t.mechanism = 'assume-role' and t.party in ('account', 'identity')
      and t.party_relation = 'outside' and t.external_id = 0`,
  explain: (row) =>
    `The ${trusting(row)} can be assumed by ${JSON.stringify(row["principal"])}, outside the organization and no known partner, without an external id.`,
  remediation: [
    {
      for: "aws",
      steps: [
        "Find out whose account it is. If it is a partner, name it in the configuration; if nobody knows it, treat the trust as an incident.",
        "Agree on an external id with the other side and have them send it: a role that does not ask for it yet ignores it.",
        "Watch CloudTrail until every AssumeRole call carries the external id.",
        "Add the condition on sts:ExternalId to the trust policy.",
      ],
      docs: awsGuide("id_roles_common-scenarios_third-party"),
    },
  ],
  resolvedBy: "The trust requires an external id, the account is named as a partner, or the trust is removed.",
  references: [owaspPage("NHI3:2025"), awsGuide("confused-deputy")],
});
