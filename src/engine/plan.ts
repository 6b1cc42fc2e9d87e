import type { CallRange, Scope } from "../sdk/index.ts";
import type { ScanOptions, ScanPlan } from "./contract.ts";
import { checkCollections, SCOPES } from "./order.ts";
import { predictScope, sumRanges } from "./predict.ts";
import type { PredictedCollection } from "./predict.ts";
import { usualRate } from "./rates.ts";
import type { UsualRate } from "./rates.ts";
import { declaredOperations, gatewayOf } from "./gateway.ts";
import type { GatewayMachinery } from "./gateway.ts";
import { isWanted } from "./scan/source-run.ts";

export type PlanOptions = Pick<
  ScanOptions,
  "inventory" | "sources" | "network" | "now" | "signal" | "onlyScopes" | "onCall"
> &
  Partial<Pick<ScanOptions, "onEvent">>;

/** Scopes of one source that are scanned at the same time; the lanes of the prediction. */
const LANES = 8;

/** The share of a quota that is used unless the configuration says otherwise. */
const POLITE_SHARE = 0.5;

type PlannedScope = ScanPlan["scopes"][number] & { readonly predicted: readonly PredictedCollection[] };

/**
 * What a scan would ask, without asking it: opens each source's session, lists its scopes, and predicts the logical
 * calls of every collection from what the inventory knows. Writes nothing.
 *
 * @throws {ProviderError} where a session or the listing of scopes fails: a plan of a part would pass for the whole.
 */
export async function plan(options: PlanOptions, machinery: GatewayMachinery = {}): Promise<ScanPlan> {
  const planned: { readonly scopes: readonly PlannedScope[]; readonly minutes: ScanPlan["minutes"] }[] = [];
  for (const source of options.sources) {
    const { scanner } = source;
    checkCollections(scanner);
    const gateway = gatewayOf(source, options, options.signal, machinery);
    try {
      const door = gateway.door(SCOPES, declaredOperations(scanner), options.signal);
      const session = await scanner.open(source.config, { door, signal: options.signal });
      const scopes: PlannedScope[] = [];
      for await (const found of scanner.scopes(session, { door, signal: options.signal, now: options.now() })) {
        if (!("type" in found) && isWanted(found, options.onlyScopes))
          scopes.push(planScope(scanner, found, source.deep, options));
      }
      planned.push({
        scopes,
        minutes: minutesOf(scopes, usualRate(scanner.id), options.network.share ?? POLITE_SHARE),
      });
    } finally {
      gateway.close();
    }
  }
  const scopes = planned.flatMap((source) => source.scopes);
  return {
    scopes: scopes.map(({ predicted: _predicted, ...shown }) => shown),
    calls: sumRanges(scopes.map(({ calls }) => calls)),
    // Sources run side by side: the slowest decides.
    minutes: {
      min: Math.max(0, ...planned.map(({ minutes }) => minutes.min)),
      max: Math.max(0, ...planned.map(({ minutes }) => minutes.max)),
      basis: [...new Set(planned.map(({ minutes }) => minutes.basis))].join("; "),
    },
  };
}

function planScope(
  scanner: ScanOptions["sources"][number]["scanner"],
  scope: Scope,
  deep: readonly string[],
  options: PlanOptions,
): PlannedScope {
  const predicted = predictScope(scanner, scope, deep, options.inventory.reader);
  return {
    scanner: scanner.id,
    scope,
    collections: predicted.map(({ collection, calls, selected }) => ({
      collection: collection.id,
      calls,
      optIn: collection.optIn !== undefined,
      selected,
    })),
    calls: sumRanges(predicted.filter(({ selected }) => selected).map(({ calls }) => calls)),
    predicted,
  };
}

/** The wall time if the quotas are all that holds it up: what a collection runs `after` comes before it, scopes run in lanes. */
function minutesOf(scopes: readonly PlannedScope[], rate: UsualRate, share: number): ScanPlan["minutes"] {
  const perMinute = rate.perSecond * share * 60;
  const basis = `${rate.basis}, at a share of ${share}`;
  const minutes = (bound: "min" | "max") => {
    if (rate.quota === "source") return scopes.reduce((sum, { calls }) => sum + calls[bound], 0) / perMinute;
    const each = scopes.map(
      (scope) => (rate.quota === "scope" ? scope.calls[bound] : longestPath(scope.predicted, bound)) / perMinute,
    );
    return Math.max(0, ...each, each.reduce((sum, one) => sum + one, 0) / LANES);
  };
  return { min: minutes("min"), max: minutes("max"), basis };
}

/** Calls that must come one after the other where each action has a quota of its own. */
function longestPath(predicted: readonly PredictedCollection[], bound: keyof CallRange & ("min" | "max")): number {
  const lengths = new Map<string, number>();
  const lengthOf = (id: string): number => {
    const known = lengths.get(id);
    if (known !== undefined) return known;
    const found = predicted.find(({ collection }) => collection.id === id);
    if (found === undefined) return 0;
    const before = (found.collection.after ?? []).map(lengthOf);
    const length = Math.max(0, ...before) + (found.selected ? found.calls[bound] : 0);
    lengths.set(id, length);
    return length;
  };
  return Math.max(0, ...predicted.map(({ collection }) => lengthOf(collection.id)));
}
