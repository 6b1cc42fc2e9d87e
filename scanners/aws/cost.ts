import type { CallRange, Estimate } from "rollcall/sdk";

/** What an account may hold at most by IAM's quotas, where nothing better is known. */
export const QUOTA = { users: 5_000, entities: 50_000 } as const;

export function exactly(calls: number, basis: string): CallRange {
  return { min: calls, max: calls, basis };
}

export function between(min: number, max: number, basis: string): CallRange {
  return { min, max, basis };
}

/** Pages of a list of things whose number the inventory may know: IAM may also send pages that are not full. */
export function pagesOf(
  estimate: Estimate,
  kinds: readonly string[],
  pageSize: number,
  otherwise: number,
  what: string,
): CallRange {
  const count = total(estimate, kinds);
  if (count === undefined) return { min: 1, max: otherwise, basis: `nothing known of the ${what}` };
  const pages = Math.max(1, Math.ceil(count / pageSize));
  return { min: pages, max: pages + Math.max(1, Math.ceil(pages * 0.05)), basis: `${count} ${what} known` };
}

const EVERYBODY = ["identity/root", "identity/user", "identity/role"];

/**
 * How many of a kind the inventory knows. An account without a single identity does not exist, so where nothing but
 * zeros is known (an inventory whose first scan is not finished), nothing is.
 */
export function known(estimate: Estimate, kind: string): number | undefined {
  return EVERYBODY.some((identity) => (estimate.count(identity) ?? 0) > 0) ? estimate.count(kind) : undefined;
}

export function total(estimate: Estimate, kinds: readonly string[]): number | undefined {
  const counts = kinds.map((kind) => known(estimate, kind));
  if (counts.every((count) => count === undefined)) return undefined;
  return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
}
