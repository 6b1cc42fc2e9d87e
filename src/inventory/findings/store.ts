import type { Finding, FindingState, Instant, Severity, Urn, Verdict } from "../../model/index.ts";
import { readText } from "../text.ts";
import type { Statements } from "../statements.ts";

/** The part of a finding that moves. */
export interface FindingStatus {
  readonly identity: Urn | null;
  readonly scope: Urn;
  readonly verdict: Verdict;
  readonly severity: Severity;
  readonly state: FindingState;
  readonly last_seen_at: number | null;
  readonly resolved_at: number | null;
  readonly suppressed_until: number | null;
  readonly message: string;
  readonly evidence: string;
}

export interface FindingRow extends FindingStatus {
  readonly id: number;
  readonly fingerprint: string;
  readonly rule: string;
  readonly subject: Urn;
  readonly first_seen_at: number;
  readonly since_at: number;
}

export const FINDING_COLUMNS =
  "id, fingerprint, rule, subject, identity, scope, verdict, severity, state, first_seen_at, since_at, last_seen_at, resolved_at, suppressed_until, message, evidence";

export type FindingEvent =
  | "undecided"
  | "failed"
  | "resolved"
  | "reopened"
  | "expired"
  | "retired"
  | "acknowledged"
  | "suppressed";

export interface Move {
  readonly at: Instant;
  readonly run: number | null;
  /** Left out where only severity, message or evidence change, which is no move. */
  readonly event?: FindingEvent;
  readonly actor?: string;
  readonly reason?: string;
  readonly until?: Instant;
}

/** Changes a finding; what it was before stays as a version, and the move as an event. */
export function moveFinding(statements: Statements, row: FindingRow, status: Partial<FindingStatus>, move: Move): void {
  const next: FindingStatus = { ...row, ...status };
  if (move.at > row.since_at) {
    statements.run(
      `insert into t_finding_version (id, from_at, to_at, identity, scope, verdict, severity, state, last_seen_at, resolved_at, suppressed_until, message, evidence)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      row.id,
      row.since_at,
      move.at,
      row.identity,
      row.scope,
      row.verdict,
      row.severity,
      row.state,
      row.last_seen_at,
      row.resolved_at,
      row.suppressed_until,
      row.message,
      row.evidence,
    );
  }
  statements.run(
    `update t_finding set identity = ?, scope = ?, verdict = ?, severity = ?, state = ?, last_seen_at = ?, resolved_at = ?, suppressed_until = ?, message = ?, evidence = ?, since_at = ?
      where id = ?`,
    next.identity,
    next.scope,
    next.verdict,
    next.severity,
    next.state,
    next.last_seen_at,
    next.resolved_at,
    next.suppressed_until,
    next.message,
    next.evidence,
    Math.max(move.at, row.since_at),
    row.id,
  );
  if (move.event === undefined) return;
  statements.run(
    "insert into t_finding_event (finding, at, run, event, actor, reason, until) values (?, ?, ?, ?, ?, ?, ?)",
    row.id,
    move.at,
    move.run,
    move.event,
    move.actor ?? null,
    move.reason ?? null,
    move.until ?? null,
  );
}

/** When a rule was judged last: the time at which its live findings were last confirmed. */
export function lastJudgedAt(statements: Statements, rule: string): Instant | null {
  return (
    statements.one<{ at: number | null }>("select max(at) as at from t_judgement where rule = ?", rule)?.at ?? null
  );
}

export function findingOf(statements: Statements, row: FindingRow): Finding {
  return {
    fingerprint: row.fingerprint,
    rule: row.rule,
    subject: row.subject,
    verdict: row.verdict,
    severity: row.severity,
    state: row.state,
    evidence: JSON.parse(row.evidence) as Readonly<Record<string, unknown>>,
    message: readText(row.message),
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at ?? lastJudgedAt(statements, row.rule) ?? row.first_seen_at,
    resolvedAt: row.resolved_at,
    suppressedUntil: row.suppressed_until,
  };
}
