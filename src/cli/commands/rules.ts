import { jsonLine, UserError } from "../../sdk/index.ts";
import type { RuleSetting } from "../../engine/contract.ts";
import { loadConfig } from "../../config/index.ts";
import { resolveRules } from "../../config/rules.ts";
import { didYouMean } from "../../config/nearest.ts";
import { loadRules } from "../../plugins/rules.ts";
import type { Context } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { table } from "../format/table.ts";
import { terminal } from "../../sdk/text.ts";

/** `rollcall rules`: every rule with what the configuration makes of it. */
export async function rules(this: Context, flags: GlobalFlags): Promise<void> {
  const settings = await effectiveRules(this, flags);
  if (flags.json === true) {
    for (const setting of settings) await this.out.line(jsonLine(ruleDocument(setting)));
    return;
  }
  const columns = [
    { title: "RULE" },
    { title: "SEVERITY" },
    { title: "OWASP" },
    { title: "STATE" },
    { title: "TITLE", flexible: true },
  ];
  const cells = settings.map(({ rule, severity, enabled }) => [
    rule.id,
    severity,
    rule.owasp.join(" "),
    enabled ? rule.maturity : "off",
    rule.title,
  ]);
  for (const line of table(columns, cells, this.out.width)) await this.out.line(line);
}

/** `rollcall rules show ID` */
export async function showRule(this: Context, flags: GlobalFlags, id: string): Promise<void> {
  const settings = await effectiveRules(this, flags);
  const setting = settings.find(({ rule }) => rule.id === id);
  if (setting === undefined) {
    throw new UserError(
      `There is no rule "${id}"${didYouMean(
        id,
        settings.map(({ rule }) => rule.id),
      )}`,
      { next: "rollcall rules" },
    );
  }
  if (flags.json === true) {
    await this.out.line(jsonLine(ruleDocument(setting)));
    return;
  }
  for (const line of ruleText(setting)) await this.out.line(terminal(line));
}

/** The built-in rules and those of the configuration's folders, with the configuration applied. */
export async function effectiveRules(context: Context, flags: GlobalFlags): Promise<readonly RuleSetting[]> {
  const config = await loadConfig(flags, context);
  return resolveRules(config, await loadRules(config.ruleFolders), context);
}

function ruleDocument({ rule, enabled, severity, params }: RuleSetting): Record<string, unknown> {
  return {
    id: rule.id,
    title: rule.title,
    owasp: rule.owasp,
    severity,
    default_severity: rule.severity,
    enabled,
    maturity: rule.maturity,
    rationale: rule.rationale,
    params: Object.fromEntries(
      Object.entries(rule.params).map(([name, param]) => [name, { value: params[name] ?? param.default, ...param }]),
    ),
    subject: rule.subject,
    population: rule.population,
    needs: rule.needs,
    query: rule.query,
    resolved_by: rule.resolvedBy,
    remediation: rule.remediation,
    references: rule.references,
  };
}

function* ruleText({ rule, enabled, severity, params }: RuleSetting): Generator<string> {
  yield `${rule.id}: ${rule.title}`;
  yield `${severity}${severity === rule.severity ? "" : ` (${rule.severity} by default)`}, ${rule.maturity}, ${rule.owasp.join(", ")}${enabled ? "" : ", switched off by the configuration"}`;
  yield "";
  yield rule.rationale;
  yield "";
  yield `Judges each ${rule.subject} where ${rule.population}`;
  for (const need of rule.needs)
    yield `  needs ${typeof need === "string" ? need : `usage of the ${need.usage} over ${need.window}`}`;
  const names = Object.entries(rule.params);
  if (names.length > 0) {
    yield "";
    yield "Parameters";
    for (const [name, param] of names) {
      const value = params[name] ?? param.default;
      const changed = value === param.default ? "" : ` (${param.default} by default)`;
      yield `  ${name} = ${value} ${param.unit}${changed}, ${param.min} to ${param.max}: ${param.doc}`;
    }
  }
  yield "";
  yield `Goes away when: ${rule.resolvedBy}`;
  for (const remedy of rule.remediation) {
    yield "";
    yield `Steps (${remedy.for === "any" ? "any provider" : remedy.for}), in this order`;
    for (const [index, step] of remedy.steps.entries()) yield `  ${index + 1}. ${step}`;
    yield `  ${remedy.docs}`;
  }
  if (rule.references.length > 0) yield "";
  for (const reference of rule.references) yield `See ${reference}`;
}
