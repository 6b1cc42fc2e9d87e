import type { RuleSetting } from "../engine/contract.ts";
import type { Rule } from "../sdk/index.ts";
import type { Config, RuleOverride } from "./contract.ts";
import type { Surroundings } from "./load.ts";
import { didYouMean } from "./nearest.ts";
import type { Problem } from "./problems.ts";
import { configurationError } from "./problems.ts";

/**
 * Every rule with what the configuration makes of it.
 *
 * @throws {UserError} exit 2: settings for a rule or a parameter that is not there, or outside of its limits.
 */
export function resolveRules(config: Config, rules: readonly Rule[], around: Surroundings): readonly RuleSetting[] {
  const { settings, problems } = judgeRules(config, rules);
  if (problems.length > 0) throw configurationError(config.file ?? "rollcall.yaml", problems, around.cwd);
  return settings;
}

/** As {@link resolveRules}, with the problems beside the settings. */
export function judgeRules(
  config: Config,
  rules: readonly Rule[],
): { readonly settings: readonly RuleSetting[]; readonly problems: readonly Problem[] } {
  const ids = rules.map((rule) => rule.id);
  const problems = Object.entries(config.rules).flatMap(([id, override]): readonly Problem[] => {
    const rule = rules.find((candidate) => candidate.id === id);
    if (rule !== undefined) return paramProblems(config, rule, override);
    return [
      {
        place: config.locate(["rules", id]),
        message: `rules: there is no rule "${id}"${didYouMean(id, ids)}`,
        next: "rollcall rules",
      },
    ];
  });
  return {
    settings: rules.map((rule) =>
      ruleSetting(rule, Object.hasOwn(config.rules, rule.id) ? config.rules[rule.id] : undefined),
    ),
    problems,
  };
}

function ruleSetting(rule: Rule, override: RuleOverride | undefined): RuleSetting {
  const defaults = Object.fromEntries(Object.entries(rule.params).map(([name, param]) => [name, param.default]));
  return {
    rule,
    enabled: override?.enabled ?? true,
    severity: override?.severity ?? rule.severity,
    params: { ...defaults, ...override?.params },
  };
}

function paramProblems(config: Config, rule: Rule, override: RuleOverride): readonly Problem[] {
  return Object.entries(override.params).flatMap(([name, value]) => {
    const place = config.locate(["rules", rule.id, name]);
    const param = Object.hasOwn(rule.params, name) ? rule.params[name] : undefined;
    if (param === undefined) {
      const known = ["enabled", "severity", ...Object.keys(rule.params)];
      const hint = didYouMean(name, known) || `; known here: ${known.join(", ")}`;
      return [{ place, message: `rules.${rule.id}: unknown key "${name}"${hint}` }];
    }
    if (value >= param.min && value <= param.max) return [];
    return [{ place, message: `rules.${rule.id}.${name}: must be ${param.min} to ${param.max} ${param.unit}` }];
  });
}
