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
export function pagesOf(estimate: Estimate, kinds: readonly string[], pageSize: number, otherwise: number, what: string): CallRange {
  const known = total(estimate, kinds);
  if (known === undefined) return { min: 1, max: otherwise, basis: `nothing known of the ${what}` };
  const pages = Math.max(1, Math.ceil(known / pageSize));
  return { min: pages, max: pages + Math.max(1, Math.ceil(pages * 0.05)), basis: `${known} ${what} known` };
}

export function total(estimate: Estimate, kinds: readonly string[]): number | undefined {
  const counts = kinds.map((kind) => estimate.count(kind));
  if (counts.every((count) => count === undefined)) return undefined;
  return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
}
