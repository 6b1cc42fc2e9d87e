import type { CollectionWriter, Inventory, RunWriter, Writer } from "../../../src/inventory/contract.ts";

/** Stands for the end of the process. */
export class Died extends Error {
  override readonly name = "Died";
}

/** A durable checkpoint, as the engine keeps it: the collection's own cursor is inside. */
export interface DurableCheckpoint {
  readonly collection: string;
  readonly scope: string;
  readonly cursor: unknown;
}

/** The same inventory, whose process is no more right after the first durable checkpoint that `dies` says yes to. */
export function dyingInventory(inventory: Inventory, dies: (checkpoint: DurableCheckpoint) => boolean): Inventory {
  let dead = false;
  const alive = <Result>(work: () => Result): Result => {
    if (dead) throw new Died("the process is no more");
    return work();
  };
  const collection = (
    plan: Parameters<RunWriter["openCollection"]>[0],
    writer: CollectionWriter,
  ): CollectionWriter => ({
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
    commit(batch, durable) {
      alive(() => writer.commit(batch, durable));
      if (durable === undefined) return;
      const cursor = (durable.cursor as { readonly cursor?: unknown }).cursor;
      if (!dies({ collection: plan.collection, scope: plan.scope, cursor })) return;
      dead = true;
      throw new Died("the process is no more");
    },
    confirmAll: () => alive(() => writer.confirmAll()),
    finish: (coverage) => alive(() => writer.finish(coverage)),
  });
  const run = (writer: RunWriter): RunWriter => ({
    run: writer.run,
    resumed: writer.resumed,
    startedAt: writer.startedAt,
    heartbeat: () => alive(() => writer.heartbeat()),
    openCollection: (plan) =>
      collection(
        plan,
        alive(() => writer.openCollection(plan)),
      ),
    finishScopes: (scanner, scopes, complete) => alive(() => writer.finishScopes(scanner, scopes, complete)),
    finish: (outcome) => alive(() => writer.finish(outcome)),
  });
  const wrapped = (writer: Writer): Writer => ({
    startRun: (plan) => run(alive(() => writer.startRun(plan))),
    findings: writer.findings,
    replaceDerived: (rows) => alive(() => writer.replaceDerived(rows)),
    refreshDerived: () => alive(() => writer.refreshDerived()),
  });
  return {
    path: inventory.path,
    reader: inventory.reader,
    writer: () => wrapped(inventory.writer()),
    close: () => inventory.close(),
  };
}
