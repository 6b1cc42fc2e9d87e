import { csvCell, jsonLine } from "../../sdk/text.ts";
import { isUserError, UserError } from "../../sdk/index.ts";
import type { Reader, Row } from "../../inventory/contract.ts";
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
      if (columns === undefined) {
        columns = Object.keys(row);
        refuseTwins(reader, sql, columns);
        if (format === "csv") await this.out.line(columns.map((name) => csvCell(name)).join(","));
      }
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

/**
 * A row holds one value per name, so of two columns of one name one would be lost. A subquery's columns are told apart by
 * SQLite (`a`, `a:1`), and one that ends before its first row costs nothing.
 *
 * @throws {UserError} exit 2
 */
function refuseTwins(reader: Reader, sql: string, columns: readonly string[]): void {
  const inner = sql.replace(/[;\s]+$/, "");
  const [row] = twinless(reader, `select * from (select 1 as one) left join (select * from (${inner}\n) limit 0) on 1`);
  if (row === undefined || Object.keys(row).length - 1 <= columns.length) return;
  const twins = columns.filter((name) => Object.hasOwn(row, `${name}:1`) && !columns.includes(`${name}:1`));
  throw new UserError(
    `The query has several columns of one name${twins.length === 0 ? "" : ` (${twins.map((name) => name.slice(0, 80)).join(", ")})`}, of which only one could be shown`,
    { next: "give each a name of its own: select a.name as identity_name, b.name as group_name" },
  );
}

/** A statement that is right alone may not be a subquery; then its columns are taken as they are. */
function twinless(reader: Reader, sql: string): readonly Row[] {
  try {
    return [...reader.query(sql, { timeout: 30_000 })];
  } catch (error) {
    if (isUserError(error)) return [];
    throw error;
  }
}

function plain(value: Cell): string {
  return cellText(value, "text");
}
