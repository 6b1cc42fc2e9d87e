import type { Diagnosis } from "../sdk/index.ts";
import type { ScanOptions, Source } from "./contract.ts";
import { declaredOperations, gatewayOf } from "./gateway.ts";

/**
 * A scanner's own checks of one source, through the same door as a scan, and the difference between the provider's
 * clock and ours where it matters.
 */
export async function* diagnose(
  source: Source,
  options: Pick<ScanOptions, "network" | "now" | "signal" | "onCall">,
): AsyncGenerator<Diagnosis, void, void> {
  const gateway = gatewayOf(source, options, options.signal);
  try {
    const door = gateway.door("diagnose", declaredOperations(source.scanner), options.signal);
    yield* source.scanner.diagnose(source.config, { door, signal: options.signal });
    const skew = gateway.skew();
    if (skew !== undefined && Math.abs(skew) > 60_000) {
      yield {
        check: "clock",
        status: "problem",
        message: `the clock of this machine is ${Math.round(Math.abs(skew) / 1_000)} s ${skew > 0 ? "behind" : "ahead of"} the provider's`,
        next: "set the clock (timedatectl set-ntp true); signatures and ages depend on it",
      };
    }
  } finally {
    gateway.close();
  }
}
