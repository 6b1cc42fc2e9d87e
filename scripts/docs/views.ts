import type { ViewColumn } from "../../src/inventory/contract.ts";
import { code, fenced, page, type Page, table } from "./page.ts";

export interface DocumentedView {
  readonly name: string;
  readonly doc: string;
  readonly columns: readonly ViewColumn[];
}

const INTRODUCTION = [
  "# Views",
  "What rules, reports and `rollcall query` read. Tables behind them are free to change; views are not.",
  "Instants are milliseconds since 1970 in UTC, booleans are 0 and 1, so that the same SQL runs on SQLite and on PostgreSQL. Where a fact has a column `…_known`, that column decides: with 1, `NULL` means that there is none; with 0, nobody could see it, and the fact's own column holds what it was before, or `NULL`. A condition on such a fact reads both.",
];

const EXAMPLE = `-- keys that are accepted, and older than a year
select identity, name, created_at from credential
where kind = 'access-key' and enabled_known = 1 and enabled = 1
  and created_at_known = 1 and created_at < 1732320000000`;

export function viewsPage(views: readonly DocumentedView[]): Page {
  return page("views.md", [
    ...INTRODUCTION,
    fenced("sql", EXAMPLE),
    table(
      ["view", "what it holds"],
      views.map((view) => [`[${view.name}](#${view.name})`, view.doc]),
    ),
    ...views.map((view) =>
      [
        `## ${view.name}`,
        `${view.doc}.`.replace("..", "."),
        table(
          ["column", "type", "what it is"],
          view.columns.map((column) => [code(column.name), column.type, column.doc]),
        ),
      ].join("\n\n"),
    ),
  ]);
}
