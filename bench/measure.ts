/**
 * One line of a benchmark: a ratio against a named peer or limit that was measured in the same run. Absolute times
 * mean nothing on a shared machine; ratios of interleaved runs do.
 */
export interface Measure {
  readonly name: string;
  readonly ratio: number;
  readonly goal: { readonly atMost: number } | { readonly atLeast: number };
  /** What the ratio compares with, and how to read it. */
  readonly against: string;
  /** Minimum and maximum over the pairs, where there were several. */
  readonly spread?: readonly [number, number];
}

export interface Benchmark {
  readonly name: string;
  /** What is measured and how, for `npm run bench -- --help`. */
  readonly about: string;
  run(options: BenchOptions): AsyncIterable<Measure>;
}

export interface BenchOptions {
  /** A short run for CI: smaller inputs, fewer pairs, the same comparisons. */
  readonly quick: boolean;
}

export function holds(measure: Measure): boolean {
  return "atMost" in measure.goal ? measure.ratio <= measure.goal.atMost : measure.ratio >= measure.goal.atLeast;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * Runs the two ways in turn (A B A B …, after one uncounted pair) and compares pair by pair, so that a machine that
 * slows down slows both. Each way resolves to what it costs: seconds or bytes.
 */
export async function pairs(
  count: number,
  ours: () => Promise<number> | number,
  theirs: () => Promise<number> | number,
): Promise<{ readonly ratio: number; readonly spread: readonly [number, number] }> {
  const ratios: number[] = [];
  for (let pair = 0; pair <= count; pair += 1) {
    const a = await ours();
    const b = await theirs();
    if (pair > 0) ratios.push(a / b);
  }
  return { ratio: median(ratios), spread: [Math.min(...ratios), Math.max(...ratios)] };
}

/** A benchmark whose two ways do not give equal results measures nothing. */
export function assertEqual(what: string, ours: unknown, theirs: unknown): void {
  const [left, right] = [JSON.stringify(ours), JSON.stringify(theirs)];
  if (left !== right) throw new Error(`${what}: the compared ways differ: ${left} and ${right}`);
}

export async function seconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}
