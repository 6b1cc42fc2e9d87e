import type { FindingState, Instant, Verdict } from "../../model/index.ts";
import type { Judgement, JudgementSummary } from "../contract.ts";
import { BitSet } from "../bit-set.ts";
import { storeText } from "../text.ts";
import { answers } from "./answers.ts";
import type { SubjectRow } from "./answers.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { FindingContext } from "./findings.ts";
import { FINDING_COLUMNS, lastJudgedAt, moveFinding } from "./store.ts";
import type { FindingEvent, FindingRow, FindingStatus } from "./store.ts";

interface Verdicts {
  readonly verdict: Verdict;
  readonly fingerprint: string;
  readonly message: string;
  readonly evidence: string;
}

/**
 * Moves the findings of one rule to what its two statements say. The statements run on a connection of their own and
 * stream; a rule that was never judged has nothing to compare with, and its findings are plain inserts.
 */
export function judge(
  context: FindingContext,
  judgement: Judgement,
  when: { readonly run: number; readonly now: Instant },
): JudgementSummary {
  const { statements, indexes } = context;
  const judgedAt = lastJudgedAt(statements, judgement.rule);
  const first = judgedAt === null;
  if (!first) indexes.forFindings();
  const ledger = new Ledger(context, judgement, when, first, judgedAt);

  for (const { row, evidence } of answers(context, judgement, judgement.failing)) {
    ledger.enter(row, {
      verdict: "fail",
      fingerprint: fingerprintOf(
        judgement.rule,
        row.subject,
        judgement.identity.map((column) => row[column] ?? null),
      ),
      message: storeText(judgement.explain(row)),
      evidence: evidence(row),
    });
  }
  ledger.beginUndecided();
  for (const { row } of answers(context, judgement, judgement.undecided)) ledger.enterUndecided(row);
  ledger.resolveVanished();
  statements.run(
    "insert or ignore into t_judgement (rule, at, run) values (?, ?, ?)",
    judgement.rule,
    when.now,
    when.run,
  );
  return { rule: judgement.rule, ...ledger.counts };
}

class Ledger {
  readonly counts = { failed: 0, unknown: 0, opened: 0, resolved: 0 };
  readonly #context: FindingContext;
  readonly #judgement: Judgement;
  readonly #when: { readonly run: number; readonly now: Instant };
  /** Nothing of this rule was there before. */
  readonly #first: boolean;
  readonly #judgedAt: Instant | null;
  /** Findings that this judgement has confirmed or opened, by number. */
  readonly #confirmed = new BitSet();
  #undecided = false;

  constructor(
    context: FindingContext,
    judgement: Judgement,
    when: { readonly run: number; readonly now: Instant },
    first: boolean,
    judgedAt: Instant | null,
  ) {
    this.#context = context;
    this.#judgement = judgement;
    this.#when = when;
    this.#first = first;
    this.#judgedAt = judgedAt;
  }

  beginUndecided(): void {
    this.#undecided = true;
  }

  enter(named: SubjectRow, verdicts: Verdicts): void {
    if (this.#first) {
      this.#open(named, verdicts);
      return;
    }
    const { statements } = this.#context;
    const row = statements.one<FindingRow>(
      `select ${FINDING_COLUMNS} from t_finding where fingerprint = ?`,
      verdicts.fingerprint,
    );
    if (row === undefined) this.#open(named, verdicts);
    else this.#confirm(row, named, verdicts);
  }

  enterUndecided(named: SubjectRow): void {
    const { subject } = named;
    const reason = String(named["reason"] ?? "");
    const { statements, mutations } = this.#context;
    if (mutations.resolveUndecided === true) return;
    const verdicts: Verdicts = {
      verdict: "unknown",
      fingerprint: fingerprintOf(
        this.#judgement.rule,
        subject,
        this.#judgement.identity.map(() => null),
      ),
      message: storeText(reason),
      evidence: JSON.stringify({ reason }),
    };
    const live = this.#first
      ? []
      : statements.all<FindingRow>(
          `select ${FINDING_COLUMNS} from t_finding where rule = ? and subject = ? and state <> 'resolved'`,
          this.#judgement.rule,
          subject,
        );
    if (live.length === 0) this.enter(named, verdicts);
    else for (const row of live) this.#confirm(row, named, verdicts);
  }

