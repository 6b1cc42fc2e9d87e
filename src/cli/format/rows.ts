import type { FactProvenance, Reader, Row, ViewColumn } from "../../inventory/contract.ts";
import { jsonValue } from "./values.ts";

/**
 * Turns a view's rows into JSON documents. A column that has a `_known` sibling is a fact: where it is not known, its
 * place holds `{"state": "unknown", "reason": …}` (with what was known last as `last`), and the sibling is left out. The reason is looked up, so it
 * costs one question for each row that has unknowns.
 */
export class RowFormatter {
  readonly #reader: Reader;
  readonly #columns: readonly ViewColumn[];
  readonly #facts: ReadonlySet<string>;

  constructor(reader: Reader, view: string) {
    this.#reader = reader;
    this.#columns = reader.columns(view);
    const names = new Set(this.#columns.map((column) => column.name));
    this.#facts = new Set([...names].filter((name) => names.has(`${name}_known`)));
  }

  /** Columns that are values, without the `_known` siblings. */
  get columns(): readonly ViewColumn[] {
    return this.#columns.filter((column) => !this.#sibling(column.name));
  }

  json(row: Row): Record<string, unknown> {
    let provenance: readonly FactProvenance[] | undefined;
    const entries = this.columns.map((column): [string, unknown] => {
      if (column.name === "last_used_at" && row["last_used_at"] === null && row["usage_known"] === 0) {
        return [column.name, { state: "unknown", reason: "not every source that could have seen a use has been read" }];
      }
      if (!this.#facts.has(column.name) || row[`${column.name}_known`] !== 0)
        return [column.name, jsonValue(row[column.name], column.type)];
      provenance ??= typeof row["urn"] === "string" ? this.#reader.provenance(row["urn"]) : [];
      const reason = provenance.find((fact) => fact.column === column.name)?.reason;
      const last = jsonValue(row[column.name], column.type);
      return [
        column.name,
        { state: "unknown", reason: reason ?? "no collection reported it", ...(last === null ? {} : { last }) },
      ];
    });
    return Object.fromEntries(entries);
  }

  isUnknown(row: Row, column: string): boolean {
    return this.#facts.has(column) && row[`${column}_known`] === 0;
  }

  #sibling(name: string): boolean {
    return name.endsWith("_known") && this.#facts.has(name.slice(0, -"_known".length));
  }
}
