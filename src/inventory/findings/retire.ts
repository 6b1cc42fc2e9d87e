import type { Instant } from "../../model/index.ts";
import type { FindingContext } from "./findings.ts";
import { FINDING_COLUMNS, lastJudgedAt, moveFinding } from "./store.ts";
import type { FindingRow } from "./store.ts";

/** Closes what rules that are not judged any more have left open. */
export function retireRules(
  { statements }: FindingContext,
  activeRules: readonly string[],
  { run, now }: { readonly run: number; readonly now: Instant },
): void {
  const active = new Set(activeRules);
  for (const { rule } of statements.all<{ rule: string }>("select distinct rule from t_judgement order by rule")) {
    if (active.has(rule)) continue;
    const judgedAt = lastJudgedAt(statements, rule);
    for (const { id } of statements.all<{ id: number }>(
      "select id from t_finding where rule = ? and state <> 'resolved' order by id",
      rule,
    )) {
      const row = statements.one<FindingRow>(`select ${FINDING_COLUMNS} from t_finding where id = ?`, id);
      if (row === undefined) continue;
      moveFinding(
        statements,
        row,
        {
          state: "resolved",
          resolved_at: now,
          last_seen_at: row.last_seen_at ?? judgedAt ?? row.first_seen_at,
          suppressed_until: null,
        },
        { at: now, run, event: "retired", reason: "the rule is switched off" },
      );
    }
  }
}
