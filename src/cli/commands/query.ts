import { csvCell, jsonLine } from "../../sdk/text.ts";
import type { Context } from "../context.ts";
import type { AsOfFlag, GlobalFlags } from "../flags.ts";
import { oneFormat } from "../flags.ts";
import { table } from "../format/table.ts";
import { cellText, jsonValue } from "../format/values.ts";
import type { Cell } from "../format/values.ts";
import { reading } from "../inventory.ts";

export interface QueryFlags extends GlobalFlags, AsOfFlag {
  readonly csv?: boolean;
  readonly limit?: number;
  readonly timeout: number;
}

/** A person's table shows this many rows; a pipe gets all. */
const TABLE_ROWS = 1_000;

/** `rollcall query "SELECT …"`: values as the views hold them (instants in milliseconds), since a query may compute. */
export async function query(this: Context, flags: QueryFlags, sql: string): Promise<void> {
  const format = oneFormat(flags);
  await reading(this, flags, async (reader) => {
    const rows = reader.query(sql, { timeout: flags.timeout * 1_000 });
    const most = flags.limit ?? (format === "table" ? TABLE_ROWS : Number.POSITIVE_INFINITY);
    let count = 0;
    let columns: readonly string[] | undefined;
    const cells: string[][] = [];
    let more = false;
    for (const row of rows) {
      if (count >= most) {
        more = true;
        break;
      }
      count += 1;
      if (columns === undefined && format === "csv")
        await this.out.line(
          Object.keys(row)
            .map((name) => csvCell(name))
            .join(","),
        );
      columns ??= Object.keys(row);
      if (format === "json")
        await this.out.line(jsonLine(Object.fromEntries(columns.map((name) => [name, jsonValue(row[name], "text")]))));
      else if (format === "csv") await this.out.line(columns.map((name) => csvCell(plain(row[name]))).join(","));
      else cells.push(columns.map((name) => plain(row[name])));
    }
    if (format === "table") {
      if (columns === undefined) this.note("no rows");
      else
        for (const line of table(
          columns.map((title) => ({ title, flexible: true })),
          cells,
          this.out.width,
        ))
          await this.out.line(line);
      if (more) this.note(`the first ${count} rows; --limit N shows more, --json and --csv show all`);
    }
  });
}

function plain(value: Cell): string {
  return cellText(value, "text");
}
