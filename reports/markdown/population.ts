import { formatInstant, type ReportView } from "rollcall/sdk";
import type { ReportRow } from "../shared/facts.ts";
import { code, count, counted, heading, prose, table } from "./write.ts";

/** Identities that the last table shows. */
const STRONGEST_SHOWN = 10;

const IDENTITIES = `
  select provider, kind, coalesce(nature, 'unknown') as nature, count(*) as live,
    sum(case when enabled_known = 1 and enabled = 0 then 1 else 0 end) as disabled,
    sum(case when presence = 'present' then 0 else 1 end) as unconfirmed
  from identity
  group by provider, kind, coalesce(nature, 'unknown')
  order by provider, kind, coalesce(nature, 'unknown')`;

const CREDENTIALS = `
  select provider, kind, secrecy, count(*) as live,
    sum(case when enabled_known = 1 and enabled = 0 then 1 else 0 end) as disabled,
    sum(case when enabled_known = 1 then 0 else 1 end) as enabled_unknown,
    sum(case when presence = 'present' then 0 else 1 end) as unconfirmed
  from credential
  group by provider, kind, secrecy
  order by provider, kind, secrecy`;

// Tiers in SQL, because a tier's place is not its place in the alphabet.
const STRONGEST = `
  select urn, kind, name, name_known, privilege, privilege_certainty, score, last_used_at, usage_known
  from identity
  where score is not null or privilege in ('admin', 'can-escalate', 'secrets')
  order by
    case when score is null then 1 else 0 end, score desc,
    case privilege when 'admin' then 0 when 'can-escalate' then 1 else 2 end,
    urn
  limit @limit`;

/** Who is there. `unconfirmed` are live, but the latest complete look did not see them. */
export function identitySection(view: ReportView): string {
  const rows = view.select(IDENTITIES);
  if (rows.length === 0) return `${heading(2, "Identities")}No live identity is known.\n`;
  const cells = rows.map((row) => [
    code(row["provider"]),
    code(row["kind"]),
    prose(row["nature"]),
    count(row["live"]),
    count(row["disabled"]),
    count(row["unconfirmed"]),
  ]);
  const columns = [
    ["Provider", "left"],
    ["Kind", "left"],
    ["Nature", "left"],
    ["Live", "right"],
    ["Disabled", "right"],
    ["Unconfirmed", "right"],
  ] as const;
  const total = rows.reduce((sum, row) => sum + Number(row["live"]), 0);
  return `${heading(2, "Identities")}${counted(total, "live identity", "live identities")}.\n\n${table(columns, cells)}`;
}

export function credentialSection(view: ReportView): string {
  const rows = view.select(CREDENTIALS);
  if (rows.length === 0) return `${heading(2, "Credentials")}No live credential is known.\n`;
  const cells = rows.map((row) => [
    code(row["provider"]),
    code(row["kind"]),
    code(row["secrecy"]),
    count(row["live"]),
    count(row["disabled"]),
    count(row["enabled_unknown"]),
    count(row["unconfirmed"]),
  ]);
  const columns = [
    ["Provider", "left"],
    ["Kind", "left"],
    ["Secrecy", "left"],
    ["Live", "right"],
    ["Disabled", "right"],
    ["State unknown", "right"],
    ["Unconfirmed", "right"],
  ] as const;
  const total = rows.reduce((sum, row) => sum + Number(row["live"]), 0);
  return `${heading(2, "Credentials")}${counted(total, "live credential")}.\n\n${table(columns, cells)}`;
}

/** Who matters most: the highest scores, and where there is no score, the strongest privileges. */
export function strongestSection(view: ReportView): string {
  const rows = view.select(STRONGEST, { limit: STRONGEST_SHOWN });
  if (rows.length === 0) return "";
  const cells = rows.map((row) => [
    row["name_known"] === 1 && row["name"] !== null ? code(row["name"]) : "unknown",
    code(row["kind"]),
    privilege(row),
    row["score"] === null ? "" : count(row["score"]),
    lastUse(row),
    code(row["urn"]),
  ]);
  const columns = [
    ["Name", "left"],
    ["Kind", "left"],
    ["Privilege", "left"],
    ["Score", "right"],
    ["Last use", "left"],
    ["URN", "left"],
  ] as const;
  return `${heading(2, "Who matters most")}${table(columns, cells)}`;
}

function privilege(row: ReportRow): string {
  const tier = prose(row["privilege"] ?? "unknown");
  return row["privilege_certainty"] === "possible" ? `${tier}, possibly` : tier;
}

/** A use that was seen is one, whoever else could not look; "none seen" needs everybody to have looked. */
function lastUse(row: ReportRow): string {
  const at = row["last_used_at"];
  if (typeof at === "number") return formatInstant(at);
  return row["usage_known"] === 1 ? "none seen" : "unknown";
}
