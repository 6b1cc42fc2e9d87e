import { terminal } from "../../sdk/text.ts";
import { fit, pad, padLeft, textWidth } from "./width.ts";

export interface Column {
  readonly title: string;
  /** Numbers stand at the right. */
  readonly right?: boolean;
  /** Gives up its width first where the terminal is narrow. */
  readonly flexible?: boolean;
}

const GAP = "  ";
const NARROWEST = 12;
/** A cell of a stranger's text may be a megabyte; no table is served by more than this. */
const WIDEST = 200;

/**
 * A table as lines: titles, then rows. Every cell is escaped here, so no row can carry a control character to the
 * terminal. Cells are cut to the terminal's width; without one (`width` undefined) only to {@link WIDEST}.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): readonly string[] {
  const cells = rows.map((row) =>
    columns.map((_column, index) => fit(terminal((row[index] ?? "").slice(0, 4 * WIDEST)), WIDEST)),
  );
  const widths = columns.map((column, index) =>
    Math.max(textWidth(column.title), ...cells.map((row) => textWidth(row[index] ?? ""))),
  );
  if (width !== undefined) narrow(columns, widths, width);
  const line = (row: readonly string[]): string =>
    columns
      .map((column, index) => {
        const cell = fit(row[index] ?? "", widths[index] ?? 0);
        return column.right === true ? padLeft(cell, widths[index] ?? 0) : pad(cell, widths[index] ?? 0);
      })
      .join(GAP)
      .trimEnd();
  return [line(columns.map((column) => column.title)), ...cells.map(line)];
}

/** Takes columns from the flexible cells, the widest first, then from any, until the row fits. */
function narrow(columns: readonly Column[], widths: number[], width: number): void {
  const total = (): number => widths.reduce((sum, item) => sum + item, 0) + GAP.length * (widths.length - 1);
  for (const flexibleOnly of [true, false]) {
    while (total() > width) {
      let widest = -1;
      for (const [index, column] of columns.entries()) {
        if (flexibleOnly && column.flexible !== true) continue;
        if ((widths[index] ?? 0) > NARROWEST && (widest < 0 || (widths[index] ?? 0) > (widths[widest] ?? 0)))
          widest = index;
      }
      if (widest < 0) break;
      widths[widest] = Math.max(NARROWEST, (widths[widest] ?? 0) - (total() - width));
    }
  }
}
