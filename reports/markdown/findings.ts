import { type ReportView, SEVERITIES, type Severity } from "rollcall/sdk";
import { plainValue, type ReportRow } from "../shared/facts.ts";
import { code, count, counted, heading, prose, table } from "./write.ts";

/** Findings shown per rule; the rest is a number and a command. */
const EXAMPLES = 5;

const RULES = `
  select rule, severity,
    sum(case when verdict = 'fail' and state in ('open', 'reopened') then 1 else 0 end) as attention,
    sum(case when verdict = 'fail' and state = 'acknowledged' then 1 else 0 end) as acknowledged,
    sum(case when verdict = 'fail' and state = 'suppressed' then 1 else 0 end) as suppressed,
    sum(case when verdict = 'unknown' and state <> 'resolved' then 1 else 0 end) as undecided
  from finding
  group by rule, severity
  order by rule, severity`;

const FAILING = `
  select fingerprint, subject, message, evidence
  from finding
  where rule = @rule and severity = @severity and verdict = 'fail' and state in ('open', 'reopened')
  order by subject, fingerprint
  limit @limit`;

const UNDECIDED = `
  select message
  from finding
  where rule = @rule and severity = @severity and verdict = 'unknown' and state <> 'resolved'
  order by subject, fingerprint
  limit 1`;

interface RuleCounts {
  readonly rule: string;
  readonly severity: Severity;
  readonly attention: number;
  readonly acknowledged: number;
  readonly suppressed: number;
  readonly undecided: number;
}

/** What needs attention, worst first, and what could not be judged. */
export function findingSections(view: ReportView): { attention(): Iterable<string>; undecided(): string } {
  const rules = view.select(RULES).map(ruleCounts);
  const worstFirst = SEVERITIES.toReversed().flatMap((severity) => rules.filter((rule) => rule.severity === severity));
  return { attention: () => attention(view, worstFirst), undecided: () => undecided(view, worstFirst) };
}

function ruleCounts(row: ReportRow): RuleCounts {
  return {
    rule: String(row["rule"]),
    severity: row["severity"] as Severity,
    attention: Number(row["attention"]),
    acknowledged: Number(row["acknowledged"]),
    suppressed: Number(row["suppressed"]),
    undecided: Number(row["undecided"]),
  };
}

function* attention(view: ReportView, rules: readonly RuleCounts[]): Generator<string, void, void> {
  yield heading(2, "Findings");
  if (rules.length === 0) {
    yield "No rule reports anything; `rollcall rules` lists what is judged.\n";
    return;
  }
  const sum = (severity: Severity, part: "attention" | "acknowledged" | "suppressed" | "undecided") =>
    count(rules.filter((rule) => rule.severity === severity).reduce((total, rule) => total + rule[part], 0));
  const columns = [
    ["Severity", "left"],
    ["Needs attention", "right"],
    ["Acknowledged", "right"],
    ["Suppressed", "right"],
    ["Cannot tell", "right"],
  ] as const;
  yield table(
    columns,
    SEVERITIES.toReversed().map((severity) => [
      severity,
      ...(["attention", "acknowledged", "suppressed", "undecided"] as const).map((part) => sum(severity, part)),
    ]),
  );
  for (const rule of rules) if (rule.attention > 0) yield* ruleSection(view, rule);
}

function* ruleSection(view: ReportView, rule: RuleCounts): Generator<string, void, void> {
  yield heading(3, `${rule.severity}: ${code(rule.rule)}, ${counted(rule.attention, "finding")}`);
  const rows = view.select(FAILING, { rule: rule.rule, severity: rule.severity, limit: EXAMPLES });
  for (const row of rows) {
    yield `- ${code(row["subject"])}: ${prose(row["message"])}\n`;
    yield `  Evidence: ${evidence(row)}. Finding ${code(String(row["fingerprint"]).slice(0, 12))}.\n`;
  }
  const left = rule.attention - rows.length;
  if (left > 0) yield `- and ${counted(left, "more finding")}: ${code(`rollcall findings --rule ${rule.rule}`)}\n`;
  yield `\nWhat to do, in safe order: ${code(`rollcall rules show ${rule.rule}`)}\n`;
}

function evidence(row: ReportRow): string {
  const document = plainValue("json", row["evidence"]);
  if (typeof document !== "object" || document === null) return prose(document);
  const facts = Object.entries(document).map(([name, value]) => `${code(name)} ${shown(value)}`);
  return facts.length === 0 ? "none" : facts.join(", ");
}

function shown(value: unknown): string {
  if (value === null) return "none";
  return code(typeof value === "string" ? value : JSON.stringify(value));
}

function undecided(view: ReportView, rules: readonly RuleCounts[]): string {
  const rows = rules
    .filter((rule) => rule.undecided > 0)
    .map((rule) => {
      const [example] = view.select(UNDECIDED, { rule: rule.rule, severity: rule.severity });
      return [code(rule.rule), count(rule.undecided), prose(example?.["message"] ?? "")];
    });
  if (rows.length === 0) return "";
  const columns = [
    ["Rule", "left"],
    ["Undecided", "right"],
    ["For example", "left"],
  ] as const;
  return `${heading(2, "What could not be judged")}These neither pass nor fail: a fact that the rule needs was not seen.\n\n${table(columns, rows)}`;
}
