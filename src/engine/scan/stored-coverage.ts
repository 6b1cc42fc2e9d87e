import type { Reader, Row } from "../../inventory/contract.ts";
import type { Coverage, GapDetail, Urn } from "../../model/index.ts";

/** The coverage of a collection that an earlier attempt of the same run finished. */
export function storedCoverage(reader: Reader, scanner: string, scope: Urn, collection: string): Coverage {
  const [row] = reader.select(
    "select * from coverage where scanner = @scanner and scope = @scope and collection = @collection",
    {
      scanner,
      scope,
      collection,
    },
  );
  if (row === undefined)
    throw new Error(`The inventory calls ${collection} of ${scope} done and has no coverage of it`);
  return coverageOfRow(row);
}

export function coverageOfRow(row: Row): Coverage {
  const number = (column: string) => Number(row[column] ?? 0);
  return {
    scanner: String(row["scanner"]),
    scope: String(row["scope"]),
    collection: String(row["collection"]),
    status: row["status"] as Coverage["status"],
    gaps: JSON.parse(String(row["gaps"] ?? "[]")) as readonly GapDetail[],
    asOf: number("as_of"),
    ...(row["as_of_note"] === null || row["as_of_note"] === undefined ? {} : { asOfNote: String(row["as_of_note"]) }),
    startedAt: number("started_at"),
    finishedAt: number("finished_at"),
    pages: number("pages"),
    items: number("items"),
    requests: number("requests"),
    retries: number("retries"),
    throttled: number("throttled"),
    bytes: number("bytes"),
  };
}
