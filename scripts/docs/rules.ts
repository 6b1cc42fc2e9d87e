import {
  formatInstant,
  type Need,
  type Rule,
  type RuleExample,
  type RuleExamples,
  type RuleParam,
} from "../../src/sdk/index.ts";
import { code, codes, dedent, fenced, list, numbered, oneLine, page, type Page, table } from "./page.ts";

/** One page per rule, and the index. */
export function rulePages(rules: readonly Rule[], examples: readonly RuleExamples[]): readonly Page[] {
  const examplesOf = new Map(examples.map((entry) => [entry.rule.id, entry.examples]));
  return [index(rules), ...rules.map((rule) => rulePage(rule, examplesOf.get(rule.id) ?? []))];
}

function index(rules: readonly Rule[]): Page {
  return page("rules/README.md", [
    "# Rules",
    "A rule gives each subject one of three verdicts: it fails, it passes, or nobody can tell, because a fact that the rule needs was not seen. Severity, thresholds, and on or off are yours to set, under `rules:` in `rollcall.yaml`.",
    table(
      ["rule", "what it finds", "severity", "judges", "OWASP NHI"],
      rules.map((rule) => [
        `[${rule.id}](${rule.id}.md)`,
        rule.title,
        rule.severity,
        rule.subject,
        rule.owasp.join(", "),
      ]),
    ),
    "`rollcall rules` lists them with your settings, `rollcall rules show ID` explains one, and `rollcall rules test` runs the examples of your own.",
  ]);
}

function rulePage(rule: Rule, examples: readonly RuleExample[]): Page {
  return page(`rules/${rule.id}.md`, [
    `# ${rule.title}`,
    `${code(rule.id)}: ${rule.severity} severity, judges each ${rule.subject}, ${rule.maturity}. OWASP Non-Human Identities Top 10: ${rule.owasp.join(", ")}.`,
    oneLine(rule.rationale),
    ...settings(rule),
    "## What it needs to know",
    needs(rule),
    "## What it asks",
    `It judges every ${rule.subject}${condition(rule.population)}. The ${rule.subject} fails if this query returns it:`,
    fenced("sql", dedent(rule.query)),
    ...doubt(rule),
    rule.identity === undefined ? "" : `One subject can have several findings, told apart by ${codes(rule.identity)}.`,
    `The finding goes away when: ${lowerFirst(rule.resolvedBy)}`,
    "## What to do",
    "In this order; each step leaves things working if the next is never done.",
    ...rule.remediation.flatMap((remediation) => [
      remediation.for === "any" ? "" : `**${remediation.for}**`,
      numbered(remediation.steps),
      `[The vendor's page](${remediation.docs})`,
    ]),
    "## Examples",
    "The smallest inventories on which the rule fails, passes and cannot tell; a test runs them on SQLite and on PostgreSQL. Times are written out here; unless an example says otherwise, it is 2026-01-01.",
    ...examples.map(example),
    "## References",
    list(rule.references.map((reference) => `<${reference}>`)),
  ]);
}

function doubt(rule: Rule): readonly string[] {
  if (rule.doubt === undefined) return [];
  return [
    "Nobody can tell, although everything was seen, where this query returns it with a reason:",
    fenced("sql", dedent(rule.doubt)),
  ];
}

function condition(population: string): string {
  const text = oneLine(population);
  return text === "" ? "" : ` for which ${code(text)} holds`;
}

function settings(rule: Rule): readonly string[] {
  const params = Object.entries(rule.params);
  const yaml = [
    "rules:",
    `  ${rule.id}:`,
    `    severity: ${rule.severity}`,
    ...params.map(([name, param]) => `    ${name}: ${param.default}`),
    "    enabled: true",
  ];
  return [
    "## Settings",
    table(
      ["setting", "default", "from", "to", "what it is"],
      params.map(([name, param]) => [
        code(name),
        amount(param.default, param),
        String(param.min),
        String(param.max),
        param.doc,
      ]),
    ),
    "As it is, in `rollcall.yaml`:",
    fenced("yaml", yaml.join("\n")),
  ];
}

function amount(value: number, param: RuleParam): string {
  switch (param.unit) {
    case "days":
      return value === 1 ? "1 day" : `${value} days`;
    case "percent":
      return `${value} %`;
    case "count":
      return String(value);
  }
}

function needs(rule: Rule): string {
  const settled =
    rule.settled === undefined ? "" : `\n\nWithout them it still passes where ${code(oneLine(rule.settled))}.`;
  if (rule.needs.length === 0) return `Nothing beside the records themselves.${settled}`;
  return `${list(rule.needs.map((need) => describeNeed(need, rule)))}\n\nA subject for which one of these was not seen is *unknown*, with the reason.${settled}`;
}

function describeNeed(need: Need, rule: Rule): string {
  if (typeof need !== "string") return `use of the ${need.usage}, over the setting ${code(need.window)}`;
  const [type] = need.split(".");
  if (type === rule.subject && need !== type) return `${code(need)} of the ${rule.subject} itself`;
  return `${code(need)}, from every collection that reports it, for the whole scope`;
}

function example(example: RuleExample): string {
  const hidden = (example.hidden ?? []).map((part) => `${codes(part.facts)} not seen: ${part.reason}`);
  return [
    `### ${example.name.charAt(0).toUpperCase()}${example.name.slice(1)}`,
    table(
      ["subject", "verdict"],
      Object.entries(example.expect).map(([subject, verdict]) => [code(subject), verdict]),
    ),
    list(hidden),
    fenced("json", example.records.map(recordLine).join("\n")),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** The record as it is written in the examples, with its times as people read them. */
function recordLine(record: object): string {
  return JSON.stringify(record, (name, value: unknown) =>
    typeof value === "number" && /At$|^observed(From|Through)$/.test(name) ? formatInstant(value) : value,
  );
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
