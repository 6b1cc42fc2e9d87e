import { defineRule } from "../sdk/index.ts";
import { CARED_FOR_ELSEWHERE, awsGuide, caredForHere, dayOf, named, owaspPage } from "./support.ts";

export default defineRule({
  id: "no-owner",
  title: "Nobody answers for this identity",
  owasp: ["NHI1:2025"],
  severity: "low",
  maturity: "stable",
  rationale:
    "When a key leaks or a job stops, somebody has to say whether the identity may be switched off. Without an owner nobody dares to, and identities without owners are the ones that stay for ever.",
  params: {
    confidence: {
      default: 1,
      unit: "percent",
      min: 0,
      max: 100,
      doc: "How sure a claim of ownership must be to count, from 0 (any hint) to 100 (somebody's signature)",
    },
  },
  subject: "identity",
  population: "coalesce(nature, 'unknown') <> 'human' and kind <> 'root'",
  needs: ["owner"],
  settled: CARED_FOR_ELSEWHERE,
  query: `
    select i.urn as subject, i.kind, i.name, i.created_at
    from identity i
    where coalesce(i.nature, 'unknown') <> 'human' and i.kind <> 'root' and ${caredForHere("i")}
      and not exists (select 1 from owner o where o.subject = i.urn and o.confidence >= @confidence)`,
  explain: (row) => `Nobody is named as owner of the ${named(row)}, created ${dayOf(row, "created_at")}.`,
  remediation: [
    {
      for: "aws",
      steps: [
        "Find who made it (CloudTrail keeps CreateUser and CreateRole for 90 days) and which team's workload uses it.",
        "Tag it with a team, not a person: `owner` or `team`, as the configuration reads them.",
        "Put the tag into the infrastructure code that creates the identity, so that it stays.",
        "If nobody claims it within a month, treat it as unused: disable, watch, delete.",
      ],
      docs: awsGuide("id_tags"),
    },
  ],
  resolvedBy: "A tag, the catalog or an override names an owner.",
  references: [owaspPage("NHI1:2025")],
});
