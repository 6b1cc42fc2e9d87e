import { defineRule } from "../sdk/index.ts";
import { awsGuide, named, owaspPage, textOf } from "./support.ts";

export default defineRule({
  id: "administrator",
  title: "Identity can do everything",
  owasp: ["NHI5:2025"],
  severity: "critical",
  maturity: "stable",
  rationale:
    "Whoever holds this identity holds the account: its data, its logs and every other identity in it. " +
    "The answer comes from what the policies say, so a renamed copy of an administrator policy counts and a policy that is merely called admin does not; permissions boundaries and denials are taken into account, service control policies are not.",
  params: {},
  subject: "identity",
  population: "kind <> 'root'",
  needs: ["grant", "membership", "permission-set.document"],
  // Only AWS can assume a service-linked role, and only AWS writes its policy.
  settled: "custody = 'platform-held'",
  doubt: `
    select urn as subject, 'its privilege is not certain: ' || coalesce(privilege_reason, 'it was not judged') as reason
    from identity
    where kind <> 'root' and (privilege = 'unknown' or (privilege = 'admin' and coalesce(privilege_certainty, 'possible') <> 'certain'))
    union all
    select g.principal as subject, 'a policy that it holds could not be read' as reason
    from effective_grant g
    where g.permission_set in (select p.urn from permission_set p where p.document_known = 0)`,
  query: `
    select urn as subject, kind, name, privilege_reason
    from identity
    where kind <> 'root' and privilege = 'admin' and privilege_certainty = 'certain' and coalesce(custody, '') <> 'platform-held'`,
  explain: (row) => `The ${named(row)} is an administrator: ${textOf(row, "privilege_reason")}.`,
  remediation: [
    {
      for: "aws",
      steps: [
        "Create a policy with what the identity did in the last 90 days (Access Analyzer can generate it from CloudTrail).",
        "Attach it beside the present one, with a permissions boundary that still allows everything needed.",
        "Watch CloudTrail and service last-accessed data for calls that only the administrator policy allowed.",
        "Detach the administrator policy; attach it again at once if something fails.",
        "Delete the administrator policy if nothing else holds it.",
      ],
      docs: awsGuide("access-analyzer-policy-generation"),
    },
  ],
  resolvedBy: "The identity's policies no longer allow every action on every resource.",
  references: [owaspPage("NHI5:2025"), awsGuide("best-practices"), awsGuide("access_policies_boundaries")],
});
