import type { CollectionWriter } from "../../inventory/contract.ts";
import { InvalidRecordError } from "../../inventory/index.ts";
import type { RecordProblem } from "../../inventory/index.ts";
import type { GapDetail, NhiRecord, UsageObservation } from "../../model/index.ts";

type Written = NhiRecord | UsageObservation;
type Checkpoint = NonNullable<Parameters<CollectionWriter["commit"]>[1]>;

/**
 * Commits what the store takes of a batch; `onRefused` hears of each record that it does not. The checkpoint is made
 * after that, so that the cursor behind a refused record knows of the gap.
 */
export function commitValid(
  writer: Pick<CollectionWriter, "commit">,
  batch: readonly Written[],
  checkpoint: () => Checkpoint | undefined,
  onRefused: (record: Written | undefined, gap: GapDetail) => void,
): void {
  try {
    writer.commit(batch, checkpoint());
  } catch (error) {
    if (!(error instanceof InvalidRecordError)) throw error;
    // Nothing of the batch was written.
    for (const problem of error.problems) onRefused(batch[problem.index], gapOf(problem));
    const refused = new Set(error.problems.map(({ index }) => index));
    writer.commit(
      batch.filter((_record, index) => !refused.has(index)),
      checkpoint(),
    );
  }
}

function gapOf({ type, urn, problem }: RecordProblem): GapDetail {
  return {
    class: "schema",
    reason: `${urn?.slice(0, 300) ?? `a ${type}`}: ${problem}`,
    remedy: "this is a bug of the scanner: report it",
  };
}
