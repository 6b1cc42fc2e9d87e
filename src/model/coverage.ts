import type { Instant } from "./instant.ts";
import type { Urn } from "./urn.ts";

/**
 * What a scan saw, per scope and collection. `complete` means proven: the generator returned, its pager reached an
 * explicit end, and it reported no gap. Only a complete collection withdraws anything.
 *
 * `not-applicable` needs documented proof that the feature does not exist there; a refusal is not proof.
 */
export type CoverageStatus = "complete" | "partial" | "not-attempted" | "not-applicable";

export const GAP_CLASSES = [
  "auth",
  "denied",
  "throttled",
  "timeout",
  "network",
  "protocol",
  "schema",
  "pagination",
  "limit",
  "drift",
  "cancelled",
  "dependency",
  "opt-in",
] as const;
export type GapClass = (typeof GAP_CLASSES)[number];

/** One thing that could not be seen: which call, why, and who can change that. */
export interface GapDetail {
  readonly class: GapClass;
  /** The declared operation, `iam:ListAccessKeys`. */
  readonly operation?: string;
  /** What happened, in a sentence without secrets: `"AccessDenied on 3 of 412 users"`. */
  readonly reason: string;
  /** Who can close the gap and how: `"grant iam:ListAccessKeys to the role RollcallAudit in 111122223333"`. */
  readonly remedy?: string;
  /** How many things it hides, where that is known. */
  readonly count?: number;
  /** The facts that the gap hides, for people and for a rule's reasons. Left out: everything that the collection emits. */
  readonly facts?: readonly string[];
}

export interface Coverage {
  readonly scanner: string;
  readonly scope: Urn;
  readonly collection: string;
  readonly status: CoverageStatus;
  readonly gaps: readonly GapDetail[];
  /** The time that the facts speak of: the scan's, or the provider's own (a cached report's). */
  readonly asOf: Instant;
  /** Why `asOf` is not the time of the scan: `"credential report, cached by AWS for up to 4 hours"`. */
  readonly asOfNote?: string;
  readonly startedAt: Instant;
  readonly finishedAt: Instant;
  readonly pages: number;
  readonly items: number;
  readonly requests: number;
  readonly retries: number;
  readonly throttled: number;
  readonly bytes: number;
}
