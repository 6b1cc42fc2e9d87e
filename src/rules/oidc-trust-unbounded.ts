import { defineRule } from "../sdk/index.ts";
import { awsGuide, owaspPage, textOf, trusting } from "./support.ts";

/**
 * The text without the characters that names are made of: `["repo:acme-*:main"]` becomes `[":*:"]`. What is
 * left shows whether a wildcard stands where the organization's name should be: in front of the first separator.
 * Neither database has regular expressions that the other understands; both have `replace`.
 */
function skeleton(column: string): string {
  return "abcdefghijklmnopqrstuvwxyz0123456789-_.@"
    .split("")
    .reduce((text, letter) => `replace(${text}, '${letter}', '')`, `lower(${column})`);
}

// An identity pool of Cognito is named by the audience; its subjects are the pool's own and need no condition.
const POOL = "lower(coalesce(issuer, '')) like '%cognito-identity.%'";

/** Every subject, while other claims are named or may be: whether those bound the caller is not modelled. */
const OTHER_CLAIMS = `(subjects is null and not (${POOL}) and (pinned_known = 0 or pinned = 1))`;

/** No audience is demanded, or one of the patterns is nothing but wildcards: what is left of it without them is empty. */
const ANY_AUDIENCE = `(audiences is null or replace(replace(replace(replace(audiences, '""', '"-"'), '?*', '*'), '*?', '*'), '*', '') like '%""%')`;

const OPEN_SUBJECT = `(subjects is null or shape like '%"*%' or shape like '%"?%' or shape like '%":*%' or shape like '%":?%')`;

export default defineRule({
  id: "oidc-trust-unbounded",
  title: "Token trust admits more than one organization's workloads",
  owasp: ["NHI6:2025", "NHI4:2025"],
  severity: "critical",
  maturity: "stable",
  rationale:
    "An issuer such as GitHub signs tokens for everybody. The trust must say whose tokens count, by subject, and what they are for, by audience. " +
    "Without a subject, with a wildcard where the organization's name belongs (`repo:*`, `repo:acme*/…`), or without an audience (`*` is none), a stranger's workflow gets in.",
  params: {},
  subject: "trust",
  population: "mechanism = 'oidc-federation' and effect = 'allow'",
  needs: ["trust", "trust.issuer", "trust.subjects", "trust.audiences"],
  doubt: `
    select urn as subject, 'its subject is not named, and whether other claims bound it is not modelled' as reason
    from trust
    where mechanism = 'oidc-federation' and effect = 'allow' and not ${ANY_AUDIENCE} and ${OTHER_CLAIMS}`,
  query: `
    select w.urn as subject, w.identity, i.kind, i.name, w.issuer, w.subjects, w.audiences,
      w.any_audience, w.open_subject
    from (
      select urn, identity, issuer, subjects, audiences,
        case when ${ANY_AUDIENCE} then 1 else 0 end as any_audience,
        case when not (${POOL}) and not ${OTHER_CLAIMS} and ${OPEN_SUBJECT} then 1 else 0 end as open_subject
      from (
        select urn, identity, issuer, subjects, audiences, pinned, pinned_known, 
          case when subjects like '%*%' or subjects like '%?%' then ${skeleton("subjects")} end as shape
        from trust
        where mechanism = 'oidc-federation' and effect = 'allow'
      ) s
    ) w left join identity i on i.urn = w.identity
    where w.any_audience = 1 or w.open_subject = 1`,
  explain(row) {
    const open =
      row["open_subject"] === 1
        ? row["subjects"] === null
          ? "any subject"
          : `the subjects ${textOf(row, "subjects")}`
        : undefined;
    const audience = row["any_audience"] === 1 ? "any audience" : undefined;
    return `The ${trusting(row)} trusts tokens of ${textOf(row, "issuer", "its issuer")} for ${[open, audience].filter((part) => part !== undefined).join(" and ")}.`;
  },
  remediation: [
    {
      for: "aws",
      steps: [
        "List the subjects and audiences that really come (CloudTrail AssumeRoleWithWebIdentity events show them).",
        "Add a statement with conditions on the issuer's sub (organization and repository spelled out) and aud.",
        "Watch for calls that only the old statement admits.",
        "Remove the old statement.",
      ],
      docs: awsGuide("id_roles_create_for-idp_oidc"),
    },
  ],
  resolvedBy: "The trust names the organization in its subject and an audience.",
  references: [
    owaspPage("NHI6:2025"),
    "https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws",
  ],
});
