import Database from "better-sqlite3";
import { DAY } from "../../src/model/index.ts";

interface CredentialRow {
  readonly urn: string;
  readonly identity: string;
  readonly kind: string;
  readonly secrecy: string;
  readonly enabled: number | null;
  readonly created_at: number | null;
  readonly rotated_at: number | null;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
}

interface IdentityRow {
  readonly urn: string;
  readonly created_at: number | null;
  readonly last_used_at: number | null;
}

/** The way most scanners judge: a loop over the objects in the program, with a look-up or two for each. */
export function judgeRowByRow(path: string, now: number): { rule: string; subject: string }[] {
  const database = new Database(path, { readonly: true });
  const usageOf = database.prepare("select last_used_at from usage where subject = ?").pluck();
  const ownersOf = database.prepare("select urn from owner where subject = ?").pluck();
  const holderOf = database.prepare("select nature from identity where urn = ?").pluck();
  const findings: { rule: string; subject: string }[] = [];
  for (const row of database.prepare("select * from identity").iterate() as Iterable<IdentityRow>) {
    const used = (usageOf.get(row.urn) ?? null) as number | null;
    if ((row.created_at ?? now) < now - 90 * DAY && (row.last_used_at ?? used ?? 0) < now - 90 * DAY)
      findings.push({ rule: "unused-identity", subject: row.urn });
    if (ownersOf.get(row.urn) === undefined) findings.push({ rule: "no-owner", subject: row.urn });
  }
  for (const row of database.prepare("select * from credential").iterate() as Iterable<CredentialRow>) {
    holderOf.get(row.identity);
    const used = (usageOf.get(row.urn) ?? null) as number | null;
    if (row.enabled !== 1) continue;
    const since = row.rotated_at ?? row.created_at ?? now;
    if (since < now - 90 * DAY) findings.push({ rule: "long-lived-static-credential", subject: row.urn });
    if (used === null && (row.created_at ?? now) < now - 30 * DAY)
      findings.push({ rule: "never-used-credential", subject: row.urn });
  }
  database.close();
  return findings;
}
