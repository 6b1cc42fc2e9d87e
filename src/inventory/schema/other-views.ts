import type { ViewColumn } from "../contract.ts";
import { CHANGE_NAMES, LAYOUTS } from "./layout.ts";
import type { Layout } from "./layout.ts";
import type { View } from "./record-views.ts";

const text = (name: string, doc: string): ViewColumn => ({ name, type: "text", doc });
const integer = (name: string, doc: string): ViewColumn => ({ name, type: "integer", doc });
const instant = (name: string, doc: string): ViewColumn => ({ name, type: "instant", doc });
const json = (name: string, doc: string): ViewColumn => ({ name, type: "json", doc });

const NAMED = LAYOUTS.filter(({ named }) => named);
const SEVERITY_RANK =
  "case f.severity when 'critical' then 5 when 'high' then 4 when 'medium' then 3 when 'low' then 2 else 1 end";
const PRESENCE = (column: string) =>
  `case ${column} when 0 then 'present' when 1 then 'missing' when 2 then 'suspected' else 'withdrawn' end`;
const CHANGE = (column: string) =>
  `case ${column} ${CHANGE_NAMES.map((name, code) => `when ${code} then '${name}'`).join(" ")} end`;
const TYPE = (column: string) =>
  `case ${column} ${LAYOUTS.map(({ code, type }) => `when ${code} then '${type}'`).join(" ")} end`;

/** The same select for several record types, one under the other. */
function union(layouts: readonly Layout[], arm: (layout: Layout) => string): string {
  return layouts.map(arm).join("\nunion all\n");
}

const columnOr = (has: boolean, column: string) => (has ? `r.f_${column}` : "cast(null as text)");

