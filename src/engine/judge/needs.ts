import { FACTS, HOUR, NAMED_TYPES } from "../../model/index.ts";
import type { FactName, RecordType } from "../../model/index.ts";
import type { Need } from "../../sdk/index.ts";
import type { RuleSetting } from "../contract.ts";

/**
 * How far behind the present the observations of use may end and still count as current: what providers document
 * for their last-used dates (AWS up to 4 hours, Entra and Google up to two days).
 */
export const USAGE_LAG = 48 * HOUR;

/** One need of a rule as SQL over a row `v` of the subject's view. */
export interface NeedCondition {
  /** True where the need is met; never NULL. */
  readonly met: string;
  /** What is missing where it is not met, for people. */
  readonly label: string;
  /** The facts whose gaps explain it. */
  readonly facts: readonly FactName[];
}

/** The view that the records of a type stand in. */
export const VIEWS: Readonly<Record<RecordType, string>> = {
  scope: "scope",
  identity: "identity",
  credential: "credential",
  group: "identity_group",
  membership: "membership",
  "permission-set": "permission_set",
  grant: "access_grant",
  trust: "trust",
  anchor: "anchor",
  owner: "owner",
};

/** The column of the subject's view that names the identity or credential whose use is asked for. */
const USAGE_COLUMNS: Readonly<Record<string, string>> = {
  "credential identity": "identity",
  "trust identity": "identity",
  "grant identity": "principal",
};

export function needCondition(need: Need, setting: RuleSetting): NeedCondition {
  const { rule } = setting;
  if (typeof need !== "string") return usageCondition(need, setting);
  const [type, fact] = need.split(".");
  if (need === "usage" && (rule.subject === "identity" || rule.subject === "credential")) {
    return { met: "v.usage_known = 1", label: "when it was last used", facts: ["usage"] };
  }
  if (type === rule.subject && fact !== undefined) {
    const column = factColumn(rule.subject, fact);
    return { met: column === undefined ? "1 = 1" : `v.${column}_known = 1`, label: need, facts: [need] };
  }
  return {
    met: `v.scope in (select c.scope from covered c where c.fact = '${need.replaceAll("'", "''")}')`,
    label: need,
    facts: [need],
  };
}

/** The fact's column where it can be unknown at all. */
function factColumn(subject: RecordType, fact: string): string | undefined {
  if (fact === "tags" && NAMED_TYPES.includes(subject)) return "tags";
  const spec = FACTS[subject][fact];
  return spec === undefined || spec.always === true ? undefined : spec.column;
}

function usageCondition(need: Exclude<Need, string>, setting: RuleSetting): NeedCondition {
  const { rule } = setting;
  const param = rule.params[need.window];
  if (param === undefined || param.unit !== "days") {
    throw new TypeError(
      `The rule ${rule.id} needs usage over the window ${need.window}, which is not one of its parameters in days`,
    );
  }
  const described = {
    label: `whether the ${need.usage} was used in the last ${setting.params[need.window] ?? param.default} days`,
    facts: ["usage"],
  };
  if (need.usage === rule.subject) return { met: usageCovers("v", need.window), ...described };
  const column = USAGE_COLUMNS[`${rule.subject} ${need.usage}`];
  if (column !== undefined) {
    return {
      met: `exists (select 1 from ${need.usage} u where u.urn = v.${column} and ${usageCovers("u", need.window)})`,
      ...described,
    };
  }
  if (rule.subject === "identity") {
    // An identity's credentials are all of them: one that nobody watched leaves the question open.
    return {
      met: `(v.scope in (select c.scope from covered c where c.fact = 'credential')
        and not exists (select 1 from credential u where u.identity = v.urn and not ${usageCovers("u", need.window)}))`,
      ...described,
    };
  }
  throw new TypeError(
    `The rule ${rule.id} asks for the use of a ${need.usage}, which a ${rule.subject} does not lead to`,
  );
}

/**
 * A use inside the window decides at once. Otherwise the observations must reach back to the beginning of the window
 * (or of the subject's life, whichever is later) and up to the present, as far as providers know it.
 * `observed_from` NULL with known usage is "since it was created".
 */
function usageCovers(alias: string, window: string): string {
  const begin = `@now - @${window}`;
  return `(case
    when ${alias}.last_used_at >= ${begin} then 1
    when ${alias}.usage_known = 1
      and ${alias}.observed_through >= @now - ${USAGE_LAG}
      and (${alias}.observed_from is null
        or ${alias}.observed_from <= case when ${alias}.created_at > ${begin} then ${alias}.created_at else ${begin} end)
    then 1 else 0 end = 1)`;
}
