import type { Instant } from "../model/index.ts";

/**
 * A report turns the read model into text, in chunks. It sees views and nothing else; its order is total; it reads
 * no clock; the same inventory gives the same bytes. It escapes at its own border (`sdk/text`): every name in it was
 * chosen by a stranger.
 */
export interface Report {
  readonly id: string;
  readonly title: string;
  readonly mediaType: string;
  readonly extension: string;
  readonly audience: "human" | "machine";
  render(view: ReportView, options: ReportOptions): AsyncGenerator<string | Uint8Array, void, void>;
}

export interface ReportOptions {
  /** Which tables; the report's own default if left out. */
  readonly tables?: readonly ReportTable[];
  /** CSV: leave cells that a spreadsheet would execute as they are. */
  readonly raw?: boolean;
}

export const REPORT_TABLES = [
  "coverage",
  "scope",
  "identity",
  "credential",
  "identity_group",
  "membership",
  "permission_set",
  "access_grant",
  "trust",
  "anchor",
  "owner",
  "usage",
  "finding",
] as const;
export type ReportTable = (typeof REPORT_TABLES)[number];

export interface ReportView {
  /** When the inventory's latest scan began: the report's own date. `null` for an inventory that never saw one. */
  readonly asOf: Instant | null;
  /** Columns of a table, in order. */
  columns(table: ReportTable): readonly ReportColumn[];
  /** All rows in total order, streamed: hold one at a time. */
  rows(table: ReportTable): Iterable<Readonly<Record<string, ReportValue>>>;
  /** A read-only `select` over the views, for summaries. Bound parameters only. */
  select(
    sql: string,
    params?: Readonly<Record<string, string | number | null>>,
  ): readonly Readonly<Record<string, ReportValue>>[];
}

export interface ReportColumn {
  readonly name: string;
  readonly type: "text" | "integer" | "boolean" | "instant" | "json" | "list";
}

/** Booleans and instants are numbers here as in the store; the column's type says how to show them. */
export type ReportValue = string | number | null;

export function defineReport(report: Report): Report {
  return Object.freeze(report);
}
