import { defineRule } from "../sdk/index.ts";
import { awsGuide, named, owaspPage, textOf } from "./support.ts";

export default defineRule({
  id: "service-user-console-without-mfa",
  title: "Service identity can sign in interactively with a password alone",
  owasp: ["NHI4:2025", "NHI10:2025"],
  severity: "high",
  maturity: "stable",
  rationale:
    "A machine does not need a console password, so the password is there for people who share it. Without a second factor, whoever guesses or finds it is in, and the logs show the machine's name.",
  params: {},
  subject: "identity",
  population: "nature in ('machine', 'agent')",
  needs: ["identity.mfaEnabled", "credential", "credential.enabled"],
  settled: "mfa_enabled = 1",
  doubt: `
    select i.urn as subject, 'whether its password is enabled is not known' as reason
    from identity i
    where i.nature in ('machine', 'agent') and i.mfa_enabled = 0
      and i.urn in (select c.identity from credential c where c.kind = 'password' and c.enabled_known = 0)
      and not exists (select 1 from credential c where c.identity = i.urn and c.kind = 'password' and c.enabled_known = 1 and c.enabled = 1)`,
  query: `
    select i.urn as subject, i.kind, i.name, i.nature_reason, c.last_used_at as password_last_used_at
    from credential c join identity i on i.urn = c.identity
    where c.kind = 'password' and c.enabled_known = 1 and c.enabled = 1
      and i.nature in ('machine', 'agent') and i.mfa_enabled = 0`,
  explain: (row) =>
    `The ${named(row)} is a machine (${textOf(row, "nature_reason", "by its nature")}) and can sign in to the console with a password and no second factor.`,
  remediation: [
    {
      for: "aws",
      steps: [
        "Find out which people sign in with the password, and give each of them an identity of their own (IAM Identity Center).",
        "Require a second factor on the user until they have moved.",
        "Watch the password's last-used date until it stops moving.",
        "Delete the console password; the user's keys are not touched by that.",
      ],
      docs: awsGuide("id_credentials_passwords_admin-change-user"),
    },
  ],
  resolvedBy: "The password is removed or a second factor is enabled.",
  references: [owaspPage("NHI4:2025"), owaspPage("NHI10:2025"), awsGuide("id_credentials_mfa")],
});
