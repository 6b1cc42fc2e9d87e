import type { EmulatorOptions, FaultRule } from "../../../fixtures/emulators/aws/index.ts";
import type { CallTrace, ScanResult } from "../../../src/engine/contract.ts";
import type { TemporaryInventory } from "../../../src/sdk/testing/index.ts";
import type { GapClass } from "../../../src/model/index.ts";
import type { ExitCode } from "../../../src/sdk/index.ts";
import type { AwsBench, BenchScan } from "../../support/aws-bench.ts";
import type { ExportedRecord } from "./exports.ts";

/** A fault that stands: how often it struck, and how to end it. */
export interface Strike {
  fired(): number;
  heal(): void | Promise<void>;
  /** What the scan under the fault is given besides. */
  readonly scan?: Partial<BenchScan>;
}

/** What was seen of one scan under a fault. */
export interface Seen {
  readonly bench: AwsBench;
  readonly held: TemporaryInventory;
  readonly result: ScanResult;
  readonly calls: readonly CallTrace[];
  readonly strike: Strike;
  /** Canonical exports: before the fault, after it, and of the same hours without it. */
  readonly before: string;
  readonly after: string;
  readonly undisturbed: string;
  /** Milliseconds for the door: real ones, and those that were slept in no time. */
  readonly elapsed: number;
}

/**
 * One row of the matrix.
 *
 * - `absorbed`: the scan is complete, ends with 0, and the inventory is, byte for byte, the undisturbed one's;
 * - `partial`: exit 4, and a gap of one of `classes` names the operation and the account;
 * - `changed`: the world itself is another while the fault stands; the row's own check says what must hold.
 */
export interface FaultRow {
  /** `H16-short`: the catalogue's id, and which form of it. */
  readonly id: string;
  readonly title: string;
  readonly strike: (bench: AwsBench, held: TemporaryInventory) => Strike | Promise<Strike>;
  readonly outcome: "absorbed" | "partial" | "changed";
  readonly exit?: ExitCode;
  readonly classes?: readonly GapClass[];
  /** The operation that the gap must name. */
  readonly operation?: string;
  /** Accounts that the fault is aimed at; `[]`: all. */
  readonly struck?: readonly string[];
  /** Accounts that a gap must name, where they are not those that were struck. */
  readonly named?: readonly string[];
  readonly estate?: "small" | "paged";
  /** How the emulator behaves while it runs this row. */
  readonly emulator?: EmulatorOptions;
  /** The very first scan meets the fault: there is nothing stored yet to keep. */
  readonly first?: boolean;
  readonly changing?: (record: ExportedRecord) => boolean;
  readonly check?: (seen: Seen) => void | Promise<void>;
  /** Scans after the fault until the inventory must be the undisturbed one's; one unless said otherwise, 0: see `check`. */
  readonly convergesAfter?: number;
}

/** Faults of the emulator, by their rules. */
export function emulated(...rules: readonly FaultRule[]): (bench: AwsBench) => Strike {
  return ({ emulator }) => {
    const handles = rules.map((rule) => emulator.faults.add(rule));
    return {
      fired: () => Math.min(...handles.map(({ fired }) => fired)),
      heal: () => emulator.faults.clear(),
    };
  };
}
