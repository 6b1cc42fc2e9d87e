import type { Statements } from "../statements.ts";
import type { Dirty } from "./dirty.ts";

/**
 * Use per credential and identity, out of the observations. A credential has been watched as long as the source that
 * looks back least. An identity is watched through its own observations and through each of its live credentials; the
 * latest use counts even if the credential is gone since. A start that lies before the subject's creation, or `null`,
 * is the subject's whole life.
 */
export const USAGE_SELECTS: Readonly<Record<"t_credential_usage" | "t_identity_usage", string>> = {
  t_credential_usage: `select c.id as id, max(u.last_used_at) as last_used_at,
      max(case when u.observed_from is null or u.observed_from <= c.f_created_at then coalesce(c.f_created_at, 0) else u.observed_from end) as observed_from,
      min(u.observed_through) as observed_through, 1 as usage_known
    from t_usage u join t_credential c on c.urn = u.subject group by c.id`,
  t_identity_usage: `with observed as (
      select i.id as identity, cast(null as integer) as credential, 1 as live, u.last_used_at as last_used_at,
        case when u.observed_from <= i.f_created_at then null else u.observed_from end as observed_from, u.observed_through as observed_through
      from t_usage u join t_identity i on i.urn = u.subject
      union all
      select i.id, c.id, case when c.presence < 3 then 1 else 0 end, u.last_used_at,
        case when u.observed_from <= c.f_created_at then null else u.observed_from end, u.observed_through
      from t_usage u join t_credential c on c.urn = u.subject join t_identity i on i.urn = c.f_identity
    ), watched as (
      select identity, max(last_used_at) as last_used_at, max(case when live = 1 then observed_from end) as observed_from,
        min(case when live = 1 then observed_through end) as observed_through, max(live) as live,
        max(case when credential is null then 1 else 0 end) as own,
        count(distinct case when live = 1 then credential end) as credentials
      from observed group by identity
    ), held as (
      select f_identity as identity, count(*) as credentials from t_credential where presence < 3 group by f_identity
    )
    select i.id as id, w.last_used_at as last_used_at,
      case when w.live = 1 then coalesce(w.observed_from, i.f_created_at, 0) end as observed_from,
      w.observed_through as observed_through,
      case when w.live = 1 and w.own = 1 and w.credentials = coalesce(h.credentials, 0) then 1 else 0 end as usage_known
    from watched w join t_identity i on i.id = w.identity left join held h on h.identity = i.urn`,
};

/** Works out use again where an observation, an identity or a credential has changed. */
export function refreshUsage(statements: Statements, dirty: Dirty): void {
  if (!dirty.has("usage")) return;
  for (const [table, select] of Object.entries(USAGE_SELECTS)) {
    statements.run(`delete from ${table}`);
    statements.run(`insert into ${table} (id, last_used_at, observed_from, observed_through, usage_known) ${select}`);
  }
  dirty.clean("usage");
}
