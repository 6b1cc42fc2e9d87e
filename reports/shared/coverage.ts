import type { CoverageStatus, GapDetail, ReportView } from "rollcall/sdk";
import { plainValue, type ReportRow } from "./facts.ts";

/**
 * How a collection ended in a scope. `left-out` is an opt-in collection that the configuration does not ask for:
 * nobody looked, and nobody was refused.
 */
export type CoverageEnd = CoverageStatus | "left-out";

/** Collections, by how they ended. */
export type CoverageCounts = Readonly<Record<CoverageEnd, number>>;

export function noCoverage(): Record<CoverageEnd, number> {
  return { complete: 0, partial: 0, "not-attempted": 0, "left-out": 0, "not-applicable": 0 };
}

export function coverageEnd(row: ReportRow): CoverageEnd {
  const status = row["status"] as CoverageStatus;
  if (status !== "not-attempted") return status;
  const gaps = coverageGaps(row);
  return gaps.length > 0 && gaps.every((gap) => gap.class === "opt-in") ? "left-out" : status;
}

export function isIncomplete(end: CoverageEnd): boolean {
  return end === "partial" || end === "not-attempted";
}

export function coverageGaps(row: ReportRow): readonly Partial<GapDetail>[] {
  const gaps = plainValue("json", row["gaps"]);
  return Array.isArray(gaps) ? (gaps as readonly Partial<GapDetail>[]) : [];
}

/** Counted over every scope. */
export function countCoverage(view: ReportView): CoverageCounts {
  const counts = noCoverage();
  for (const row of view.rows("coverage")) counts[coverageEnd(row)] += 1;
  return counts;
}

/** Per scope, whether everything that was to be seen in it was seen. */
export function completeScopes(view: ReportView): ReadonlyMap<string, boolean> {
  const complete = new Map<string, boolean>();
  for (const row of view.rows("coverage")) {
    const scope = String(row["scope"]);
    complete.set(scope, (complete.get(scope) ?? true) && !isIncomplete(coverageEnd(row)));
  }
  return complete;
}
