import { plan, scan } from "../../src/engine/index.ts";
import type { ScanOptions, ScanPlan, ScanResult } from "../../src/engine/contract.ts";
import type { Inventory } from "../../src/inventory/contract.ts";
import { ESTATE_CREDENTIALS } from "./estate-process.ts";
import { NOW } from "./synthetic.ts";

/** A scan of the estate by the real scanner, in this process; `rules` off, because the benchmarks that use it measure the scan. */
export async function scanEstate(url: string, inventory: Inventory): Promise<ScanResult> {
  return scan(await options(url, inventory));
}

export async function planEstate(url: string, inventory: Inventory): Promise<ScanPlan> {
  return plan(await options(url, inventory));
}

async function options(url: string, inventory: Inventory): Promise<ScanOptions> {
  process.env["AWS_ACCESS_KEY_ID"] = ESTATE_CREDENTIALS.accessKeyId;
  process.env["AWS_SECRET_ACCESS_KEY"] = ESTATE_CREDENTIALS.secretAccessKey;
  process.env["AWS_SESSION_TOKEN"] = ESTATE_CREDENTIALS.sessionToken;
  const { default: aws } = await import("../../scanners/aws/index.ts");
  const { awsConfigFrom } = await import("../../scanners/aws/config.ts");
  return {
    inventory,
    sources: [
      {
        scanner: aws as never,
        config: awsConfigFrom({ endpoint: url, region: "us-east-1", organization: { role: "RollcallAudit" } }),
        deep: [],
      },
    ],
    rules: [],
    network: { share: 1 },
    version: "bench",
    now: () => NOW,
    signal: new AbortController().signal,
    onEvent: () => undefined,
  };
}
