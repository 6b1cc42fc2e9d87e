import { scoreOf } from "../../graph/index.ts";
import type { ScoredFinding, ScoreInput } from "../../graph/index.ts";
import type { DerivedIdentity, Reader } from "../../inventory/contract.ts";
import type { Severity, Tier, Urn } from "../../model/index.ts";
import { alongside } from "./alongside.ts";

// One text per part of the input, so that the score of all and the explanation of one cannot drift apart.
const IDENTITIES = "select urn, enabled, environment, privilege, privilege_certainty, privilege_reason from identity";
const FINDINGS = `select identity as urn, fingerprint, rule, severity from finding
  where verdict = 'fail' and state in ('open', 'reopened', 'acknowledged') and identity is not null`;
const STATIC_CREDENTIALS = `select identity as urn, count(*) as number from credential
  where enabled = 1 and enabled_known = 1 and secrecy in ('static-secret', 'private-key')`;
const OPEN_TRUSTS = `select identity as urn, count(*) as number from trust
  where effect = 'allow' and party = 'anyone' and pinned = 0 and pinned_known = 1`;
const OUTSIDE_TRUSTS = `select identity as urn, count(*) as number from trust
  where effect = 'allow' and party_relation = 'outside' and party_relation_known = 1`;

/**
 * Every live identity with its score, from the findings as they stand and the privileges given, or else stored.
 * Streams in order of URNs.
 */
export function* deriveScores(reader: Reader, privileges: Iterable<DerivedIdentity> = []): Generator<DerivedIdentity> {
  const given = alongside(privileges);
  const findings = alongside(reader.iterate<FindingRow>(`${FINDINGS} order by identity, fingerprint`));
  const counts = (sql: string) => alongside(reader.iterate<CountRow>(`${sql} group by identity order by identity`));
  const [credentials, open, outside] = [counts(STATIC_CREDENTIALS), counts(OPEN_TRUSTS), counts(OUTSIDE_TRUSTS)];
  try {
    for (const row of reader.iterate<IdentityRow>(`${IDENTITIES} order by urn`)) {
      const [privilege] = given.of(row.urn);
      const input = inputOf(withPrivilege(row, privilege), findings.of(row.urn), {
        staticCredentials: first(credentials.of(row.urn)),
        openTrusts: first(open.of(row.urn)),
        outsideTrusts: first(outside.of(row.urn)),
      });
      yield {
        urn: row.urn,
        privilege: input.privilege.tier,
        certainty: input.privilege.certainty,
        reason: privilege?.reason ?? row.privilege_reason ?? "",
        score: scoreOf(input).score,
      };
    }
  } finally {
    for (const stream of [given, findings, credentials, open, outside]) stream.close();
  }
}

/** What one identity's score is made of: for `scoreOf`, and for `scoreWithout` a finding. */
export function scoreInput(reader: Reader, urn: Urn): ScoreInput | undefined {
  const [row] = reader.select<IdentityRow>(`${IDENTITIES} where urn = @urn`, { urn });
  if (row === undefined) return undefined;
  const count = (sql: string) =>
    first(reader.select<CountRow>(`${sql} and identity = @urn group by identity`, { urn }));
  return inputOf(row, reader.select<FindingRow>(`${FINDINGS} and identity = @urn order by fingerprint`, { urn }), {
    staticCredentials: count(STATIC_CREDENTIALS),
    openTrusts: count(OPEN_TRUSTS),
    outsideTrusts: count(OUTSIDE_TRUSTS),
  });
}

interface IdentityRow extends Record<string, string | number | null> {
  readonly urn: string;
  readonly enabled: number | null;
  readonly environment: string | null;
  readonly privilege: string | null;
  readonly privilege_certainty: string | null;
  readonly privilege_reason: string | null;
}

interface FindingRow extends Record<string, string> {
  readonly urn: string;
  readonly fingerprint: string;
  readonly rule: string;
  readonly severity: Severity;
}

interface CountRow extends Record<string, string | number> {
  readonly urn: string;
  readonly number: number;
}

function withPrivilege(row: IdentityRow, given: DerivedIdentity | undefined): IdentityRow {
  return given === undefined ? row : { ...row, privilege: given.privilege, privilege_certainty: given.certainty };
}

function first(rows: readonly CountRow[]): number {
  return rows[0]?.number ?? 0;
}

function inputOf(row: IdentityRow, findings: readonly FindingRow[], exposure: ScoreInput["exposure"]): ScoreInput {
  return {
    identity: { enabled: row.enabled === null ? null : row.enabled === 1, environment: row.environment },
    findings: findings.map(({ fingerprint, rule, severity }): ScoredFinding => ({ fingerprint, rule, severity })),
    privilege: {
      tier: (row.privilege ?? "unknown") as Tier,
      certainty: row.privilege_certainty === "certain" ? "certain" : "possible",
    },
    exposure,
  };
}
