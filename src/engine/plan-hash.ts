import { createHash } from "node:crypto";
import type { ScanOptions } from "./contract.ts";

/**
 * What is scanned and how, as a hash. Only a run of the same hash is resumed: other settings, another filter or
 * another version of the code would make one run out of two different ones.
 */
export function planHash(options: Pick<ScanOptions, "sources" | "onlyScopes" | "version">): string {
  const sources = options.sources.map(({ scanner, config, deep }) => ({
    scanner: scanner.id,
    collections: scanner.collections.map(({ id }) => id),
    config,
    deep: [...deep].sort(),
  }));
  const plan = {
    version: options.version,
    sources,
    onlyScopes: options.onlyScopes === undefined ? null : [...options.onlyScopes].sort(),
  };
  return createHash("sha256").update(stableJson(plan)).digest("hex");
}

/** JSON with sorted keys: equal values give equal text however they were built. */
function stableJson(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === "object" && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
        : inner,
    ) ?? "null"
  );
}
