import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Benchmark } from "./measure.ts";
import { pairs } from "./measure.ts";
import { buildLargeInventory } from "./support/large-inventory.ts";

const ROLLCALL = fileURLToPath(new URL("../../bin/rollcall.js", import.meta.url));

/** Start-up: what a person waits for before anything of theirs happens. */
const benchmark: Benchmark = {
  name: "start",
  about: "whole processes: `rollcall --help` and a one-row read of a large inventory, against an empty node process",
  async *run({ quick }) {
    const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
    const empty = join(folder, "empty.mjs");
    writeFileSync(empty, "");
    const count = quick ? 7 : 15;
    const floor = () => spawn([empty]);

    const help = await pairs(count, () => spawn([ROLLCALL, "--help"]), floor);
    yield { name: "start/help", ...help, goal: { atMost: 1.4 }, against: "an empty node process" };

    const identities = quick ? 100_000 : 1_000_000;
    const database = buildLargeInventory(join(folder, "large.db"), { identities, credentials: 0, grants: 0 });
    const read = await pairs(
      count,
      () => spawn([ROLLCALL, "identities", "--json", "--limit", "1", "--db", database]),
      floor,
    );
    yield {
      name: "start/identities",
      ...read,
      goal: { atMost: 2 },
      against: `an empty node process (inventory of ${identities} identities)`,
    };
  },
};

export default benchmark;

function spawn(args: readonly string[]): number {
  const start = performance.now();
  const result = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`node ${args.join(" ")} ended with ${result.status}: ${result.stderr}`);
  return (performance.now() - start) / 1_000;
}
