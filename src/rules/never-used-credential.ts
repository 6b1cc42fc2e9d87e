import { defineRule } from "../sdk/index.ts";
import { ageInDays, awsGuide, dayOf, named, owaspPage } from "./support.ts";

export default defineRule({
  id: "never-used-credential",
  title: "Enabled credential was never used",
  owasp: ["NHI1:2025", "NHI2:2025"],
  severity: "medium",
  maturity: "stable",
  rationale:
    "A credential that was made and then never used was made by mistake, made in advance, or handed to somebody who keeps it for later. " +
    "Nothing depends on it, so nothing is lost by deleting it. The answer needs observations since its creation: a source that looks back 400 days cannot say this of an older key.",
  params: {
    grace: {
      default: 30,
      unit: "days",
      min: 1,
      max: 400,
      doc: "Days that a new credential may wait for its first use",
    },
    history: {
      default: 36_500,
      unit: "days",
      min: 3_650,
      max: 36_500,
      doc: "How far back a use counts at all; so long that only observations since the credential was created settle the question",
    },
  },
  subject: "credential",
  population: "secrecy = 'static-secret'",
  needs: ["credential.enabled", "credential.createdAt", { usage: "credential", window: "history" }],
  settled: "enabled = 0 or last_used_at >= @now - @history or created_at >= @now - @grace",
  query: `
    select urn as subject, kind, name, identity, created_at, observed_through
    from credential
    where secrecy = 'static-secret' and enabled = 1 and created_at < @now - @grace
      and (last_used_at is null or last_used_at < @now - @history)`,
  explain: (row, params) =>
    `The ${named(row)} was created ${ageInDays(row, "created_at")} days ago, on ${dayOf(row, "created_at")}, is enabled, and was never used; ${params["grace"]} days are allowed.`,
  remediation: [
    {
      for: "aws",
      steps: [
        "Ask the identity's owner what the credential was made for.",
        "Deactivate it (it can be activated again), or delete it at once if it is a console password.",
        "Watch for some days whether somebody misses it.",
        "Delete it.",
      ],
      docs: awsGuide("id_credentials_finding-unused"),
    },
  ],
  resolvedBy: "The credential is disabled, deleted, or used for the first time.",
  references: [owaspPage("NHI1:2025"), awsGuide("id-credentials-access-keys-update")],
});
