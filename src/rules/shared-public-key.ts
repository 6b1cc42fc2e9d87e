import { defineRule } from "../sdk/index.ts";
import { awsGuide, counted, named, owaspPage, textOf } from "./support.ts";

/** Keys that open several identities for certain. */
const SHARED = `select fingerprint, count(distinct identity) as identities
      from credential
      where secrecy in ('private-key', 'certificate') and enabled_known = 1 and enabled = 1
        and fingerprint_known = 1 and fingerprint is not null
      group by fingerprint having min(identity) <> max(identity)`;

export default defineRule({
  id: "shared-public-key",
  title: "Several identities are opened by the same key",
  owasp: ["NHI9:2025"],
  severity: "high",
  maturity: "stable",
  rationale:
    "One private key stands behind several identities. Whoever steals it has them all, the logs cannot tell the workloads apart, and replacing it for one breaks the others.",
  params: {},
  subject: "credential",
  population: "secrecy in ('private-key', 'certificate')",
  needs: ["credential.enabled", "credential.fingerprint"],
  settled: "enabled = 0",
  query: `
    select c.urn as subject, c.kind, c.name, c.identity, c.fingerprint, s.identities
    from (
      ${SHARED}
    ) s join credential c on c.fingerprint = s.fingerprint
    where c.secrecy in ('private-key', 'certificate') and c.enabled_known = 1 and c.enabled = 1 and c.fingerprint_known = 1`,
  doubt: `
    select c.urn as subject, 'another identity with the same key could not be read again' as reason
    from (
      select fingerprint, min(identity) as first_identity, max(identity) as last_identity
      from credential
      where secrecy in ('private-key', 'certificate') and coalesce(enabled, 1) = 1 and fingerprint is not null
        and (enabled_known = 0 or fingerprint_known = 0)
      group by fingerprint
    ) u join credential c on c.fingerprint = u.fingerprint
      left join (
      ${SHARED}
    ) s on s.fingerprint = u.fingerprint
    where s.fingerprint is null and c.secrecy in ('private-key', 'certificate') and (u.first_identity <> c.identity or u.last_identity <> c.identity)`,
  explain: (row) =>
    `The ${named(row)} is the same key as on ${counted(Number(row["identities"]) - 1, "other identity", "other identities")} (fingerprint ${textOf(row, "fingerprint")}).`,
  remediation: [
    {
      for: "aws",
      steps: [
        "Create a key pair for each identity but one.",
        "Upload each public key to its identity and move the workload to its own private key.",
        "Watch until only one workload is left with the shared key.",
        "Set the shared key inactive on the other identities.",
        "Delete it there.",
      ],
      docs: awsGuide("id_credentials_ssh-keys"),
    },
  ],
  resolvedBy: "At most one identity accepts the key.",
  references: [owaspPage("NHI9:2025")],
});
