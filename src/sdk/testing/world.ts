import type { Network } from "../../engine/contract.ts";
import type { Instant, Urn } from "../../model/index.ts";
import type { Scanner } from "../index.ts";

/** What a provider can do to a call. */
export type FaultKind =
  /** Refuses it, as for a missing permission. */
  | "denied"
  /** Asks to slow down. */
  | "throttled"
  /** Ends the connection in the middle of the body. */
  | "truncated"
  /** Answers, and says that the page just asked for is the next one. */
  | "repeated-page";

export interface InjectedFault {
  /** A declared operation, `iam:ListUsers`. */
  readonly operation: string;
  readonly kind: FaultKind;
  /** How many answers it spoils; every one if left out. */
  readonly times?: number;
}

/**
 * A provider that a scanner can be run against: an emulator, with a log of what it was asked and faults on demand.
 * Its ground truth comes from whoever made the estate, never from a scanner.
 */
export interface ScannerWorld {
  /** As in `rollcall.yaml`; goes through the scanner's own schema. */
  readonly config: unknown;
  readonly network?: Network;
  /** URNs of live identities and credentials that a full scan must find, exactly. */
  readonly truth?: { readonly identities?: readonly Urn[]; readonly credentials?: readonly Urn[] };
  /** The declared operation of every request since the beginning or {@link forget}; the raw request where it has none. */
  requests(): readonly string[];
  forget(): void;
  /** `fired` counts the answers that were spoiled: a fault that never fires proves nothing. */
  inject(fault: InjectedFault): { fired(): number };
  heal(): void;
  stop(): Promise<void>;
}

export interface ScannerKit<Config = never, Session = never> {
  readonly scanner: Scanner<Config, Session>;
  start(): Promise<ScannerWorld>;
  /** Operations that answer in pages, and so can repeat one. */
  readonly paged: readonly string[];
  /** Declared operations that a scan of this world does not reach, each with the reason. */
  readonly unreached?: Readonly<Record<string, string>>;
  /**
   * Faults after which the scan is complete all the same, by `operation/kind` (`"iam:GetRole/denied"`), each with
   * the reason: a call whose refusal is itself an answer.
   */
  readonly harmless?: Readonly<Record<string, string>>;
  /** When the scans begin; the kit moves on from there. */
  readonly now?: Instant;
  /** At most so many kills, spread over all checkpoints; 25 if left out. */
  readonly kills?: number;
}
