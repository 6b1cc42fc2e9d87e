import type { ScannerCatalog } from "../config/sources.ts";
import type { Scanner } from "../sdk/index.ts";

/** The built-in scanners. Each loads only when a source or a command names it, and its SDK later still. */
export const SCANNERS: ScannerCatalog = {
  aws: async () => (await import("../../scanners/aws/index.ts")).default as Scanner,
};
