import { defineRule } from "../sdk/index.ts";
import { awsGuide, owaspPage, trusting } from "./support.ts";

export default defineRule({
  id: "deleted-principal-residue",
  title: "Trust names a principal that was deleted",
  owasp: ["NHI1:2025"],
  severity: "low",
  maturity: "stable",
  rationale:
    "Somebody was offboarded, and the door that was opened for them was left in the policy. The id can never come back, so nothing gets in by it; but it shows that nobody looked after this trust, and it hides what the rest of the policy admits.",
  params: {},
  subject: "trust",
  population: "effect = 'allow'",
  needs: ["trust"],
  settled: "party <> 'deleted'",
  query: `
    select t.urn as subject, t.identity, i.kind, i.name, t.principal
    from trust t left join identity i on i.urn = t.identity
    where t.effect = 'allow' and t.party = 'deleted'`,
  explain: (row) =>
    `The trust of the ${trusting(row)} still names ${JSON.stringify(row["principal"])}, which was deleted.`,
  remediation: [
    {
      for: "aws",
      steps: [
        "Read the whole trust policy and ask the owner who else should be in it.",
        "If the deleted principal was replaced, add its successor by ARN.",
        "Remove the bare AROA… or AIDA… id from the trust policy; nothing can be using it.",
        "Delete the role if nothing else is left to trust.",
      ],
      docs: awsGuide("reference_identifiers"),
    },
  ],
  resolvedBy: "The deleted principal's id is removed from the trust policy.",
  references: [owaspPage("NHI1:2025"), awsGuide("reference_policies_elements_principal")],
});
