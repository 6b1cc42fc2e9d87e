import type { Reader } from "../../inventory/contract.ts";
import type { Coverage, FactName, GapDetail, Urn } from "../../model/index.ts";
import { coverageOfRow } from "../scan/stored-coverage.ts";
import type { HiddenFact } from "./compile.ts";

/** The facts that a collection declares, where its scanner is at hand. */
export type EmittedFacts = (scanner: string, collection: string) => readonly FactName[] | undefined;

/**
 * Which facts the coverage ledger says were not seen, per scope, and why: one reason for each, from the gap that names
 * the fact if one does, else from a gap of a collection that emits it.
 */
export function hiddenFacts(
  reader: Reader,
  facts: readonly FactName[],
  emitted: EmittedFacts = () => undefined,
): readonly HiddenFact[] {
  const found = new Map<string, HiddenFact>();
  const rows = reader.select(
    "select * from coverage where status <> 'complete' and status <> 'not-applicable' order by scope, scanner, collection",
  );
  for (const coverage of rows.map(coverageOfRow)) {
    for (const fact of facts) {
      const gap = gapThatHides(fact, coverage, emitted(coverage.scanner, coverage.collection));
      const key = `${coverage.scope} ${fact}`;
      if (gap !== undefined && !found.has(key))
        found.set(key, { scope: coverage.scope, fact, reason: sentence(gap, coverage) });
    }
  }
  return [...found.values()];
}

function gapThatHides(
  fact: FactName,
  coverage: Coverage,
  emits: readonly FactName[] | undefined,
): GapDetail | undefined {
  const named = coverage.gaps.find((gap) => gap.facts?.some((hidden) => covers(hidden, fact)));
  if (named !== undefined || emits?.some((emittedFact) => covers(emittedFact, fact)) !== true) return named;
  return coverage.gaps.find((gap) => gap.facts === undefined);
}

/** `grant` hides `grant.conditions` as well: what does not exist for us has no facts. */
function covers(hidden: FactName, fact: FactName): boolean {
  return hidden === fact || fact.startsWith(`${hidden}.`);
}

function sentence(gap: GapDetail, coverage: Coverage): string {
  return gap.operation === undefined || gap.reason.includes(gap.operation)
    ? gap.reason
    : `${coverage.collection}: ${gap.operation}: ${gap.reason}`;
}

/** Why the list of grants of a scope's identities may be short, by scope. */
export function unseenGrants(reader: Reader, hidden: readonly HiddenFact[]): (scope: Urn) => string | undefined {
  const covered = new Set(
    reader.select<{ scope: string }>("select scope from covered where fact = 'grant'").map(({ scope }) => scope),
  );
  const reasons = new Map<Urn, string>();
  for (const { scope, fact, reason } of hidden) {
    if (fact === "grant" || fact === "membership") reasons.set(scope, reason);
  }
  return (scope) => reasons.get(scope) ?? (covered.has(scope) ? undefined : "not all grants of its scope were read");
}
