import { DAY } from "../../model/index.ts";
import type { Instant, Urn } from "../../model/index.ts";
import { isFactName } from "../../model/index.ts";
import type { Judgement, Params, Row } from "../../inventory/contract.ts";
import type { RuleSetting } from "../contract.ts";
import { needCondition, VIEWS } from "./needs.ts";
import type { NeedCondition } from "./needs.ts";
import { knownOnly } from "./settled.ts";

/** Why a fact was not seen in a scope, from the coverage ledger. */
export interface HiddenFact {
  readonly scope: Urn;
  readonly fact: string;
  readonly reason: string;
}

/** Reasons are bound as parameters, and SQLite takes 32,766 of them. */
const REASONS = 5_000;

/**
 * Compiles a rule to the two statements of a {@link Judgement}, in the SQL that SQLite and PostgreSQL share:
 *
 * - `failing`: the rule's own query, reduced to subjects of the population whose needs are met;
 * - `undecided`: the subjects of the population that are not settled and have a need that is not met, each with the
 *   facts that are missing and, where `hidden` tells, why; and those whose needs are met and that the rule itself doubts.
 *
 * Bound parameters: `@now`, every parameter of the rule (durations in milliseconds), and the reasons. `explain` gets
 * the row with `now`, and the parameters in their own unit, as the configuration states them.
 *
 * @throws {TypeError} for a rule whose needs name a fact or parameter that does not exist: a mistake of its author.
 */
export function compileRule(setting: RuleSetting, now: Instant, hidden: readonly HiddenFact[] = []): Judgement {
  const { rule } = setting;
  const view = VIEWS[rule.subject];
  for (const need of rule.needs) {
    if (typeof need === "string" && !isFactName(need))
      throw new TypeError(`The rule ${rule.id} needs ${need}, which is not a fact`);
  }
  const needs = rule.needs.map((need) => needCondition(need, setting));
  const facts = new Set(needs.flatMap((need) => need.facts));
  const reasons = hidden.filter(({ fact }) => facts.has(fact)).slice(0, REASONS);
  const shown = ownUnits(setting);
  const met = needs.length === 0 ? "1 = 1" : needs.map((need) => need.met).join(" and ");

  return {
    rule: rule.id,
    severity: setting.severity,
    subjectType: rule.subject,
    // Materialized: otherwise the planner looks every row of the scan up again, not only those that fail. And inside
    // `exists` an unqualified name is a column of `v` first, so the population cannot be confused with evidence.
    failing: `with f as materialized (${rule.query})
      select f.* from f
      where exists (select 1 from ${view} v where v.urn = f.subject and (${rule.population}) and ${met})`,
    undecided: `${commonTables(reasons, rule.doubt)}select v.urn as subject, ${reasonText(needs, reasons.length > 0)} as reason
      from ${view} v
      where (${rule.population}) and not (${met}) and ${unsettled(rule.settled, rule.subject)}${
        rule.doubt === undefined
          ? ""
          : `
      union all
      select d.subject, min(d.reason) from d
      where exists (select 1 from ${view} v
        where v.urn = d.subject and (${rule.population}) and ${met} and ${unsettled(rule.settled, rule.subject)})
      group by d.subject`
      }`,
    params: { now, ...milliseconds(setting), ...reasonParams(reasons) },
    identity: rule.identity ?? [],
    explain: (row: Row) => rule.explain({ ...row, subject: String(row["subject"]), now }, shown),
  };
}

function unsettled(settled: string | undefined, subject: Parameters<typeof knownOnly>[1]): string {
  return settled === undefined ? "1 = 1" : `case when (${knownOnly(settled, subject)}) then 1 else 0 end = 0`;
}

function ownUnits(setting: RuleSetting): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(setting.rule.params).map(([name, param]) => [name, setting.params[name] ?? param.default]),
  );
}

function milliseconds(setting: RuleSetting): Params {
  return Object.fromEntries(
    Object.entries(ownUnits(setting)).map(([name, value]) => [
      name,
      setting.rule.params[name]?.unit === "days" ? value * DAY : value,
    ]),
  );
}

/** The reasons as rows, and the rule's own doubts. */
function commonTables(reasons: readonly HiddenFact[], doubt: string | undefined): string {
  const rows = reasons.map((_reason, index) => `(@hiddenScope${index}, @hiddenFact${index}, @hiddenReason${index})`);
  const tables = [
    ...(rows.length === 0 ? [] : [`hidden_fact(scope, fact, reason) as (values ${rows.join(", ")})`]),
    ...(doubt === undefined ? [] : [`d as materialized (${doubt})`]),
  ];
  return tables.length === 0 ? "" : `with ${tables.join(", ")} `;
}

function reasonParams(reasons: readonly HiddenFact[]): Params {
  return Object.fromEntries(
    reasons.flatMap(({ scope, fact, reason }, index) => [
      [`hiddenScope${index}`, scope],
      [`hiddenFact${index}`, fact],
      [`hiddenReason${index}`, reason],
    ]),
  );
}

/** `not known: credential.createdAt (iam:GetCredentialReport was denied); owner`. */
function reasonText(needs: readonly NeedCondition[], withReasons: boolean): string {
  if (needs.length === 0) return "''";
  const parts = needs.map((need) => {
    const why = withReasons
      ? ` || coalesce((select ' (' || min(h.reason) || ')' from hidden_fact h where h.scope = v.scope and h.fact in (${need.facts.map(quote).join(", ")})), '')`
      : "";
    return `case when ${need.met} then '' else ${quote(`; ${need.label}`)}${why} end`;
  });
  return `'not known: ' || substr(${parts.join(" || ")}, 3)`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
