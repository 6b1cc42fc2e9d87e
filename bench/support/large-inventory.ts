import { openInventory } from "../../src/inventory/index.ts";
import type { Inventory } from "../../src/inventory/contract.ts";
import { NOW, SCOPE, syntheticCollections, type SyntheticSize } from "./synthetic.ts";

/** A first load through the front door, closed again; answers its path. */
export function buildLargeInventory(path: string, size: SyntheticSize): string {
  const inventory = openInventory({ path, mode: "write", now: () => NOW });
  scanSynthetic(inventory, size);
  inventory.close();
  return path;
}

/** One complete run of the synthetic account. */
export function scanSynthetic(inventory: Inventory, size: SyntheticSize): { readonly versionsWritten: number } {
  const writer = inventory.writer();
  const run = writer.startRun({
    planHash: "bench",
    scanners: ["aws"],
    startedAt: NOW,
    version: "bench",
    acceptMassChange: false,
    resumeWithin: 0,
  });
  for (const [precedence, collection] of syntheticCollections(size).entries()) {
    const open = run.openCollection({
      scanner: "aws",
      scope: SCOPE,
      collection: collection.id,
      precedence,
      facts: collection.facts,
      authoritative: collection.authoritative,
      optIn: false,
      startedAt: NOW,
      checkpointMaxAge: 0,
    });
    let pages = 0;
    let items = 0;
    for (const batch of collection.batches()) {
      pages += 1;
      items += batch.length;
      open.commit(batch, { cursor: pages, pages, items });
    }
    open.finish({
      status: "complete",
      gaps: [],
      asOf: NOW,
      startedAt: NOW,
      finishedAt: NOW,
      pages,
      items,
      requests: pages,
      retries: 0,
      throttled: 0,
      bytes: 0,
    });
  }
  run.finishScopes("aws", [SCOPE], true);
  const summary = run.finish({ status: "finished", exitCode: 0, finishedAt: NOW });
  writer.refreshDerived();
  return summary;
}
