import { parseArgs } from "node:util";
import { type Benchmark, holds, type Measure } from "./measure.ts";

const BENCHMARKS: Readonly<Record<string, () => Promise<{ readonly default: Benchmark }>>> = {
  calls: () => import("./calls.ts"),
  throttled: () => import("./throttled.ts"),
  pipeline: () => import("./pipeline.ts"),
  store: () => import("./store.ts"),
  rules: () => import("./rules.ts"),
  start: () => import("./start.ts"),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const names = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS);
const unknownNames = names.filter((name) => !Object.hasOwn(BENCHMARKS, name));

if (unknownNames.length > 0) {
  console.error(`No benchmark is called ${unknownNames.join(", ")}. There are: ${Object.keys(BENCHMARKS).join(", ")}.`);
  process.exitCode = 2;
} else {
  await runAll();
}

async function runAll(): Promise<void> {
  let missed = 0;
  for (const name of names) {
    const load = BENCHMARKS[name];
    if (load === undefined) continue;
    const { default: benchmark } = await load();
    if (values.help) {
      console.log(`${name}: ${benchmark.about}`);
      continue;
    }
    for await (const measure of benchmark.run({ quick: values.quick })) {
      if (!holds(measure)) missed += 1;
      console.log(values.json ? JSON.stringify({ ...measure, holds: holds(measure) }) : line(measure));
    }
  }
  if (!values.help && !values.json) console.log(missed === 0 ? "every goal holds" : `${missed} goals missed`);
  if (missed > 0) process.exitCode = 3;
}

function line(measure: Measure): string {
  const goal = "atMost" in measure.goal ? `at most ${measure.goal.atMost}` : `at least ${measure.goal.atLeast}`;
  const spread =
    measure.spread === undefined ? "" : ` (${measure.spread[0].toFixed(2)} to ${measure.spread[1].toFixed(2)})`;
  return `${holds(measure) ? "holds " : "MISSED"}  ${measure.name}: ${measure.ratio.toFixed(3)}${spread}, goal ${goal}; against ${measure.against}`;
}
