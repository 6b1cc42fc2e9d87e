import type { Instant } from "./instant.ts";
import type { Severity } from "./kinds.ts";
import type { Urn } from "./urn.ts";

/** `fail`: the rule's condition holds. `unknown`: a fact that the rule needs was not seen. Silence is a pass. */
export type Verdict = "fail" | "unknown";

/**
 * `open` and `reopened` need attention; `acknowledged` has somebody's name on it; `suppressed` comes back at its
 * expiry; `resolved` was seen to be gone by a complete collection. A finding whose subject could not be evaluated
 * keeps its state and turns its verdict to `unknown`.
 */
export type FindingState = "open" | "acknowledged" | "suppressed" | "resolved" | "reopened";

export interface Finding {
  /** sha-256 of rule, subject and the rule's identity columns: stable over rescans, renames and rebuilt databases. */
  readonly fingerprint: string;
  readonly rule: string;
  readonly subject: Urn;
  readonly verdict: Verdict;
  readonly severity: Severity;
  readonly state: FindingState;
  /** The evidence columns of the rule's query, instants as RFC 3339, or why it is unknown. */
  readonly evidence: Readonly<Record<string, unknown>>;
  /** The rule's one-sentence explanation with the evidence in it. */
  readonly message: string;
  readonly firstSeenAt: Instant;
  /** When the rule last confirmed the verdict. */
  readonly lastSeenAt: Instant;
  readonly resolvedAt: Instant | null;
  readonly suppressedUntil: Instant | null;
}