/** Everything that is not a record: what is written beside them, and what follows from them. */
export const OTHER_VIEWS: readonly View[] = [
  {
    name: "alias",
    doc: "Names under which people know a thing, of everything that was ever seen",
    columns: [text("subject", "URN"), text("alias", "ARN, e-mail, name or native id")],
    select: () =>
      union(
        NAMED,
        ({ table, code }) =>
          `select r.urn as subject, a.alias as alias from t_alias a join ${table} r on r.id = a.id where a.type = ${code}`,
      ),
  },
  {
    name: "tag",
    doc: "Tags and labels, of everything that was ever seen",
    columns: [text("subject", "URN"), text("key", "The tag's key"), text("value", "The tag's value")],
    select: () =>
      union(
        NAMED,
        ({ table, code }) =>
          `select r.urn as subject, t.key as key, t.value as value from t_tag t join ${table} r on r.id = t.id where t.type = ${code}`,
      ),
  },
  {
    name: "usage",
    doc: "What each source saw of the use of an identity or credential",
    columns: [
      text("subject", "URN of the identity or credential"),
      text("source", "What was asked"),
      instant("last_used_at", "The latest use; NULL: none between the two times that follow"),
      text("place", "Where it was used, for people"),
      instant("observed_from", "From when on the source would have seen a use; NULL: since the subject was created"),
      instant("observed_through", "Up to when the source had looked"),
    ],
    select: () => "select subject, source, last_used_at, place, observed_from, observed_through from t_usage",
  },
  {
    name: "effective_grant",
    doc: "Permission sets of a principal, directly and through groups",
    columns: [
      text("principal", "URN of the identity or group"),
      text("permission_set", "URN of the permission set"),
      text("via", "URN of the group; NULL: directly"),
      text("effect", "`allow` or `deny`"),
      text("resource", "URN of the scope that the grant reaches"),
    ],
    select:
      () => `select g.f_principal as principal, g.f_permission_set as permission_set, cast(null as text) as via, g.f_effect as effect, g.f_resource as resource
  from t_access_grant g where g.presence < 3
union all
select m.f_member, g.f_permission_set, m.f_group_urn, g.f_effect, g.f_resource
  from t_access_grant g join t_membership m on m.f_group_urn = g.f_principal where g.presence < 3 and m.presence < 3`,
  },
  {
    name: "finding",
    doc: "What the rules found",
    columns: [
      text("fingerprint", "Stable name of the finding"),
      text("rule", "The rule's id"),
      text("subject", "URN of what was judged"),
      text("subject_type", "Type of record of the subject"),
      text("identity", "URN of the identity that it concerns"),
      text("provider", "Provider of the subject"),
      text("scope", "Scope of the subject"),
      text("verdict", "`fail` or `unknown`"),
      text("severity", "`info` to `critical`"),
      integer("severity_rank", "1 (info) to 5 (critical), for sorting"),
      text("state", "`open`, `acknowledged`, `suppressed`, `resolved` or `reopened`"),
      text("message", "One sentence"),
      json("evidence", "The evidence as a JSON object"),
      instant("first_seen_at", "When it was found first"),
      instant("last_seen_at", "When the rule last confirmed it"),
      instant("resolved_at", "When it was seen to be gone"),
      instant("suppressed_until", "When a suppression ends"),
    ],
    select:
      () => `select f.fingerprint, f.rule, f.subject, f.subject_type, f.identity, f.provider, f.scope, f.verdict, f.severity,
  ${SEVERITY_RANK} as severity_rank, f.state, f.message, f.evidence, f.first_seen_at,
  coalesce(f.last_seen_at, (select max(j.at) from t_judgement j where j.rule = f.rule), f.first_seen_at) as last_seen_at,
  f.resolved_at, f.suppressed_until
  from t_finding f`,
  },
  {
    name: "finding_event",
    doc: "Every move of a finding",
    columns: [
      text("fingerprint", "The finding"),
      text("rule", "The rule's id"),
      text("subject", "URN of what was judged"),
      instant("at", "When"),
      integer("run", "In which run; NULL: a person's decision"),
      text(
        "event",
        "`opened`, `undecided`, `failed`, `resolved`, `reopened`, `expired`, `retired`, `acknowledged`, `suppressed`",
      ),
      text("actor", "Who decided"),
      text("reason", "Why"),
      instant("until", "End of a suppression"),
    ],
    select: () => `select f.fingerprint, f.rule, f.subject, f.first_seen_at as at, f.first_run as run,
  case f.first_verdict when 'fail' then 'opened' else 'undecided' end as event, cast(null as text) as actor, cast(null as text) as reason, cast(null as integer) as until
  from t_finding f
union all
select f.fingerprint, f.rule, f.subject, e.at, e.run, e.event, e.actor, e.reason, e.until
  from t_finding_event e join t_finding f on f.id = e.finding`,
  },
  {
    name: "coverage",
    doc: "What the latest scan of each scope saw, collection by collection",
    columns: [
      text("scanner", "The scanner's id"),
      text("scope", "URN of the scope"),
      text("collection", "The collection's id"),
      text("status", "`complete`, `partial`, `not-attempted` or `not-applicable`"),
      json("gaps", "What was not seen: a JSON list of calls, reasons and remedies"),
      instant("as_of", "The time that the facts speak of"),
      text("as_of_note", "Why that is not the time of the scan"),
      instant("started_at", "When it began"),
      instant("finished_at", "When it ended"),
      integer("pages", "Pages read"),
      integer("items", "Records read"),
      integer("requests", "HTTP requests, retries included"),
      integer("retries", "Requests that were repeated"),
      integer("throttled", "Answers that asked to slow down"),
      integer("bytes", "Bytes received"),
      instant("last_complete_at", "When it was last seen completely"),
    ],
    select:
      () => `select s.scanner, s.scope, s.collection, c.status, c.gaps, c.as_of, c.as_of_note, c.started_at, c.finished_at,
  c.pages, c.items, c.requests, c.retries, c.throttled, c.bytes, s.last_complete_at
  from t_source s join t_coverage c on c.source = s.id and c.run = s.covered_run`,
  },
  {
    name: "covered",
    doc: "Facts that every collection that emits them saw completely, the last time it ran",
    columns: [text("scope", "URN of the scope"), text("fact", "`grant`, `identity.enabled`, `usage`, …")],
    select: () => "select scope, fact from t_covered",
  },
  {
    name: "run",
    doc: "The scans",
    columns: [
      integer("run", "Number, counting up"),
      instant("started_at", "When it began"),
      instant("finished_at", "When it ended"),
      text("status", "`running`, `finished`, `cancelled` or `abandoned`"),
      integer("exit_code", "Its exit code"),
      text("digest", "sha-256 of its changes, chained"),
      text("previous_digest", "The digest that it is chained to"),
      text("version", "Rollcall's version"),
    ],
    select: () => "select run, started_at, finished_at, status, exit_code, digest, previous_digest, version from t_run",
  },
  {
    name: "change_log",
    doc: "What changed in which scan",
    columns: [
      integer("run", "The scan"),
      instant("at", "When that scan began"),
      text("change", CHANGE_NAMES.map((name) => `\`${name}\``).join(", ")),
      text("type", "Type of record"),
      text("urn", "URN"),
      text("kind", "The provider's word for what it is"),
      text("name", "Its name after the change"),
      text("scope", "URN of its scope"),
      { name: "facts", type: "list", doc: "The facts that changed" },
    ],
    select: () => `${union(
      LAYOUTS,
      ({ table, type, hasKind, hasName }) =>
        `select r.since_run as run, r.changed_at as at, ${CHANGE("r.change")} as change, '${type}' as type, r.urn as urn, ${columnOr(hasKind, "kind")} as kind, ${columnOr(hasName, "name")} as name, r.scope as scope, r.changed as facts from ${table} r`,
    )}
union all
select v.from_run, v.from_at, ${CHANGE("v.change")}, ${TYPE("v.type")}, v.urn, v.kind, v.name, v.scope, v.changed from t_version v`,
  },
  {
    name: "facet",
    doc: "How many live records there are, kept while scanning",
    columns: [
      text("type", "Type of record"),
      text("provider", "Provider"),
      text("scope", "URN of the scope"),
      text("kind", "The provider's word; NULL for types without one"),
      text("nature", "Of identities"),
      integer("live", "Live records"),
    ],
    select: () => "select type, provider, scope, kind, nature, live from t_facet",
  },
  {
    name: "record_history",
    doc: "Every state of every record, the withdrawn ones as well",
    columns: [
      text("type", "Type of record"),
      text("urn", "URN"),
      text("kind", "The provider's word for what it is"),
      text("name", "Its name at that time"),
      text("scope", "URN of its scope"),
      text("presence", "`present`, `missing`, `suspected` or `withdrawn`"),
      instant("valid_from", "When the scan began that saw this state first"),
      instant("valid_to", "When the scan began that saw the next state; NULL: it still stands"),
      integer("from_run", "The scan that saw this state first"),
      integer("to_run", "The scan that saw the next state"),
      json("facts", "All facts at that time, as a JSON object"),
    ],
    select: () => `${union(
      LAYOUTS,
      ({ table, type, hasKind, hasName }) =>
        `select '${type}' as type, r.urn as urn, ${columnOr(hasKind, "kind")} as kind, ${columnOr(hasName, "name")} as name, r.scope as scope, ${PRESENCE("r.presence")} as presence, r.changed_at as valid_from, cast(null as integer) as valid_to, r.since_run as from_run, cast(null as integer) as to_run, r.facts as facts from ${table} r`,
    )}
union all
select ${TYPE("v.type")}, v.urn, v.kind, v.name, v.scope, ${PRESENCE("v.presence")}, v.from_at, v.to_at, v.from_run, v.to_run, v.facts from t_version v`,
  },
];
