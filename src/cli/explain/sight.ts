import type { Reader, Row } from "../../inventory/contract.ts";
import type { ScannerCatalog } from "../../config/sources.ts";
import { SCOPES } from "../../engine/order.ts";
import { formatInstant } from "../../sdk/index.ts";
import type { GapDetail, RecordType } from "../../sdk/index.ts";

/** Whether the latest scan of a thing's scope looked where the thing would have shown. */
export interface Sight {
  /** A collection that decides the thing's existence read everything, in the latest scan of its scope, and had it. */
  readonly seen: boolean;
  /** The whole scope cannot be entered any more: it is closed or suspended. */
  readonly closed: boolean;
  /** Those collections, where they were not complete, and why. */
  readonly gaps: readonly {
    readonly collection: string;
    readonly status: string;
    readonly reason: string;
    readonly remedy: string | null;
  }[];
  /** When the collections that decide were last all complete. */
  readonly lastCompleteAt: number | null;
}

interface Thing {
  readonly urn: string;
  readonly type: string;
  readonly kind: string | null;
  readonly scope: string;
}

/** What may be believed of a thing's presence, from the coverage of the collections that decide whether it exists. */
export async function sightOf(reader: Reader, catalog: ScannerCatalog, thing: Thing): Promise<Sight> {
  const rows = reader.select("select * from coverage where scope = @scope order by scanner, collection", {
    scope: thing.scope,
  });
  const sources = new Set(reader.provenance(thing.urn).flatMap(({ source }) => source ?? []));
  const deciding = await decidingRows(rows, catalog, thing, sources);
  const since = latestRunStart(reader, thing.scope);
  const fresh = (row: Row): boolean => row["status"] === "complete" && Number(row["started_at"]) >= since;
  // One that did not have it and is not sure of the rest proves nothing for one that had it and could not look again.
  const seen =
    deciding.length > 0 && (deciding.every(fresh) || deciding.some((row) => fresh(row) && sources.has(sourceOf(row))));
  const times = deciding.map((row) => row["last_complete_at"]);
  return {
    seen,
    closed: rows.length > 0 && rows.every((row) => row["status"] === "not-applicable"),
    gaps: seen ? [] : gapsOf(deciding, since),
    lastCompleteAt:
      times.length > 0 && times.every((at) => typeof at === "number") ? Math.min(...times.map(Number)) : null,
  };
}

function sourceOf(row: Row): string {
  return `${String(row["scanner"])}/${String(row["collection"])}`;
}

/** By the scanner's own declaration; of a scanner that is not here, those that told something of the thing. */
async function decidingRows(
  rows: readonly Row[],
  catalog: ScannerCatalog,
  { type, kind }: Thing,
  sources: ReadonlySet<string>,
): Promise<readonly Row[]> {
  const deciding: Row[] = [];
  for (const [id, ofScanner] of Map.groupBy(rows, (row) => String(row["scanner"]))) {
    const scanner = Object.hasOwn(catalog, id) ? await catalog[id]?.() : undefined;
    const declared = new Set(
      scanner?.collections.flatMap((collection) => {
        const kinds = collection.emits.authoritative?.[type as RecordType];
        return kinds === "all" || (kind !== null && kinds?.includes(kind) === true) ? [collection.id] : [];
      }),
    );
    if (type === "scope") declared.add(SCOPES);
    const found = ofScanner.filter((row) => declared.has(String(row["collection"])));
    deciding.push(...(found.length > 0 ? found : ofScanner.filter((row) => sources.has(sourceOf(row)))));
  }
  return deciding;
}

/** When the run began that last entered the scope, or that found that it could not. */
function latestRunStart(reader: Reader, scope: string): number {
  const row = reader.select(
    "select max(started_at) as at from run where started_at <= (select max(started_at) from coverage where scope = @scope)",
    { scope },
  )[0];
  return Number(row?.["at"] ?? 0);
}

function gapsOf(deciding: readonly Row[], since: number): Sight["gaps"] {
  if (deciding.length === 0)
    return [
      {
        collection: "no collection",
        status: "read",
        reason: "nothing that decides whether it exists was ever read in its scope",
        remedy: null,
      },
    ];
  return deciding.flatMap((row) => {
    const place = { collection: String(row["collection"]), status: String(row["status"]) };
    if (row["status"] === "complete") {
      if (Number(row["started_at"]) >= since) return [];
      const at = formatInstant(Number(row["started_at"]));
      return [{ ...place, reason: `that was at ${at}; the scan after it did not come so far`, remedy: "scan again" }];
    }
    const gaps = typeof row["gaps"] === "string" ? (JSON.parse(row["gaps"]) as readonly GapDetail[]) : [];
    return gaps.map((gap) => ({ ...place, reason: gap.reason, remedy: gap.remedy ?? null }));
  });
}
