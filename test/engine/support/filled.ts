import { evaluateRules } from "../../../src/engine/index.ts";
import type { RuleSetting } from "../../../src/engine/index.ts";
import type { Inventory } from "../../../src/inventory/contract.ts";
import type { Coverage, GapDetail, NhiRecord, UsageObservation } from "../../../src/model/index.ts";
import { urn } from "../../../src/model/index.ts";
import { NOW } from "./estate.ts";

export const SCOPE = urn({ provider: "tiny", namespace: "tiny", kind: "account", nativeId: "a1" });

export interface FilledCollection {
  readonly id: string;
  readonly facts: readonly string[];
  readonly records: readonly (NhiRecord | UsageObservation)[];
  readonly status?: Coverage["status"];
  readonly gaps?: readonly GapDetail[];
}

/** One finished run with exactly these collections, judged by these rules. */
export function fillAndJudge(
  inventory: Inventory,
  collections: readonly FilledCollection[],
  rules: readonly RuleSetting[],
  now = NOW,
) {
  const run = inventory.writer().startRun({
    planHash: "filled",
    scanners: ["tiny"],
    startedAt: now,
    version: "test",
    acceptMassChange: false,
    resumeWithin: 0,
  });
  for (const [index, { id, facts, records, status = "complete", gaps = [] }] of collections.entries()) {
    const collection = run.openCollection({
      scanner: "tiny",
      scope: SCOPE,
      collection: id,
      precedence: index + 1,
      facts,
      authoritative: Object.fromEntries(
        [...new Set(records.map(({ type }) => type))].filter((type) => type !== "usage").map((type) => [type, "all"]),
      ),
      optIn: false,
      startedAt: now,
      checkpointMaxAge: 0,
    });
    collection.commit(records);
    collection.finish({
      status,
      gaps,
      asOf: now,
      startedAt: now,
      finishedAt: now,
      pages: 1,
      items: records.length,
      requests: 1,
      retries: 0,
      throttled: 0,
      bytes: 0,
    });
  }
  const evaluation = evaluateRules(inventory, rules, {
    run: run.run,
    now,
    emitted: (_scanner, collection) => collections.find(({ id }) => id === collection)?.facts,
  });
  run.finish({ status: "finished", exitCode: 0, finishedAt: now });
  return evaluation;
}

/** Every finding as `subject: verdict`, and what it says. */
export function findings(inventory: Inventory): Readonly<Record<string, string>> {
  const rows = inventory.reader.select<{ subject: string; verdict: string; message: string }>(
    "select subject, verdict, message from finding where state <> 'resolved' order by subject",
  );
  return Object.fromEntries(
    rows.map(({ subject, verdict, message }) => [subject.split("/").at(-1), `${verdict}: ${message}`]),
  );
}
