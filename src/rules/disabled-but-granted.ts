import { defineRule } from "../sdk/index.ts";
import { awsGuide, counted, named, owaspPage } from "./support.ts";

const HOLDS_GRANTS = "exists (select 1 from effective_grant g where g.principal = i.urn and g.effect = 'allow')";

export default defineRule({
  id: "disabled-but-granted",
  title: "Identity was switched off but keeps its permissions",
  owasp: ["NHI1:2025"],
  severity: "low",
  maturity: "stable",
  rationale:
    "Nothing can sign in as this identity: every credential is disabled or gone, or the identity itself is disabled. " +
    "Its permissions are still there, directly or through groups, so that one new key brings back everything it could do. Offboarding stopped half way.",
  params: {},
  subject: "identity",
  population: "kind <> 'root'",
  needs: ["identity.custody", "credential", "credential.enabled", "grant", "membership"],
  settled: "custody <> 'self-held'",
  doubt: `
    select i.urn as subject, 'whether one of its credentials is enabled is not known' as reason
    from identity i
    where i.custody = 'self-held' and i.custody_known = 1
      and not (i.enabled_known = 1 and coalesce(i.enabled, 1) = 0)
      and i.urn in (select c.identity from credential c where c.enabled_known = 0)
      and not exists (select 1 from credential c where c.identity = i.urn and c.enabled_known = 1 and c.enabled = 1)
      and ${HOLDS_GRANTS}`,
  query: `
    select i.urn as subject, i.kind, i.name,
      (select count(*) from effective_grant g where g.principal = i.urn and g.effect = 'allow') as grants,
      (select count(*) from credential c where c.identity = i.urn) as credentials
    from identity i
    where i.custody = 'self-held' and i.custody_known = 1
      and ((i.enabled_known = 1 and i.enabled = 0)
        or not exists (select 1 from credential c where c.identity = i.urn and (c.enabled = 1 or c.enabled_known = 0)))
      and ${HOLDS_GRANTS}`,
  explain: (row) =>
    Number(row["credentials"]) === 0
      ? `The ${named(row)} has no credential but still holds ${counted(row["grants"], "permission set", "permission sets")}.`
      : `The ${named(row)} has no enabled way to sign in (${counted(row["credentials"], "disabled credential", "disabled credentials")}) but still holds ${counted(row["grants"], "permission set", "permission sets")}.`,
  remediation: [
    {
      for: "aws",
      steps: [
        "Confirm with the owner that the identity is not meant to come back.",
        "Write down its groups and policies, then detach the policies, delete the inline ones and take it out of its groups.",
        "Watch for one business cycle.",
        "Delete its disabled credentials, then the user.",
      ],
      docs: awsGuide("id_users_remove"),
    },
  ],
  resolvedBy: "The permissions are taken away, the identity is deleted, or one of its credentials is enabled again.",
  references: [owaspPage("NHI1:2025")],
});
