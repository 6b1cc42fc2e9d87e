import type { Inventory, JudgementSummary } from "../../inventory/contract.ts";
import { SEVERITIES } from "../../model/index.ts";
import type { FactName, Instant, Severity } from "../../model/index.ts";
import { isUserError } from "../../sdk/index.ts";
import type { RuleSetting } from "../contract.ts";
import { compileRule } from "./compile.ts";
import { hiddenFacts, unseenGrants } from "./hidden.ts";
import type { EmittedFacts } from "./hidden.ts";
import { derivePrivileges } from "./privilege.ts";
import { deriveScores } from "./score.ts";

export interface EvaluationContext {
  readonly run: number;
  /** When the scan began: the `@now` of every rule. */
  readonly now: Instant;
  /** What each collection emits, so that an unknown can name the gap that hides it. */
  readonly emitted?: EmittedFacts;
  readonly onJudged?: (summary: JudgementSummary) => void;
}

export interface Evaluation {
  readonly summaries: readonly JudgementSummary[];
  /** Open and reopened failures. */
  readonly open: Readonly<Record<Severity, number>>;
  /** Live findings whose verdict is unknown. */
  readonly unknown: number;
  readonly opened: number;
  readonly resolved: number;
  /** Rules that broke, with the kind of error: their findings stay as they are. */
  readonly broken: readonly { readonly rule: string; readonly error: string }[];
}

/**
 * Judges the inventory as it stands: usage, then the privilege of each identity, then every rule that is on, then the
 * scores. Rules that are off have their findings closed with that as the reason. A rule that breaks is named and
 * changes nothing; it never takes the others down.
 *
 * @throws {UserError} exit 7 where the inventory cannot be written.
 */
export function evaluateRules(
  inventory: Inventory,
  rules: readonly RuleSetting[],
  context: EvaluationContext,
): Evaluation {
  const { reader } = inventory;
  const writer = inventory.writer();
  writer.refreshDerived();

  const active = rules.filter(({ enabled }) => enabled);
  const hidden = hiddenFacts(reader, neededFacts(active), context.emitted);
  const privileges = () => derivePrivileges(reader, unseenGrants(reader, hidden));
  // A rule may read privileges, and scores follow from what the rules find. Only then is everything derived twice.
  const early = active.some(readsPrivilege);
  if (early) writer.replaceDerived(privileges());

  const summaries: JudgementSummary[] = [];
  const broken: { rule: string; error: string }[] = [];
  for (const setting of active) {
    try {
      const summary = writer.findings.judge(compileRule(setting, context.now, hidden), {
        run: context.run,
        now: context.now,
      });
      summaries.push(summary);
      context.onJudged?.(summary);
    } catch (error) {
      if (isUserError(error)) throw error;
      broken.push({
        rule: setting.rule.id,
        error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      });
    }
  }
  writer.findings.retire(
    active.map(({ rule }) => rule.id),
    { run: context.run, now: context.now },
  );
  writer.replaceDerived(early ? deriveScores(reader) : deriveScores(reader, privileges()));

  return {
    summaries,
    ...countFindings(inventory),
    opened: summaries.reduce((sum, { opened }) => sum + opened, 0),
    resolved: summaries.reduce((sum, { resolved }) => sum + resolved, 0),
    broken,
  };
}

function readsPrivilege({ rule }: RuleSetting): boolean {
  return /\bprivilege/i.test(`${rule.population} ${rule.query} ${rule.settled ?? ""} ${rule.doubt ?? ""}`);
}

function neededFacts(rules: readonly RuleSetting[]): readonly FactName[] {
  const needed = rules.flatMap(({ rule }) => rule.needs.map((need) => (typeof need === "string" ? need : "usage")));
  return [...new Set([...needed, "grant", "membership", "credential"])].sort();
}

function countFindings({ reader }: Inventory): Pick<Evaluation, "open" | "unknown"> {
  const rows = reader.select<{ verdict: string; severity: Severity; number: number }>(
    `select verdict, severity, count(*) as number from finding
      where (verdict = 'fail' and state in ('open', 'reopened')) or (verdict = 'unknown' and state <> 'resolved')
      group by verdict, severity`,
  );
  const open = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<Severity, number>;
  let unknown = 0;
  for (const { verdict, severity, number } of rows) {
    if (verdict === "fail") open[severity] += number;
    else unknown += number;
  }
  return { open, unknown };
}
