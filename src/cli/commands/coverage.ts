import type { CoverageStatus, GapDetail } from "../../sdk/index.ts";
import type { Row } from "../../inventory/contract.ts";
import type { Context } from "../context.ts";
import { Filter, scopeUrns } from "../filters.ts";
import type { ListFlags } from "../flags.ts";
import { oneFormat } from "../flags.ts";
import { NONE, shortInstant, shortUrn } from "../format/values.ts";
import { reading } from "../inventory.ts";
import { printList } from "../list.ts";
import { terminal } from "../../sdk/text.ts";

export interface CoverageFlags extends ListFlags {
  readonly scanner?: readonly string[];
  readonly scope?: readonly string[];
  readonly collection?: readonly string[];
  readonly status?: readonly CoverageStatus[];
}

/** `rollcall coverage` */
export async function coverage(this: Context, flags: CoverageFlags): Promise<void> {
  await reading(this, flags, async (reader) => {
    const places = () => new Filter().oneOf("scanner", flags.scanner).oneOf("scope", scopeUrns(reader, flags.scope));
    const where = places().oneOf("collection", flags.collection).oneOf("status", flags.status).build();
    if (oneFormat(flags) === "table") {
      // Over everything in these places: a list of what is partial must not say that nothing is complete.
      const all = places().build();
      const rows = reader.select(`select scope, status from coverage ${all.sql}`, all.params);
      if (rows.length > 0) await this.out.line(coverageSentence(rows));
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

/** `41 of 43 scopes complete; 2 partial`: the first line of everything that speaks about a scan. */
export function coverageSentence(rows: readonly Row[]): string {
  const scopes = new Map<string, Set<string>>();
  for (const row of rows) {
    const statuses = scopes.get(String(row["scope"])) ?? new Set();
    scopes.set(String(row["scope"]), statuses.add(String(row["status"])));
  }
  const partial = [...scopes].filter(([, statuses]) => statuses.has("partial"));
  const untouched = [...scopes].filter(
    ([, statuses]) => !statuses.has("partial") && !statuses.has("complete") && statuses.has("not-attempted"),
  );
  const complete = scopes.size - partial.length - untouched.length;
  const rest = [
    partial.length === 0 ? "" : `${partial.length} partial (${names(partial)})`,
    untouched.length === 0 ? "" : `${untouched.length} not scanned (${names(untouched)})`,
  ].filter(Boolean);
  return `${complete} of ${scopes.size} scopes complete${rest.length === 0 ? "" : `; ${rest.join("; ")}`}`;
}

function names(scopes: readonly (readonly [string, unknown])[]): string {
  const shown = scopes.slice(0, 5).map(([scope]) => terminal(shortUrn(scope)));
  return `${shown.join(", ")}${scopes.length > 5 ? ", …" : ""}`;
}

function gapText(row: Row): string {
  const gaps = typeof row["gaps"] === "string" ? (JSON.parse(row["gaps"]) as readonly GapDetail[]) : [];
  if (gaps.length === 0) return typeof row["as_of_note"] === "string" ? row["as_of_note"] : NONE;
  const [first] = gaps;
  return `${first?.reason ?? ""}${first?.remedy === undefined ? "" : `; ${first.remedy}`}${gaps.length > 1 ? ` (and ${gaps.length - 1} more)` : ""}`;
}
