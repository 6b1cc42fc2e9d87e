import { defineRule } from "../sdk/index.ts";
import { ageInDays, awsGuide, dayOf, named, owaspPage } from "./support.ts";

export default defineRule({
  id: "unused-credential",
  title: "Enabled credential has not been used for a long time",
  owasp: ["NHI1:2025", "NHI7:2025"],
  severity: "medium",
  maturity: "stable",
  rationale:
    "A key or password that nothing uses any more can be switched off without breaking anything, and until then it waits for whoever copied it. " +
    "Other credentials of the same identity may be busy; this one is not. Credentials that were never used at all have a rule of their own.",
  params: {
    window: {
      default: 90,
      unit: "days",
      min: 1,
      max: 400,
      doc: "Days since the last use after which a credential counts as unused",
    },
  },
  subject: "credential",
  population: "secrecy = 'static-secret'",
  needs: ["credential.enabled", { usage: "credential", window: "window" }],
  settled: "enabled = 0 or last_used_at >= @now - @window or created_at >= @now - @window",
  query: `
    select urn as subject, kind, name, identity, created_at, last_used_at, observed_through
    from credential
    where secrecy = 'static-secret' and enabled = 1 and last_used_at < @now - @window`,
  explain: (row, params) =>
    `The ${named(row)} is enabled but was last used ${ageInDays(row, "last_used_at")} days ago, on ${dayOf(row, "last_used_at")}; the window is ${params["window"]} days.`,
  remediation: [
    {
      for: "aws",
      steps: [
        "Ask the identity's owner whether anything still holds this credential.",
        "Deactivate the access key or service-specific credential (it can be activated again); delete a console password.",
        "Watch for one business cycle whether something fails.",
        "Delete the credential.",
      ],
      docs: awsGuide("id_credentials_finding-unused"),
    },
  ],
  resolvedBy: "The credential is disabled, deleted, or used again.",
  references: [owaspPage("NHI1:2025"), awsGuide("id-credentials-access-keys-update")],
});
