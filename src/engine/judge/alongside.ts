/** Rows of a sorted stream, by URN; close it, or the statement behind it stays open. */
export interface Alongside<Row> {
  /** The rows of the URN; ask for ascending URNs. */
  of(urn: string): readonly Row[];
  close(): void;
}

/**
 * Walks a stream of rows that is sorted by `urn` beside another one of the same order, holding one URN's rows at a
 * time. URNs are ASCII, so JavaScript and SQL sort them alike.
 */
export function alongside<Row extends { readonly urn: string }>(rows: Iterable<Row>): Alongside<Row> {
  const iterator = rows[Symbol.iterator]();
  let next = iterator.next();
  return {
    of(urn) {
      const found: Row[] = [];
      while (next.done !== true && next.value.urn <= urn) {
        if (next.value.urn === urn) found.push(next.value);
        next = iterator.next();
      }
      return found;
    },
    close: () => void iterator.return?.(),
  };
}
