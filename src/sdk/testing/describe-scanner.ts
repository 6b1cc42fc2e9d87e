import { afterAll, describe, test } from "vitest";
import { scannerChecks } from "./scanner-checks.ts";
import type { ScannerKit } from "./world.ts";

/**
 * The conformance kit for scanners. Runs the scanner against a world of your making (an emulator with a request log
 * and faults on demand): one full scan, then every declared operation refused, throttled, cut off and (where it pages)
 * repeating a page, and a kill with resume at every checkpoint.
 *
 * Asserted throughout: the right gap names the right operation; nothing alive is withdrawn; the inventory after
 * recovery or resume is, byte for byte, the one of an undisturbed scan; nothing undeclared is asked; the predicted
 * calls are kept; every fault fired.
 *
 * @example
 * describeScanner("acme", {
 *   scanner: acme,
 *   paged: ["acme:ListRobots"],
 *   start: async () => startAcmeEmulator(),
 * });
 */
export function describeScanner<Config, Session>(
  name: string,
  kit: ScannerKit<Config, Session>,
  options: { readonly timeout?: number } = {},
): void {
  describe(`${name} conforms`, () => {
    const { checks, stop } = scannerChecks(kit);
    afterAll(stop);
    for (const check of checks) test(check.name, { timeout: options.timeout ?? 120_000 }, () => check.run());
  });
}
