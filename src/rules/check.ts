import { FACTS, SEVERITIES, isFactName } from "../model/index.ts";
import type { FactName } from "../model/index.ts";
import type { Rule, RuleExamples } from "../sdk/index.ts";
import { sqlTokens, viewsRead } from "./sql.ts";

/** One thing that is wrong with a rule, in a sentence that says where. */
interface RuleProblem {
  readonly rule: string;
  /** `query`, `params.window`, `examples`. */
  readonly where: string;
  readonly problem: string;
}

interface CheckOptions {
  /** Providers that need remediation steps of their own where `any` has none. Nobody if left out. */
  readonly remediationFor?: readonly string[];
}

/** The documented views that a rule may read. */
export const RULE_VIEWS: readonly string[] = [
  "scope",
  "identity",
  "credential",
  "identity_group",
  "membership",
  "permission_set",
  "access_grant",
  "effective_grant",
  "trust",
  "anchor",
  "owner",
  "usage",
  "alias",
  "tag",
  "coverage",
  "covered",
];

/** What one of the two databases does not know, or does otherwise. */
const NOT_PORTABLE = new Set([
  "iif",
  "ifnull",
  "glob",
  "regexp",
  "match",
  "json",
  "json_extract",
  "json_each",
  "json_array_length",
  "json_valid",
  "instr",
  "strpos",
  "position",
  "group_concat",
  "string_agg",
  "strftime",
  "datetime",
  "date",
  "julianday",
  "unixepoch",
  "typeof",
  "printf",
  "format",
  "total",
  "ilike",
  "similar",
  "greatest",
  "least",
  "rowid",
  "current_timestamp",
  "random",
]);

/**
 * Everything about a rule and its examples that can be checked without a database. An empty list: nothing found. For
 * the built-in rules and for a user's own alike.
 */
export function checkRule(
  rule: Rule,
  examples: RuleExamples | undefined,
  options: CheckOptions = {},
): readonly RuleProblem[] {
  const problems: RuleProblem[] = [];
  const report = (where: string, problem: string): void => {
    problems.push({ rule: typeof rule.id === "string" ? rule.id : "?", where, problem });
  };
  checkWords(rule, report);
  checkParams(rule, report);
  checkNeeds(rule, report);
  checkSql(rule, report);
  checkRemediation(rule, options.remediationFor ?? [], report);
  checkExamples(rule, examples, report);
  return problems;
}

type Report = (where: string, problem: string) => void;

function checkWords(rule: Rule, report: Report): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(rule.id)) report("id", "is not lower-case words joined by hyphens");
  for (const field of ["title", "rationale", "resolvedBy"] as const) {
    if (typeof rule[field] !== "string" || rule[field].trim() === "") report(field, "is empty");
  }
  if (rule.owasp.length === 0) report("owasp", "names no risk of the OWASP NHI Top 10");
  for (const id of rule.owasp) {
    if (!/^NHI(?:[1-9]|10):2025$/.test(id)) report("owasp", `${id} is not one of NHI1:2025 to NHI10:2025`);
  }
  if (!SEVERITIES.includes(rule.severity))
    report("severity", `${rule.severity} is not one of ${SEVERITIES.join(", ")}`);
  if (rule.references.length === 0) report("references", "is empty");
  for (const reference of rule.references)
    if (!isPage(reference)) report("references", `${reference} is not an https page`);
}

function checkParams(rule: Rule, report: Report): void {
  const used = new Set(statements(rule).flatMap(([, sql]) => parameters(sql)));
  for (const need of rule.needs) if (typeof need !== "string") used.add(need.window);
  for (const [name, param] of Object.entries(rule.params)) {
    const where = `params.${name}`;
    if (!(param.min <= param.default && param.default <= param.max))
      report(where, `the default ${param.default} is not between ${param.min} and ${param.max}`);
    if (![param.min, param.default, param.max].every(Number.isSafeInteger)) report(where, "is not a whole number");
    if (param.doc.trim() === "") report(where, "has no doc");
    if (name === "now") report(where, "is the name of the present");
    if (!used.has(name)) report(where, "is used by no statement and no need");
  }
  for (const [where, sql] of statements(rule)) {
    for (const name of parameters(sql)) {
      if (name !== "now" && !Object.hasOwn(rule.params, name)) report(where, `@${name} is not a parameter`);
    }
  }
}

function checkNeeds(rule: Rule, report: Report): void {
  if (rule.needs.length === 0)
    report("needs", "is empty: a rule that needs nothing to have been seen cannot pass anybody");
  for (const need of rule.needs) {
    if (typeof need === "string") {
      if (!isFactName(need)) report("needs", `${need} is not a fact`);
    } else if (!Object.hasOwn(rule.params, need.window)) {
      report("needs", `the window ${need.window} is not a parameter`);
    } else if (rule.params[need.window]?.unit !== "days") {
      report("needs", `the window ${need.window} is not in days`);
    }
  }
}

