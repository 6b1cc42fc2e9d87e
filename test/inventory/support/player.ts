import { exportCanonical } from "../../../src/inventory/index.ts";
import type { Inventory, Judgement } from "../../../src/inventory/index.ts";
import type { Mutations } from "../../../src/inventory/write/run-state.ts";
import { HOUR } from "../../../src/model/index.ts";
import { books, Estate } from "./estate.ts";
import type { History, ModelRun } from "./model.ts";
import { recordsOf, ROOT, SCOPES } from "./model.ts";

/** Where a run is killed: after which batch of which of its collections, and whether its last batch had a checkpoint. */
export interface Crash {
  readonly look: number;
  readonly batch: number;
  readonly checkpointed: boolean;
}

export interface PlayOptions {
  readonly mutations?: Mutations;
  /** The order of collections within a run, and of records within a collection. */
  readonly arrange?: <Item>(items: readonly Item[]) => readonly Item[];
  readonly crash?: (run: number) => Crash | undefined;
  /** Each scope in a run of its own, at the same instant. */
  readonly split?: boolean;
  readonly afterRun?: (estate: Estate, run: number) => void;
}

const BATCH = 4;

/** Plays a history into a fresh inventory. */
export function play(history: History, options: PlayOptions = {}): Estate {
  const estate = new Estate(options.mutations === undefined ? {} : { mutations: options.mutations });
  try {
    for (const [index, run] of history.entries()) {
      estate.now += HOUR;
      if (options.split === true) {
        for (const scope of [0, 1])
          playRun(
            estate,
            {
              ...run,
              looks: run.looks.filter((look) => look.scope === scope),
              listedCompletely: scope === 1 && run.listedCompletely,
            },
            options,
            index,
          );
      } else {
        playRun(estate, run, options, index);
      }
      options.afterRun?.(estate, index);
    }
    return estate;
  } catch (error) {
    estate[Symbol.dispose]();
    throw error;
  }
}

class Killed extends Error {}

function playRun(estate: Estate, run: ModelRun, options: PlayOptions, index: number): void {
  let crash = options.crash?.(index);
  for (;;) {
    try {
      attempt(estate, run, options, crash);
      return;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      crash = undefined;
      estate.close();
    }
  }
}

function attempt(estate: Estate, run: ModelRun, { arrange = same }: PlayOptions, crash: Crash | undefined): void {
  const writer = estate.start({ acceptMassChange: run.acceptMassChange });
  for (const look of arrange(run.looks)) {
    const collection = writer.openCollection({
      scanner: "aws",
      scope: SCOPES[look.scope],
      collection: look.collection === 0 ? "details" : "report",
      precedence: look.collection,
      facts: look.collection === 0 ? ["identity"] : ["usage"],
      authoritative: look.collection === 0 ? { identity: "all" } : {},
      optIn: false,
      startedAt: estate.now,
      checkpointMaxAge: HOUR,
    });
    if (collection.state === "done") continue;
    const records = arrange(recordsOf(look, estate.now));
    const from = (collection.cursor as number | undefined) ?? 0;
    for (let place = from; place < records.length; place += BATCH) {
      const dies =
        crash !== undefined && run.looks.indexOf(look) === crash.look && Math.floor(place / BATCH) === crash.batch;
      const batch = records.slice(place, place + BATCH);
      if (dies && !crash.checkpointed) collection.commit(batch);
      else collection.commit(batch, { cursor: place + BATCH, pages: 1, items: place });
      if (dies) throw new Killed();
    }
    collection.finish(books(estate.now, { status: look.status }));
  }
  writer.finishScopes("aws", [ROOT, ...run.listed.map((scope) => SCOPES[scope])], run.listedCompletely);
  const store = estate.inventory.writer();
  store.refreshDerived();
  store.findings.judge(badPath(), { run: writer.run, now: writer.startedAt });
  writer.finish({ status: "finished", exitCode: 0, finishedAt: estate.now });
}

function same<Item>(items: readonly Item[]): readonly Item[] {
  return items;
}

/** A path that is bad fails; one that nobody knows cannot be judged. */
function badPath(): Judgement {
  return {
    rule: "bad-path",
    severity: "medium",
    subjectType: "identity",
    failing: "select urn as subject, path from identity where path_known = 1 and path = '/bad/'",
    undecided: "select urn as subject, 'not known: identity.path' as reason from identity where path_known = 0",
    params: {},
    identity: [],
    explain: () => "the path is bad",
  };
}

/** Everything that the views say, without numbers of runs. */
export function snapshot(inventory: Inventory): Readonly<Record<string, unknown>> {
  const { reader } = inventory;
  return {
    canonical: [...exportCanonical(inventory)].filter((line) => !line.includes('"usage":')),
    identities: reader
      .select("select * from identity order by urn")
      .map(
        ({ last_used_at: _last, observed_from: _from, observed_through: _through, usage_known: _known, ...row }) => row,
      ),
    aliases: reader.select("select * from alias order by subject, alias"),
    tags: reader.select("select * from tag order by subject, key"),
    coverage: reader.select("select * from coverage order by scope, collection"),
    covered: reader.select("select * from covered order by scope, fact"),
    facets: reader.select("select * from facet order by type, scope"),
    changes: reader.select("select at, change, urn, facts from change_log order by at, urn"),
    findings: reader.select("select * from finding order by fingerprint"),
  };
}
