import { CHANGE_NAMES, LAYOUTS } from "../../inventory/schema/layout.ts";
import type { Context } from "../context.ts";
import { Filter, scopeUrns } from "../filters.ts";
import type { ListFlags, TimeFlag } from "../flags.ts";
import { instantOf } from "../flags.ts";
import { NONE, shortInstant, shortUrn } from "../format/values.ts";
import { reading } from "../inventory.ts";
import { printList } from "../list.ts";
import { checkKinds, checkWords, distinct } from "../words.ts";

export interface ChangesFlags extends ListFlags {
  readonly since?: TimeFlag;
  readonly until?: TimeFlag;
  readonly run?: number;
  readonly change?: readonly string[];
  readonly type?: readonly string[];
  readonly kind?: readonly string[];
  readonly scope?: readonly string[];
}

const RECORD_TYPES = LAYOUTS.map(({ type }) => type);

/** `rollcall changes` */
export async function changes(this: Context, flags: ChangesFlags): Promise<void> {
  await reading(this, flags, async (reader) => {
    checkWords("change", flags.change, CHANGE_NAMES);
    checkWords("type of record", flags.type, RECORD_TYPES);
    await checkKinds(this, reader, flags.kind);
    if (flags.run !== undefined)
      checkWords("run", [String(flags.run)], distinct(reader, "run", "run"), 'rollcall query "select * from run"');
    const where = new Filter()
      .when(
        flags.since === undefined ? undefined : "at >= $",
        flags.since === undefined ? null : instantOf(flags.since, this.now()),
      )
      .when(
        flags.until === undefined ? undefined : "at < $",
        flags.until === undefined ? null : instantOf(flags.until, this.now()),
      )
      .when(flags.run === undefined ? undefined : "run = $", flags.run ?? null)
      .oneOf("change", flags.change)
      .oneOf("type", flags.type)
      .oneOf("kind", flags.kind)
      .oneOf("scope", scopeUrns(reader, flags.scope))
      .build();
    await printList(
      this,
      reader,
      {
        view: "change_log",
        where,
        order: "at desc, run desc, type, urn, change",
        noun: "changes",
        table: [
          { title: "AT", column: "at", text: (row) => shortInstant(row["at"]) },
          { title: "RUN", column: "run", right: true },
          { title: "CHANGE", column: "change" },
          { title: "TYPE", column: "type" },
          { title: "KIND", column: "kind" },
          {
            title: "NAME",
            column: "name",
            flexible: true,
            text: (row) => String(row["name"] ?? shortUrn(String(row["urn"]))),
          },
          { title: "SCOPE", column: "scope", text: (row) => shortUrn(String(row["scope"])) },
          { title: "FACTS", column: "facts", flexible: true, text: (row) => String(row["facts"] ?? NONE) },
        ],
      },
      flags,
    );
  });
}
