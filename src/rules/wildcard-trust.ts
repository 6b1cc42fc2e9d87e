import { defineRule } from "../sdk/index.ts";
import { awsGuide, owaspPage, textOf, trusting } from "./support.ts";

export default defineRule({
  id: "wildcard-trust",
  title: "Anyone may become this identity",
  owasp: ["NHI6:2025", "NHI4:2025"],
  severity: "critical",
  maturity: "stable",
  rationale:
    "The trust names everyone and no condition pins it to known accounts, an organization or a source, so any account of the provider may try. " +
    "An external id does not close it: it is an identifier that travels through configuration, not a secret.",
  params: {},
  subject: "trust",
  population: "effect = 'allow'",
  needs: ["trust", "trust.pinned"],
  settled: "party <> 'anyone' or pinned = 1",
  query: `
    select t.urn as subject, t.identity, i.kind, i.name, t.mechanism, t.principal, t.external_id
    from trust t left join identity i on i.urn = t.identity
    where t.effect = 'allow' and t.party = 'anyone' and t.pinned = 0
      and not exists (select 1 from trust d where d.identity = t.identity and d.mechanism = t.mechanism
        and d.effect = 'deny' and d.party = 'anyone' and d.conditions_known = 1 and d.conditions is null)`,
  explain: (row) =>
    `Anyone may become the ${trusting(row)} by ${textOf(row, "mechanism")}: its trust admits ${JSON.stringify(row["principal"])}${row["external_id"] === 1 ? " with an external id only" : " without a condition that pins the caller"}.`,
  remediation: [
    {
      for: "aws",
      steps: [
        "List who really assumes the role (CloudTrail AssumeRole events).",
        "Add statements to the trust policy that name these accounts or roles, or a condition on aws:PrincipalOrgID.",
        "Watch for assume-role calls that only the open statement admits.",
        "Remove the open statement.",
      ],
      docs: awsGuide("reference_policies_elements_principal"),
    },
  ],
  resolvedBy: "The trust names its parties, or a condition pins them.",
  references: [owaspPage("NHI6:2025"), awsGuide("access-analyzer-concepts")],
});
