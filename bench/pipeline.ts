import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertEqual, type Benchmark, pairs } from "./measure.ts";
import { startEstate } from "./support/estate-process.ts";
import { runChild } from "./support/pipeline-child.ts";

/** What keeping costs over merely reading, and whether memory follows the estate. */
const benchmark: Benchmark = {
  name: "pipeline",
  about:
    "server to queryable inventory against the same SDK pages with their policy documents parsed and dropped; peak memory at ten times the entities",
  async *run({ quick }) {
    const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
    let round = 0;
    const database = () => join(folder, `pipeline-${(round += 1)}.db`);
    try {
      const estate = await startEstate(sizeOf(quick ? 10_000 : 60_000));
      const ours: number[] = [];
      const theirs: number[] = [];
      const result = await pairs(
        quick ? 2 : 5,
        async () => {
          const { seconds, entities } = await runChild("ours", estate.url, database());
          ours.push(entities);
          return seconds;
        },
        async () => {
          const { seconds, entities } = await runChild("floor", estate.url, database());
          theirs.push(entities);
          return seconds;
        },
      );
      estate.close();
      assertEqual("entities", ours, theirs);
      yield {
        name: "pipeline/wall",
        ...result,
        goal: { atMost: 1.3 },
        against: "the SDK's pages of the same calls, documents parsed and dropped",
      };

      const small = quick ? 10_000 : 100_000;
      const [few, many] = [await peakOf(small, database()), await peakOf(small * 10, database())];
      yield {
        name: "pipeline/memory",
        ratio: many / few,
        goal: { atMost: 1.15 },
        against: `peak memory at a tenth of the entities (${Math.round(few / 1_024)} MB at ${small}, ${Math.round(many / 1_024)} MB at ${small * 10})`,
      };
      yield { name: "pipeline/ceiling", ratio: many / 1_024 / 400, goal: { atMost: 1 }, against: "400 MB" };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

export default benchmark;

async function peakOf(entities: number, database: string): Promise<number> {
  const estate = await startEstate(sizeOf(entities));
  try {
    const result = await runChild("ours", estate.url, database);
    return result.peakKilobytes;
  } finally {
    estate.close();
  }
}

/** Roles are the fattest entities, and users bring the report; no keys, because one call per key measures the calls. */
function sizeOf(entities: number) {
  return {
    accounts: 2,
    usersPerAccount: Math.round(entities * 0.15),
    rolesPerAccount: Math.round(entities * 0.3),
    policiesPerAccount: Math.round(entities * 0.04),
    groupsPerAccount: Math.round(entities * 0.01),
    keyedShare: 0,
  };
}
