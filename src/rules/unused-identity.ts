import { defineRule } from "../sdk/index.ts";
import { CARED_FOR_ELSEWHERE, ageInDays, awsGuide, caredForHere, dayOf, named, owaspPage } from "./support.ts";

export default defineRule({
  id: "unused-identity",
  title: "Identity has not been used for a long time",
  owasp: ["NHI1:2025"],
  severity: "medium",
  maturity: "stable",
  rationale:
    "An identity that nothing uses any more still works for whoever finds a way into it, and nobody would notice. " +
    "Roles that AWS or Identity Center looks after are left out. Its last use is the latest of all its credentials' uses, and it counts as unused only where every source that would have seen a use was asked about the whole window.",
  params: {
    window: {
      default: 90,
      unit: "days",
      min: 1,
      max: 400,
      doc: "Days without a use after which an identity counts as unused",
    },
  },
  subject: "identity",
  population: "kind <> 'root'",
  needs: [{ usage: "identity", window: "window" }, "identity.createdAt"],
  settled: `last_used_at >= @now - @window or created_at >= @now - @window or ${CARED_FOR_ELSEWHERE}`,
  query: `
    select i.urn as subject, i.kind, i.name, i.created_at, i.last_used_at, i.observed_from, i.observed_through
    from identity i
    where i.kind <> 'root' and i.created_at < @now - @window
      and (i.last_used_at is null or i.last_used_at < @now - @window)
      and ${caredForHere("i")}`,
  explain(row, params) {
    const days = params["window"];
    return row["last_used_at"] === null
      ? `The ${named(row)}, created ${dayOf(row, "created_at")}, shows no use at all in the time that was observed; the window is ${days} days.`
      : `The ${named(row)} was last used ${ageInDays(row, "last_used_at")} days ago, on ${dayOf(row, "last_used_at")}; the window is ${days} days.`;
  },
  remediation: [
    {
      for: "aws",
      steps: [
        "Ask the owner, and search infrastructure code and schedules for the name: a yearly job looks unused most of the year.",
        "User: deactivate its access keys and delete its console password; both can be given back. Role: attach a policy that denies everything (AWSDenyAll), which can be taken off again.",
        "Watch for one business cycle whether something fails or is denied in CloudTrail.",
        "Delete the user or role with its keys, inline policies and instance profiles.",
      ],
      docs: awsGuide("id_credentials_finding-unused"),
    },
  ],
  resolvedBy: "The identity is used again, or a complete scan finds it deleted.",
  references: [owaspPage("NHI1:2025"), awsGuide("access_policies_last-accessed")],
});
