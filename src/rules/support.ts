import { DAY, formatInstant } from "../model/index.ts";
import type { EvidenceRow, OwaspNhi } from "../sdk/index.ts";

/** What the built-in rules share: the words of their sentences and the pages they refer to. */

const OWASP_PAGES: Readonly<Record<OwaspNhi, string>> = {
  "NHI1:2025": "1-improper-offboarding",
  "NHI2:2025": "2-secret-leakage",
  "NHI3:2025": "3-vulnerable-third-party-nhi",
  "NHI4:2025": "4-insecure-authentication",
  "NHI5:2025": "5-overprivileged-nhi",
  "NHI6:2025": "6-insecure-cloud-deployment-configurations",
  "NHI7:2025": "7-long-lived-secrets",
  "NHI8:2025": "8-environment-isolation",
  "NHI9:2025": "9-nhi-reuse",
  "NHI10:2025": "10-human-use-of-nhi",
};

/** The page of a risk in the OWASP Non-Human Identities Top 10 of 2025. */
export function owaspPage(id: OwaspNhi): string {
  return `https://owasp.org/www-project-non-human-identities-top-10/2025/${OWASP_PAGES[id]}/`;
}

const AWS_GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/";

/** A page of the IAM user guide. */
export function awsGuide(page: string): string {
  return `${AWS_GUIDE}${page}.html`;
}

/**
 * Roles that nobody at home can clean up: those that a service made for itself, which the platform alone can assume,
 * and those that Identity Center provisions. For `settled`, over the `identity` view.
 */
export const CARED_FOR_ELSEWHERE = "custody = 'platform-held' or path like '/aws-reserved/sso.amazonaws.com/%'";

/** The same, turned round, for queries: an identity that may be one's own to clean up. */
export function caredForHere(alias: string): string {
  return `coalesce(${alias}.custody, '') <> 'platform-held' and coalesce(${alias}.path, '') not like '/aws-reserved/sso.amazonaws.com/%'`;
}

/** `user "ci-deployer"`: what the row is about. Names are a stranger's text; whoever prints them escapes them. */
export function named(row: EvidenceRow): string {
  const kind = typeof row["kind"] === "string" ? row["kind"] : "identity";
  const name = row["name"];
  return `${kind} ${typeof name === "string" && name !== "" ? `"${name}"` : row.subject}`;
}

/** `role "deploy"`: the identity whose trust the row is about. */
export function trusting(row: EvidenceRow): string {
  return typeof row["name"] === "string"
    ? `${textOf(row, "kind")} "${row["name"]}"`
    : `identity ${textOf(row, "identity")}`;
}

/** A text of the row, or the words for nothing. */
export function textOf(row: EvidenceRow, column: string, nothing = ""): string {
  const text = row[column];
  return typeof text === "string" ? text : nothing;
}

/** Whole days from an instant of the row until now; 0 where the row has none. */
export function ageInDays(row: EvidenceRow, column: string): number {
  const at = row[column];
  return typeof at === "number" ? Math.floor((row.now - at) / DAY) : 0;
}

/** `2026-01-01`, or the word for nothing. */
export function dayOf(row: EvidenceRow, column: string, nothing = "an unknown day"): string {
  const at = row[column];
  return typeof at === "number" ? formatInstant(at).slice(0, 10) : nothing;
}

export function counted(count: unknown, one: string, many: string): string {
  return Number(count) === 1 ? `1 ${one}` : `${String(count)} ${many}`;
}
