import type { Inventory, Reader } from "./contract.ts";
import { canonicalJson } from "./canonical.ts";
import { LAYOUTS, PRESENCE_NAMES } from "./schema/layout.ts";

/**
 * Everything that the inventory knows as canonical JSON lines in total order: records (the withdrawn ones as well) with
 * their facts and which of them are known, use, findings. Nothing about runs: no numbers, no times of scanning. Two
 * inventories that know the same give the same lines, however they came to know it.
 */
export function* exportCanonical(source: Inventory | Reader): Generator<string> {
  const reader = "reader" in source ? source.reader : source;
  for (const { type, table, facts, tagsBit } of LAYOUTS) {
    const rows = reader.iterate<{
      urn: string;
      provider: string;
      scope: string;
      presence: number;
      known: number;
      facts: string;
    }>(`select urn, provider, scope, presence, known, facts from ${table} order by urn`);
    const bits = [...facts.map(({ fact, bit }) => ({ fact, bit })), { fact: "tags", bit: tagsBit }].filter(
      ({ bit }) => bit >= 0,
    );
    for (const row of rows) {
      yield canonicalJson({
        record: type,
        urn: row.urn,
        provider: row.provider,
        scope: row.scope,
        presence: PRESENCE_NAMES[row.presence],
        known: bits.filter(({ bit }) => ((row.known >> bit) & 1) === 1).map(({ fact }) => fact),
        facts: JSON.parse(row.facts) as unknown,
      });
    }
  }
  for (const row of reader.iterate(
    "select subject, source, last_used_at, place, observed_from, observed_through from usage order by subject, source",
  )) {
    yield canonicalJson({ usage: row["subject"], ...row });
  }
  const findings =
    "select fingerprint, rule, subject, identity, scope, verdict, severity, state, message, evidence, suppressed_until from finding order by fingerprint";
  for (const { evidence, ...row } of reader.iterate<{ fingerprint: string; evidence: string }>(findings)) {
    yield canonicalJson({ finding: row.fingerprint, ...row, evidence: JSON.parse(evidence) as unknown });
  }
}
