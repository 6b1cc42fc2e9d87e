import type { Reader } from "../../inventory/contract.ts";
import { formatInstant } from "../../sdk/index.ts";
import type { Rule } from "../../sdk/index.ts";

export interface FindingDescription {
  readonly fingerprint: string;
  readonly rule: string;
  readonly title: string;
  readonly severity: string;
  readonly verdict: string;
  readonly state: string;
  readonly message: string;
  readonly first_seen_at: string;
  readonly subject: string;
  readonly evidence: unknown;
  /** What would make it go away, and the first step to there. */
  readonly resolved_by: string | null;
  readonly first_step: string | null;
  readonly decisions: readonly {
    readonly at: string;
    readonly event: string;
    readonly actor: string;
    readonly reason: string | null;
  }[];
}

/** The live findings of a thing (of an identity: its credentials' and trusts' as well), with what would resolve them. */
export async function describeFindings(reader: Reader, urn: string): Promise<readonly FindingDescription[]> {
  const rows = reader.select(
    `select * from finding where (identity = @urn or subject = @urn) and state <> 'resolved'
      order by case verdict when 'fail' then 0 else 1 end, severity_rank desc, rule, fingerprint`,
    { urn },
  );
  if (rows.length === 0) return [];
  const { RULES } = await import("../../rules/index.ts");
  const rules = new Map(RULES.map((rule: Rule) => [rule.id, rule]));
  return rows.map((row): FindingDescription => {
    const rule = rules.get(String(row["rule"]));
    const provider = String(row["provider"]);
    const remediation =
      rule?.remediation.find((item) => item.for === provider) ?? rule?.remediation.find((item) => item.for === "any");
    return {
      fingerprint: String(row["fingerprint"]),
      rule: String(row["rule"]),
      title: rule?.title ?? String(row["rule"]),
      severity: String(row["severity"]),
      verdict: String(row["verdict"]),
      state: String(row["state"]),
      message: String(row["message"]),
      first_seen_at: formatInstant(Number(row["first_seen_at"])),
      subject: String(row["subject"]),
      evidence: typeof row["evidence"] === "string" ? JSON.parse(row["evidence"]) : null,
      resolved_by: rule?.resolvedBy ?? null,
      first_step: remediation?.steps[0] ?? null,
      decisions: decisions(reader, String(row["fingerprint"])),
    };
  });
}

function decisions(reader: Reader, fingerprint: string): FindingDescription["decisions"] {
  return reader
    .select(
      "select at, event, actor, reason from finding_event where fingerprint = @fingerprint and actor is not null order by at",
      { fingerprint },
    )
    .map((row) => ({
      at: formatInstant(Number(row["at"])),
      event: String(row["event"]),
      actor: String(row["actor"]),
      reason: row["reason"] === null ? null : String(row["reason"]),
    }));
}
