import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openInventory } from "../src/inventory/index.ts";
import { assertEqual, type Benchmark } from "./measure.ts";
import { startEstate } from "./support/estate-process.ts";
import { naiveScan } from "./support/naive-scan.ts";
import { planEstate, scanEstate } from "./support/scan-estate.ts";
import { NOW } from "./support/synthetic.ts";

/** Calls are the bottleneck of AWS, and the only figure here that no noise can touch. */
const benchmark: Benchmark = {
  name: "calls",
  about:
    "requests of a full scan, against the theoretical minimum and against the leanest per-object pattern run on the same server",
  async *run({ quick }) {
    const part = quick ? 4 : 1;
    const size = {
      accounts: 2,
      usersPerAccount: 5_000 / part,
      rolesPerAccount: 2_500 / part,
      policiesPerAccount: 1_000 / part,
      groupsPerAccount: 160 / part,
      keyedShare: 0.9,
    };
    const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
    const estate = await startEstate(size);
    try {
      const inventory = openInventory({ path: join(folder, "calls.db"), mode: "write", now: () => NOW });
      await scanEstate(estate.url, inventory);
      const ours = total(await estate.take());
      const [counts] = inventory.reader.select<{ entities: number; keyed: number; keys: number; dated: number }>(
        `select (select count(*) from identity where kind in ('user', 'role')) + (select count(*) from identity_group) + (select count(*) from permission_set where kind in ('managed-policy', 'aws-managed-policy')) as entities,
                (select count(distinct identity) from credential where kind = 'access-key') as keyed,
                (select count(*) from credential where kind = 'access-key') as keys,
                (select count(*) from credential where kind = 'access-key' and last_used_at is not null) as dated`,
      );
      if (counts === undefined) throw new Error("the inventory answers nothing");

      const plan = await planEstate(estate.url, inventory);
      await estate.take();
      const naive = await naiveScan(estate.url);
      const theirs = total(await estate.take());
      assertEqual(
        "access keys with their last use",
        [counts.keys, counts.dated],
        [naive.keys.length, naive.keys.filter(({ lastUsedAt }) => lastUsedAt !== null).length],
      );

      const minimum = Math.ceil(counts.entities / 1_000) + 7 * size.accounts + counts.keyed;
      yield {
        name: "calls/minimum",
        ratio: ours / minimum,
        goal: { atMost: 1.05 },
        against: `ceil(entities / 1000) + 7 per account + users with keys = ${minimum}`,
      };
      yield {
        name: "calls/per-object",
        ratio: theirs / ours,
        goal: { atLeast: 9 },
        against: `6U + 3R + 2G + 2(P + Pa) + inline policies, run here: ${theirs} calls (how many times fewer)`,
      };
      const { min, max } = plan.calls;
      if (ours < min || ours > max)
        throw new Error(`the plan's range ${min} to ${max} does not hold the ${ours} calls that the scan made`);
      yield {
        name: "calls/plan",
        ratio: max / min,
        goal: { atMost: 1.05 },
        against: `the plan's own range, ${min} to ${max}, for ${ours} calls`,
      };
      inventory.close();
    } finally {
      estate.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

export default benchmark;

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
