import { DAY, SECOND } from "../../model/index.ts";
import type { Gateway } from "../../transport/contract.ts";
import type { RunSummary } from "../../inventory/contract.ts";
import { EXIT, UserError } from "../../sdk/index.ts";
import type { ScanOptions, ScanResult } from "../contract.ts";
import { chooseExit, exitOfSignal } from "../exit.ts";
import type { ExitCondition } from "../exit.ts";
import { gatewayOf } from "../gateway.ts";
import type { GatewayMachinery } from "../gateway.ts";
import { evaluateRules } from "../judge/evaluate.ts";
import type { Evaluation } from "../judge/evaluate.ts";
import { checkCollections } from "../order.ts";
import { planHash } from "../plan-hash.ts";
import { RunContext, RunStopped } from "./context.ts";
import { cleanSentence, conditionsOf, resultOf, suspectedScopes } from "./result.ts";
import { runSource } from "./source-run.ts";
import type { SourceOutcome } from "./source-run.ts";

const HEARTBEAT = 5 * SECOND;

/** An unfinished run older than this tells of another day; it is closed, not resumed. */
const RESUME_WITHIN = DAY;

/**
 * Scans every source into the inventory and judges what was found. A run of the same plan that was killed is taken up
 * where its last checkpoints left it; the outcome is the same as if it had never been interrupted.
 *
 * What providers refuse or break ends up in coverage and in the exit code, never in an exception. When `signal`
 * aborts, what was committed stays, nothing is withdrawn or judged, and the exit code follows the signal's reason
 * (`"SIGINT"`, `"SIGTERM"`, `"SIGHUP"`).
 *
 * @throws {UserError} exit 7 where the inventory fails, 75 where another scan holds it, 2 where a scanner or the
 * selection contradicts itself.
 */
export async function scan(options: ScanOptions): Promise<ScanResult> {
  return scanWith(options, {});
}

/** {@link scan} with another clock behind the doors: for tests that do not want to wait for a provider's back-off. */
export async function scanWith(options: ScanOptions, machinery: GatewayMachinery): Promise<ScanResult> {
  for (const { scanner } of options.sources) checkCollections(scanner);
  if (new Set(options.sources.map(({ scanner }) => scanner.id)).size < options.sources.length) {
    throw new UserError("Two sources use the same scanner; give it one source with all its settings");
  }
  const stop = new AbortController();
  const onAbort = () => stop.abort(options.signal.reason);
  options.signal.addEventListener("abort", onAbort, { once: true });
  if (options.signal.aborted) onAbort();
  // Before the run begins: a setting of the network that cannot work must not leave a run behind.
  const gateways = options.sources.map((source) => gatewayOf(source, options, stop.signal, machinery));
  try {
    const run = options.inventory.writer().startRun({
      planHash: planHash(options),
      scanners: options.sources.map(({ scanner }) => scanner.id),
      startedAt: options.now(),
      version: options.version,
      acceptMassChange: options.acceptMassChange ?? false,
      resumeWithin: RESUME_WITHIN,
    });
    const context = new RunContext(options, run, stop);
    options.onEvent({
      type: "run-started",
      run: run.run,
      resumed: run.resumed,
      sources: options.sources.map(({ scanner }) => scanner.id),
    });
    const outcomes = await withHeartbeat(context, () => readSources(context, gateways));
    const result = context.signal.aborted ? cancel(context, outcomes) : conclude(context, outcomes);
    options.onEvent({ type: "run-finished", result });
    return result;
  } finally {
    options.signal.removeEventListener("abort", onAbort);
    for (const gateway of gateways) gateway.close();
  }
}

/** Keeps the lease while providers are being read. */
async function withHeartbeat<Result>(context: RunContext, work: () => Promise<Result>): Promise<Result> {
  const heart = setInterval(() => {
    try {
      context.run.heartbeat();
    } catch (error) {
      context.fail(error);
    }
  }, HEARTBEAT);
  try {
    return await work();
  } finally {
    clearInterval(heart);
  }
}

/** What each source came to; after a stop, those that had begun to list their scopes. */
async function readSources(context: RunContext, gateways: readonly Gateway[]): Promise<readonly SourceOutcome[]> {
  const work = context.options.sources.map(async (source, index): Promise<readonly SourceOutcome[]> => {
    try {
      return [await runSource(source, gateways[index] as Gateway, context)];
    } catch (error) {
      if (error instanceof RunStopped && context.fatal === undefined) return [];
      throw error;
    }
  });
  try {
    return (await context.settleAll(work)).flat();
  } catch (error) {
    throw context.fatal ?? error;
  }
}

function cancel(context: RunContext, outcomes: readonly SourceOutcome[]): ScanResult {
  const exit = exitOfSignal(context.options.signal.reason);
  const finishedAt = context.options.now();
  const summary = context.run.finish({ status: "cancelled", exitCode: exit.code, finishedAt });
  return resultOf({ context, outcomes, evaluation: undefined, exit, summary, finishedAt });
}

function conclude(context: RunContext, outcomes: readonly SourceOutcome[]): ScanResult {
  const { options, run } = context;
  options.onEvent({ type: "rules-started", count: options.rules.filter(({ enabled }) => enabled).length });
  const evaluation = evaluateRules(options.inventory, options.rules, {
    run: run.run,
    now: run.startedAt,
    emitted: (scanner, collection) =>
      options.sources
        .find((source) => source.scanner.id === scanner)
        ?.scanner.collections.find(({ id }) => id === collection)?.emits.facts,
    onJudged(summary) {
      // Judging a large estate takes longer than a lease lasts, and no timer fires meanwhile.
      run.heartbeat();
      options.onEvent({ type: "rule-judged", summary });
    },
  });
  const conditions: readonly ExitCondition[] = [
    ...context.conditions,
    ...brokenRules(evaluation),
    ...conditionsOf({ options, outcomes, evaluation, suspected: suspectedScopes(context, outcomes) }),
  ];
  const exit = chooseExit(conditions, cleanSentence({ options, outcomes, evaluation }));
  const finishedAt = options.now();
  const summary: RunSummary = run.finish({ status: "finished", exitCode: exit.code, finishedAt });
  return resultOf({ context, outcomes, evaluation, exit, summary, finishedAt });
}

function brokenRules({ broken }: Evaluation): readonly ExitCondition[] {
  return broken.length === 0
    ? []
    : [
        {
          code: EXIT.bug,
          reason: `the rule ${broken.map(({ rule, error }) => `${rule} failed (${error})`).join("; the rule ")}`,
        },
      ];
}
