import pLimit from "p-limit";
import type { CallRange, Scope } from "../../sdk/index.ts";
import type { DoorStats, Gateway } from "../../transport/contract.ts";
import type { ScopeResult, Source } from "../contract.ts";
import { SCOPES } from "../order.ts";
import { predictScope } from "../predict.ts";
import type { RunContext } from "./context.ts";
import { listScopes } from "./list-scopes.ts";
import { runScope } from "./scope-run.ts";
import type { ScopeOutcome } from "./scope-run.ts";

/** Scopes of one source at the same time. Each provider quota is per account or per token; the governor knows which. */
const SCOPES_AT_ONCE = 8;

export interface SourceOutcome {
  readonly scopes: readonly ScopeOutcome[];
  /** The listing of scopes: its own coverage, under the scanner's root scope. */
  readonly listing: ScopeResult;
  readonly predicted: readonly CallRange[];
  /** Scopes that exist, selected or not, to tell a filter that matches nothing. */
  readonly listed: readonly Scope[];
  readonly listedCompletely: boolean;
  readonly calls: {
    readonly logical: number;
    readonly requests: number;
    readonly retries: number;
    readonly throttled: number;
    readonly bytes: number;
  };
}

/**
 * One source from its session to its last scope. What the provider does wrong ends up in coverage; the promise only
 * rejects when the run itself stops.
 *
 * @throws {RunStopped}
 */
export async function runSource(source: Source, gateway: Gateway, context: RunContext): Promise<SourceOutcome> {
  const { scanner } = source;
  const root = scanner.root(source.config);
  const { session, listed, coverage } = await listScopes(source, root, gateway, context);
  const complete = coverage.status === "complete";
  const wanted = listed.filter((scope) => isWanted(scope, context.options.onlyScopes));
  const predicted = wanted.map((scope) => ({
    scope,
    collections: predictScope(scanner, scope, source.deep, context.reader),
  }));

  const limit = pLimit(SCOPES_AT_ONCE);
  const scopes = await context.settleAll(
    predicted.map(({ scope, collections }) =>
      limit(() => runScope({ context, source, session, gateway, scope, collections })),
    ),
  );
  // Last, so that a run that dies on the way has not yet counted a miss against any scope.
  if (!context.signal.aborted)
    context.store(() => context.run.finishScopes(scanner.id, [root.urn, ...listed.map(({ urn }) => urn)], complete));

  return {
    scopes,
    listing: {
      scanner: scanner.id,
      urn: root.urn,
      id: root.id,
      title: root.title,
      status: complete ? "complete" : listed.length > 0 ? "partial" : "failed",
      allowed: false,
      collections: [coverage],
    },
    predicted: predicted.flatMap(({ collections }) =>
      collections.filter(({ selected }) => selected).map(({ calls }) => calls),
    ),
    listed,
    listedCompletely: complete,
    calls: callsOf([SCOPES, ...scopes.flatMap(({ labels }) => labels)].map((label) => gateway.stats(label))),
  };
}

/** Whether a scope passes the filter of the command line: its id or its URN. */
export function isWanted(scope: Scope, only: readonly string[] | undefined): boolean {
  return only === undefined || only.includes(scope.id) || only.includes(scope.urn);
}

function callsOf(stats: readonly DoorStats[]): SourceOutcome["calls"] {
  const sum = (key: keyof DoorStats) => stats.reduce((total, one) => total + one[key], 0);
  return {
    logical: sum("calls"),
    requests: sum("requests"),
    retries: sum("retries"),
    throttled: sum("throttled"),
    bytes: sum("bytes"),
  };
}
