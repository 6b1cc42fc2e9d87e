import type { CollectionWriter, Inventory, RunWriter, Writer } from "../../inventory/contract.ts";

/** Stands for the end of the process. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/**
 * The same inventory, whose process dies right after its `checkpoint`-th durable checkpoint (1 is the first): from then
 * on every write fails, as it would for a process that is no more. `reached` counts checkpoints.
 */
export function killedAfter(
  inventory: Inventory,
  checkpoint: number,
): { readonly inventory: Inventory; reached(): number } {
  let reached = 0;
  let dead = false;

  function alive<Result>(work: () => Result): Result {
    if (dead) throw new Killed("the process was killed");
    return work();
  }

  const collection = (writer: CollectionWriter): CollectionWriter => ({
    get state() {
      return writer.state;
    },
    get cursor() {
      return writer.cursor;
    },
    get carried() {
      return writer.carried;
    },
    find: (alias) => alive(() => writer.find(alias)),
    commit(batch, cursor) {
      alive(() => writer.commit(batch, cursor));
      if (cursor === undefined) return;
      reached += 1;
      if (reached >= checkpoint) {
        dead = true;
        throw new Killed("the process was killed");
      }
    },
    confirmAll: () => alive(() => writer.confirmAll()),
    finish: (coverage) => alive(() => writer.finish(coverage)),
  });
  const run = (writer: RunWriter): RunWriter => ({
    get run() {
      return writer.run;
    },
    get resumed() {
      return writer.resumed;
    },
    get startedAt() {
      return writer.startedAt;
    },
    heartbeat: () => alive(() => writer.heartbeat()),
    openCollection: (options) => collection(alive(() => writer.openCollection(options))),
    finishScopes: (scanner, scopes, complete) => alive(() => writer.finishScopes(scanner, scopes, complete)),
    finish: (outcome) => alive(() => writer.finish(outcome)),
  });
  const wrap = (writer: Writer): Writer => ({
    startRun: (plan) => run(alive(() => writer.startRun(plan))),
    findings: writer.findings,
    replaceDerived: (rows) => alive(() => writer.replaceDerived(rows)),
    refreshDerived: () => alive(() => writer.refreshDerived()),
  });

  return {
    inventory: {
      path: inventory.path,
      reader: inventory.reader,
      writer: () => wrap(inventory.writer()),
      close: () => inventory.close(),
    },
    reached: () => reached,
  };
}
