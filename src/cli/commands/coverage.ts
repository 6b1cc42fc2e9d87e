import type { CoverageStatus, GapDetail } from "../../sdk/index.ts";
import type { Row } from "../../inventory/contract.ts";
import type { Context } from "../context.ts";
import { Filter, scopeUrns } from "../filters.ts";
import type { ListFlags } from "../flags.ts";
import { oneFormat } from "../flags.ts";
import { NONE, shortInstant, shortUrn } from "../format/values.ts";
import { reading } from "../inventory.ts";
import { printList } from "../list.ts";
import { SCOPES } from "../../engine/order.ts";
import { coverageSentence } from "../coverage-sentence.ts";
import type { ScopeStanding, ScopeState } from "../coverage-sentence.ts";
import { checkWords, distinct } from "../words.ts";

export interface CoverageFlags extends ListFlags {
  readonly scanner?: readonly string[];
  readonly scope?: readonly string[];
  readonly collection?: readonly string[];
  readonly status?: readonly CoverageStatus[];
}

/** `rollcall coverage` */
export async function coverage(this: Context, flags: CoverageFlags): Promise<void> {
  await reading(this, flags, async (reader) => {
    checkWords("scanner", flags.scanner, distinct(reader, "scanner", "coverage"));
    checkWords("collection", flags.collection, distinct(reader, "collection", "coverage"));
    const places = () => new Filter().oneOf("scanner", flags.scanner).oneOf("scope", scopeUrns(reader, flags.scope));
    const where = places().oneOf("collection", flags.collection).oneOf("status", flags.status).build();
    if (oneFormat(flags) === "table") {
      // Over everything in these places: a list of what is partial must not say that nothing is complete.
      const all = places().build();
      const rows = reader.select(`select scope, collection, status, gaps, items from coverage ${all.sql}`, all.params);
      if (rows.length > 0) await this.out.line(coverageSentence(standings(rows)));
      if (rows.length > 0) await this.out.line("");
    }
    await printList(
      this,
      reader,
      {
        view: "coverage",
        where,
        order: "scanner, scope, collection",
        noun: "collections",
        rows: 1_000,
        table: [
          { title: "SCANNER", column: "scanner" },
          { title: "SCOPE", column: "scope", text: (row) => shortUrn(String(row["scope"])) },
          { title: "COLLECTION", column: "collection" },
          { title: "STATUS", column: "status" },
          { title: "AS OF", column: "as_of", text: (row) => shortInstant(row["as_of"]) },
          { title: "ITEMS", column: "items", right: true },
          { title: "CALLS", column: "requests", right: true },
          { title: "WHY", column: "gaps", flexible: true, text: (row) => gapText(row) },
        ],
      },
      flags,
    );
  });
}

/** How each scope stands. A complete listing of scopes is no scope of its own; a short one is, for what it may hide. */
function standings(rows: readonly Row[]): readonly ScopeStanding[] {
  return [...Map.groupBy(rows, (row) => String(row["scope"]))].flatMap(([scope, collections]) => {
    const state = stateOf(collections);
    const listing = collections.every((row) => row["collection"] === SCOPES);
    return listing && state === "complete" ? [] : [{ name: shortUrn(scope), state }];
  });
}

function stateOf(collections: readonly Row[]): ScopeState {
  const having = (status: CoverageStatus): boolean => collections.some((row) => row["status"] === status);
  if (collections.every((row) => row["status"] === "not-applicable")) return "closed";
  if (collections.some(isShort))
    return having("complete") || collections.some((row) => Number(row["items"]) > 0) ? "partial" : "failed";
  return having("complete") ? "complete" : "left-out";
}

/** What nobody asked for is no shortfall; everything else that was not seen is. */
function isShort(row: Row): boolean {
  if (row["status"] === "partial") return true;
  return row["status"] === "not-attempted" && gapsOf(row).some((gap) => gap.class !== "opt-in");
}

function gapsOf(row: Row): readonly GapDetail[] {
  return typeof row["gaps"] === "string" ? (JSON.parse(row["gaps"]) as readonly GapDetail[]) : [];
}

function gapText(row: Row): string {
  const gaps = gapsOf(row);
  if (gaps.length === 0) return typeof row["as_of_note"] === "string" ? row["as_of_note"] : NONE;
  const [first] = gaps;
  return `${first?.reason ?? ""}${first?.remedy === undefined ? "" : `; ${first.remedy}`}${gaps.length > 1 ? ` (and ${gaps.length - 1} more)` : ""}`;
}
