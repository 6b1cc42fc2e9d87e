import { defineRule } from "../sdk/index.ts";
import { ageInDays, awsGuide, dayOf, named, owaspPage } from "./support.ts";

export default defineRule({
  id: "expired-certificate-enabled",
  title: "Expired certificate is still enabled",
  owasp: ["NHI1:2025", "NHI4:2025"],
  severity: "low",
  maturity: "stable",
  rationale:
    "A certificate that ran out and is still accepted, or still installed, is either forgotten or depended on by something that does not check dates. Both are worth knowing before somebody turns the check on.",
  params: {},
  subject: "credential",
  population: "secrecy = 'certificate'",
  needs: ["credential.enabled", "credential.expiresAt"],
  settled: "enabled = 0 or expires_at >= @now",
  query: `
    select urn as subject, kind, name, identity, expires_at, last_used_at
    from credential
    where secrecy = 'certificate' and enabled = 1 and expires_at < @now`,
  explain: (row) =>
    `The ${named(row)} expired ${ageInDays(row, "expires_at")} days ago, on ${dayOf(row, "expires_at")}, and is still enabled.`,
  remediation: [
    {
      for: "aws",
      steps: [
        "Find what still presents or serves the certificate (load balancers and CloudFront for server certificates).",
        "Create and install its successor where one is needed; ACM renews by itself.",
        "Watch that nothing refers to the old one.",
        "Set a signing certificate inactive.",
        "Delete it.",
      ],
      docs: awsGuide("id_credentials_server-certs"),
    },
  ],
  resolvedBy: "The certificate is disabled, deleted or renewed.",
  references: [owaspPage("NHI1:2025")],
});
