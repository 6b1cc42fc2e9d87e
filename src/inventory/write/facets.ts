import type { Layout } from "../schema/layout.ts";
import { LAYOUTS } from "../schema/layout.ts";
import type { Statements } from "../statements.ts";
import type { Dirty } from "./dirty.ts";

/** How many live records of a type there are, as one select. */
export function facetSelect({ type, table, hasKind }: Layout): string {
  const kind = hasKind ? "f_kind" : "cast(null as text)";
  const nature = type === "identity" ? "f_nature" : "cast(null as text)";
  return `select '${type}' as type, provider, scope, ${kind} as kind, ${nature} as nature, count(*) as live from ${table} where presence < 3 group by provider, scope, ${kind}, ${nature}`;
}

/** Counts again what has changed since the last time. */
export function refreshFacets(statements: Statements, dirty: Dirty): void {
  for (const layout of LAYOUTS) {
    if (!dirty.has(layout.type)) continue;
    statements.run("delete from t_facet where type = ?", layout.type);
    statements.run(`insert into t_facet (type, provider, scope, kind, nature, live) ${facetSelect(layout)}`);
    dirty.clean(layout.type);
  }
}