function checkSql(rule: Rule, report: Report): void {
  const known = new Set(alwaysKnown(rule));
  for (const column of conditionColumns(rule.population)) {
    if (!known.has(column))
      report("population", `${column} may be unknown or is not a column of the ${rule.subject} view`);
  }
  for (const [where, sql] of statements(rule)) {
    const tokens = sqlTokens(sql);
    for (const { kind, text } of tokens) {
      if (kind === "word" && NOT_PORTABLE.has(text))
        report(where, `${text} is not in the SQL that SQLite and PostgreSQL share`);
      if (text === ";") report(where, "is more than one statement");
      if (kind === "sign" && text === "?") report(where, "has a parameter without a name");
      if (text.startsWith('"'))
        report(where, `${text} is a quoted name: SQLite reads it as a text where no such column exists`);
    }
    for (const view of viewsRead(sql))
      if (!RULE_VIEWS.includes(view)) report(where, `${view} is not a view that rules read`);
  }
  for (const where of ["query", "doubt"] as const) {
    const sql = rule[where];
    if (sql === undefined) continue;
    if (!/^\s*(?:select|with)\b/i.test(sql)) report(where, "is not a select");
    if (!/\bas\s+subject\b/i.test(sql)) report(where, "has no column `subject`");
    if (where === "doubt" && !/\bas\s+reason\b/i.test(sql)) report(where, "has no column `reason`");
  }
}

function checkRemediation(rule: Rule, providers: readonly string[], report: Report): void {
  if (rule.remediation.length === 0) report("remediation", "is empty");
  for (const { for: provider, steps, docs } of rule.remediation) {
    if (steps.length < 2 || steps.some((step) => step.trim() === ""))
      report("remediation", `for ${provider} has fewer than two steps`);
    if (!isPage(docs)) report("remediation", `for ${provider} has no https page`);
  }
  for (const provider of providers) {
    if (!rule.remediation.some((one) => one.for === provider || one.for === "any"))
      report("remediation", `has nothing for ${provider}`);
  }
}

function checkExamples(rule: Rule, examples: RuleExamples | undefined, report: Report): void {
  if (examples === undefined) return report("examples", "are missing");
  if (examples.rule !== rule) report("examples", "are those of another rule");
  const verdicts = new Set(examples.examples.flatMap((example) => Object.values(example.expect)));
  for (const verdict of ["fail", "pass", "unknown"] as const) {
    if (!verdicts.has(verdict)) report("examples", `none expects ${verdict}`);
  }
  const names = new Set<string>();
  for (const example of examples.examples) {
    const where = `examples: ${example.name}`;
    if (names.has(example.name)) report(where, "the name is used twice");
    names.add(example.name);
    const subjects = new Set(example.records.flatMap((record) => (record.type === rule.subject ? [record.urn] : [])));
    for (const subject of Object.keys(example.expect)) {
      if (!subjects.has(subject)) report(where, `${subject} is expected but is no ${rule.subject} among the records`);
    }
    for (const fact of example.hidden?.flatMap((hidden) => hidden.facts) ?? []) {
      if (!isFactName(fact)) report(where, `${fact} is hidden but is not a fact`);
    }
  }
}

function statements(rule: Rule): readonly (readonly [where: string, sql: string])[] {
  const all = [
    ["population", rule.population],
    ["settled", rule.settled],
    ["doubt", rule.doubt],
    ["query", rule.query],
  ] as const;
  return all.flatMap(([where, sql]) => (sql === undefined ? [] : [[where, sql] as const]));
}

function parameters(sql: string): readonly FactName[] {
  return sqlTokens(sql).flatMap(({ kind, text }) => (kind === "parameter" ? [text] : []));
}

/** Columns of the subject's view that are never unknown. */
function alwaysKnown(rule: Rule): readonly string[] {
  const facts = Object.values(FACTS[rule.subject]).flatMap((fact) => (fact.always === true ? [fact.column] : []));
  return [...facts, "urn", "provider", "scope", ...(rule.subject === "identity" ? ["nature"] : [])];
}

const CONDITION_WORDS = new Set([
  "and",
  "or",
  "not",
  "in",
  "is",
  "null",
  "like",
  "between",
  "case",
  "when",
  "then",
  "else",
  "end",
  "coalesce",
  "lower",
  "upper",
  "substr",
  "replace",
  "length",
  "escape",
]);

function conditionColumns(condition: string): readonly string[] {
  return sqlTokens(condition).flatMap(({ kind, text }) =>
    kind === "word" && !CONDITION_WORDS.has(text) ? [text] : [],
  );
}

function isPage(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === "https:";
}
