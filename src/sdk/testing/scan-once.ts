import { scanWith } from "../../engine/index.ts";
import type { RuleSetting, ScanEvent, ScanResult, Source } from "../../engine/contract.ts";
import type { Inventory } from "../../inventory/contract.ts";
import type { Instant } from "../../model/index.ts";
import type { Scanner } from "../index.ts";
import type { ScannerWorld } from "./world.ts";

/** A source with all opt-in collections, its configuration passed through the scanner's schema. */
export async function sourceOf<Config, Session>(scanner: Scanner<Config, Session>, config: unknown): Promise<Source> {
  const result = await scanner.config["~standard"].validate(config);
  if (result.issues !== undefined)
    throw new TypeError(`the world's config does not fit: ${result.issues.map(({ message }) => message).join("; ")}`);
  const deep = scanner.collections.filter(({ optIn }) => optIn !== undefined).map(({ id }) => id);
  // The engine hands config and session only back to the scanner that they came from.
  return { scanner: scanner as unknown as Scanner, config: result.value, deep };
}

export interface OneScan {
  readonly inventory: Inventory;
  readonly source: Source;
  readonly world: Pick<ScannerWorld, "network">;
  readonly now: () => Instant;
  readonly rules?: readonly RuleSetting[];
  readonly onEvent?: (event: ScanEvent) => void;
}

/** One scan at full share, in which waiting takes no time. */
export async function scanOnce({ inventory, source, world, now, rules, onEvent }: OneScan): Promise<ScanResult> {
  return scanWith(
    {
      inventory,
      sources: [source],
      rules: rules ?? [],
      network: { share: 1, ...world.network },
      version: "conformance",
      now,
      signal: new AbortController().signal,
      onEvent: onEvent ?? (() => undefined),
    },
    { sleep: () => new Promise((resolve) => setImmediate(resolve)) },
  );
}
