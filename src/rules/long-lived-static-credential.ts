import { defineRule } from "../sdk/index.ts";
import { DAY } from "../model/index.ts";
import { awsGuide, dayOf, named, owaspPage } from "./support.ts";

const SET_AT = "coalesce(case when rotated_at_known = 1 and rotated_at > created_at then rotated_at end, created_at)";

export default defineRule({
  id: "long-lived-static-credential",
  title: "Static credential is older than its rotation window",
  owasp: ["NHI7:2025"],
  severity: "high",
  maturity: "stable",
  rationale:
    "A secret that never changes keeps working for whoever copied it last year: from a laptop that was sold, a log, a chat, a repository. " +
    "Replacing it puts an end to every copy, known or not. Passwords are left out: people choose them, and rules for people apply.",
  params: {
    maxAge: {
      default: 90,
      unit: "days",
      min: 1,
      max: 3_650,
      doc: "Days after which a static secret should have been replaced",
    },
  },
  subject: "credential",
  population: "secrecy = 'static-secret' and kind <> 'password'",
  needs: ["credential.enabled", "credential.createdAt"],
  settled: "enabled = 0 or created_at >= @now - @maxAge or rotated_at >= @now - @maxAge",
  query: `
    select urn as subject, kind, name, identity, created_at,
      case when rotated_at_known = 1 then rotated_at end as rotated_at, last_used_at, ${SET_AT} as set_at
    from credential
    where secrecy = 'static-secret' and kind <> 'password' and enabled = 1
      and created_at < @now - @maxAge and ${SET_AT} < @now - @maxAge`,
  explain: (row, params) =>
    `The ${named(row)} is enabled and its secret is ${Math.floor((row.now - Number(row["set_at"])) / DAY)} days old, set on ${dayOf(row, "set_at")}; the window is ${params["maxAge"]} days.`,
  remediation: [
    {
      for: "aws",
      steps: [
        "Prefer a role to a key: give the workload an instance profile, an OIDC trust or Roles Anywhere, and skip to watching.",
        "Otherwise create the second key of the user.",
        "Move every place that uses the old key to the new one.",
        "Watch the old key's last-used date until it stops moving.",
        "Deactivate the old key, wait, and delete it.",
      ],
      docs: awsGuide("id-credentials-access-keys-update"),
    },
  ],
  resolvedBy: "The credential is replaced, disabled or deleted.",
  references: [owaspPage("NHI7:2025"), awsGuide("best-practices")],
});
