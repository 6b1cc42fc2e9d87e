import { defineRule } from "../sdk/index.ts";
import { awsGuide, dayOf, named, owaspPage } from "./support.ts";

export default defineRule({
  id: "two-active-keys",
  title: "Identity has more active access keys than it needs",
  owasp: ["NHI7:2025", "NHI9:2025"],
  severity: "low",
  maturity: "stable",
  rationale:
    "Two active keys are right for the hour of a rotation. For longer they mean a rotation that was never finished, or two workloads that share one identity and cannot be told apart in the logs.",
  params: {
    most: { default: 1, unit: "count", min: 1, max: 10, doc: "How many enabled access keys one identity may have" },
  },
  subject: "identity",
  population: "kind <> 'role'",
  needs: ["credential", "credential.enabled"],
  doubt: `
    select i.urn as subject, 'whether one of its access keys is enabled is not known' as reason
    from (
      select identity, sum(case when enabled_known = 1 and enabled = 1 then 1 else 0 end) as active,
        sum(case when enabled_known = 0 then 1 else 0 end) as unclear
      from credential where kind in ('access-key', 'root-access-key') group by identity
    ) k join identity i on i.urn = k.identity
    where k.active <= @most and k.active + k.unclear > @most`,
  query: `
    select i.urn as subject, i.kind, i.name, k.active, k.oldest_created_at, k.newest_created_at
    from (
      select identity, count(*) as active, min(created_at) as oldest_created_at, max(created_at) as newest_created_at
      from credential where kind in ('access-key', 'root-access-key') and enabled_known = 1 and enabled = 1
      group by identity having count(*) > @most
    ) k join identity i on i.urn = k.identity`,
  explain: (row, params) =>
    `The ${named(row)} has ${String(row["active"])} active access keys, the oldest from ${dayOf(row, "oldest_created_at")} and the newest from ${dayOf(row, "newest_created_at")}; ${params["most"]} ${params["most"] === 1 ? "is" : "are"} allowed.`,
  remediation: [
    {
      for: "aws",
      steps: [
        "Compare the two keys' last-used dates. If both are busy with different workloads, create an identity for one of them first.",
        "Move what still uses the older key to the newer one.",
        "Watch the older key's last-used date until it stops moving.",
        "Deactivate the older key, wait, and delete it.",
      ],
      docs: awsGuide("id-credentials-access-keys-update"),
    },
  ],
  resolvedBy: "All but one of the identity's access keys are deactivated or deleted.",
  references: [owaspPage("NHI7:2025"), owaspPage("NHI9:2025")],
});