  #open(named: SubjectRow, { verdict, fingerprint, message, evidence }: Verdicts): void {
    const { statements } = this.#context;
    const { rule, severity, subjectType } = this.#judgement;
    const { now, run } = this.#when;
    const { changes, lastInsertRowid } = statements.run(
      `insert into t_finding (fingerprint, rule, subject, subject_type, identity, provider, scope, verdict, severity, state,
        first_seen_at, first_run, since_at, first_verdict, message, evidence)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, ?, ?, ?, ?, ?)
        on conflict (fingerprint) do nothing`,
      fingerprint,
      rule,
      named.subject,
      subjectType,
      named.j_identity,
      named.j_provider,
      named.j_scope,
      verdict,
      severity,
      now,
      run,
      now,
      verdict,
      message,
      evidence,
    );
    if (changes === 0) {
      this.#settleTwins(fingerprint, { verdict, fingerprint, message, evidence });
      return;
    }
    if (verdict === "fail") {
      this.counts.failed += 1;
      this.counts.opened += 1;
    } else {
      this.counts.unknown += 1;
    }
    if (!this.#first) this.#confirmed.add(Number(lastInsertRowid));
  }

  /** Two rows of one answer that the rule cannot tell apart: the smaller evidence stands, whichever came first. */
  #settleTwins(fingerprint: string, { message, evidence, verdict }: Verdicts): void {
    this.#context.statements.run(
      "update t_finding set message = ?, evidence = ? where fingerprint = ? and verdict = ? and evidence > ?",
      message,
      evidence,
      fingerprint,
      verdict,
      evidence,
    );
  }

  #confirm(row: FindingRow, named: SubjectRow, { verdict, message, evidence, fingerprint }: Verdicts): void {
    if (this.#confirmed.has(row.id)) {
      if (!this.#undecided) this.#settleTwins(fingerprint, { verdict, message, evidence, fingerprint });
      return;
    }
    this.#confirmed.add(row.id);
    this.counts[verdict === "fail" ? "failed" : "unknown"] += 1;
    const { now, run } = this.#when;
    const { severity } = this.#judgement;
    const { state, event, reason } = this.#stateOf(row, verdict);
    const status: FindingStatus = {
      // A subject may have moved to another scope, and a key to another identity.
      identity: named.j_identity,
      scope: named.j_scope,
      verdict,
      severity,
      state,
      message,
      evidence,
      last_seen_at: null,
      resolved_at: null,
      suppressed_until: state === "suppressed" ? row.suppressed_until : null,
    };
    if (isSame(row, status)) return;
    if (event === "reopened") this.counts.opened += 1;
    moveFinding(this.#context.statements, row, status, {
      at: now,
      run,
      ...(event === undefined ? {} : { event }),
      ...(reason === undefined ? {} : { reason }),
    });
  }

  #stateOf(
    row: FindingRow,
    verdict: Verdict,
  ): { readonly state: FindingState; readonly event?: FindingEvent; readonly reason?: string } {
    const turned =
      row.verdict === verdict ? {} : { event: verdict === "fail" ? ("failed" as const) : ("undecided" as const) };
    switch (row.state) {
      case "resolved":
        return verdict === "fail" ? { state: "reopened", event: "reopened" } : { state: "open", event: "undecided" };
      case "suppressed":
        if (row.suppressed_until !== null && row.suppressed_until <= this.#when.now)
          return { state: "reopened", event: "expired", reason: "the suppression ended" };
        return { state: row.state, ...turned };
      case "open":
      case "acknowledged":
      case "reopened":
        return { state: row.state, ...turned };
    }
  }

  resolveVanished(): void {
    if (this.#first) return;
    const { statements } = this.#context;
    const { now, run } = this.#when;
    const live = statements.db
      .prepare<[string], { id: number }>("select id from t_finding where rule = ? and state <> 'resolved'")
      .all(this.#judgement.rule);
    for (const { id } of live) {
      if (this.#confirmed.has(id)) continue;
      const row = statements.one<FindingRow>(`select ${FINDING_COLUMNS} from t_finding where id = ?`, id);
      if (row === undefined) continue;
      this.counts.resolved += 1;
      moveFinding(
        statements,
        row,
        {
          state: "resolved",
          resolved_at: now,
          last_seen_at: row.last_seen_at ?? this.#judgedAt ?? row.first_seen_at,
          suppressed_until: null,
        },
        { at: now, run, event: "resolved" },
      );
    }
  }
}

function isSame(row: FindingRow, status: FindingStatus): boolean {
  return (Object.keys(status) as (keyof FindingStatus)[]).every((key) => row[key] === status[key]);
}
