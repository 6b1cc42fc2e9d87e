import { createGateway } from "../transport/index.ts";
import type { Gateway, GatewayOptions } from "../transport/index.ts";
import type { ScanOptions, Source } from "./contract.ts";

/** How a test replaces what waits in real time. */
export type GatewayMachinery = Pick<GatewayOptions, "sleep" | "clock" | "random" | "limits">;

/** Every operation that a scanner declares: nothing else passes any of its doors. */
export function declaredOperations(scanner: Source["scanner"]): ReadonlySet<string> {
  return new Set([
    ...scanner.requires.operations,
    ...scanner.collections.flatMap(({ requires }) => requires.operations),
  ]);
}

/**
 * One source's way out, with its calls and waits told to whoever listens.
 *
 * @throws {UserError} exit 2 for a setting of the network that cannot be used.
 */
export function gatewayOf(
  source: Source,
  options: Pick<ScanOptions, "network" | "now" | "onCall"> & Partial<Pick<ScanOptions, "onEvent">>,
  signal: AbortSignal,
  machinery: GatewayMachinery = {},
): Gateway {
  const { scanner, config } = source;
  return createGateway({
    ...machinery,
    scanner: scanner.id,
    wire: typeof scanner.wire === "function" ? scanner.wire(config) : scanner.wire,
    operations: declaredOperations(scanner),
    network: options.network,
    now: options.now,
    onTrace: options.onCall,
    onWait: (wait) => options.onEvent?.({ type: "call-waiting", ...wait }),
    signal,
  });
}
