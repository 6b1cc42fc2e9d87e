import type { ViewColumn } from "../contract.ts";
import { OTHER_VIEWS } from "./other-views.ts";
import { RECORD_VIEWS } from "./record-views.ts";
import type { View } from "./record-views.ts";
import { createTable, EARLY_INDEXES, FINDING_INDEXES, LATE_INDEXES, TABLES } from "./tables.ts";
import type { Dialect } from "./tables.ts";

export const VIEWS: readonly View[] = [...RECORD_VIEWS, ...OTHER_VIEWS];

export function createView({ name, select }: View, dialect: Dialect, temporary = false): string {
  return `create ${temporary ? "temp " : ""}view ${name} as ${select(dialect)}`;
}

/**
 * The statements that create an empty store, tables first: what a new file gets (without the indexes that wait for the
 * first load), and what the rules' examples run on in PostgreSQL. The columns of a table are the same in both dialects,
 * so rows can be copied from one to the other.
 */
export function schemaFor(dialect: Dialect): string[] {
  return [
    ...TABLES.map((table) => createTable(table, dialect)),
    ...[...EARLY_INDEXES, ...LATE_INDEXES, ...FINDING_INDEXES].map(({ sql }) => sql),
    ...VIEWS.map((view) => createView(view, dialect)),
  ];
}

export interface CataloguedView {
  readonly name: string;
  readonly doc: string;
  readonly columns: readonly ViewColumn[];
}

/** The documented views, for the generated page. */
export function viewCatalogue(): readonly CataloguedView[] {
  return VIEWS.map(({ name, doc, columns }) => ({ name, doc, columns }));
}
