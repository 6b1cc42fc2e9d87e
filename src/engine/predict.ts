import type { Reader } from "../inventory/contract.ts";
import type { RecordType } from "../model/index.ts";
import type { CallRange, Collection, Estimate, Scanner, Scope } from "../sdk/index.ts";

/** What the inventory knows about a scope, as a scanner's `cost` asks for it. */
export function estimateFor(scanner: Scanner, scope: Scope, reader: Reader): Estimate {
  const complete = new Set(
    reader
      .select<{ collection: string }>(
        "select collection from coverage where scanner = @scanner and scope = @scope and last_complete_at is not null",
        { scanner: scanner.id, scope: scope.urn },
      )
      .map(({ collection }) => collection),
  );
  const counts = new Map<string, number>();
  if (complete.size > 0) {
    const facets = reader.select<{ type: string; kind: string | null; live: number }>(
      "select type, kind, sum(live) as live from facet where scope = @scope group by type, kind",
      { scope: scope.urn },
    );
    for (const { type, kind, live } of facets) {
      counts.set(type, (counts.get(type) ?? 0) + live);
      if (kind !== null) counts.set(`${type}/${kind}`, live);
    }
  }

  /** A count is worth something only if the collections that decide the existence of the kind have all been complete. */
  function known(type: RecordType, kind: string | undefined): boolean {
    const deciding = scanner.collections.filter(({ emits }) => decides(emits.authoritative?.[type], kind));
    return deciding.length === 0 ? complete.size > 0 : deciding.every(({ id }) => complete.has(id));
  }

  return {
    scope,
    count(key) {
      const [type, kind] = splitKey(key);
      return known(type, kind) ? (counts.get(key) ?? 0) : undefined;
    },
    holders(identityKind, credentialKind) {
      const identity = identityKind.replace(/^identity\//, "");
      const credential = credentialKind.replace(/^credential\//, "");
      if (!known("identity", identity) || !known("credential", credential)) return undefined;
      const [row] = reader.select<{ holders: number }>(
        `select count(distinct c.identity) as holders from credential c join identity i on i.urn = c.identity
          where c.scope = @scope and c.kind = @credential and i.kind = @identity`,
        { scope: scope.urn, credential, identity },
      );
      return row?.holders ?? 0;
    },
  };
}

function splitKey(key: string): [RecordType, string | undefined] {
  const slash = key.indexOf("/");
  return slash === -1 ? [key as RecordType, undefined] : [key.slice(0, slash) as RecordType, key.slice(slash + 1)];
}

function decides(kinds: readonly string[] | "all" | undefined, kind: string | undefined): boolean {
  if (kinds === undefined) return false;
  return kinds === "all" || kind === undefined || kinds.includes(kind);
}

export interface PredictedCollection {
  readonly collection: Collection;
  readonly calls: CallRange;
  /** Not an opt-in collection, or one that the configuration asks for. */
  readonly selected: boolean;
}

/** The logical calls of each collection of a scope. A scope that is skipped costs nothing. */
export function predictScope(
  scanner: Scanner,
  scope: Scope,
  deep: readonly string[],
  reader: Reader,
): readonly PredictedCollection[] {
  const estimate = estimateFor(scanner, scope, reader);
  return scanner.collections.map((collection) => ({
    collection,
    calls: predicted(collection, estimate),
    selected: scope.skip === undefined && (collection.optIn === undefined || deep.includes(collection.id)),
  }));
}

/** A prediction that fails is a bug that must not cost the scan: it then has no limit, and says why. */
function predicted(collection: Collection, estimate: Estimate): CallRange {
  try {
    return collection.cost(estimate);
  } catch {
    return { min: 0, max: Number.MAX_SAFE_INTEGER, basis: `the prediction of ${collection.id} failed` };
  }
}

export function sumRanges(ranges: readonly CallRange[]): CallRange {
  const bases = [...new Set(ranges.map(({ basis }) => basis))];
  return {
    min: ranges.reduce((sum, { min }) => sum + min, 0),
    max: ranges.reduce((sum, { max }) => sum + max, 0),
    basis: bases.length > 3 ? `${bases.slice(0, 3).join("; ")}; and ${bases.length - 3} more` : bases.join("; "),
  };
}
