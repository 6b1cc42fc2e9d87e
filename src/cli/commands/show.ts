import { jsonLine } from "../../sdk/text.ts";
import type { Context } from "../context.ts";
import { describeRecord } from "../describe/record.ts";
import { printDescription } from "../describe/print.ts";
import type { AsOfFlag, GlobalFlags } from "../flags.ts";
import { reading } from "../inventory.ts";
import { resolveName } from "../resolve.ts";

export type ShowFlags = GlobalFlags & AsOfFlag;

/** `rollcall show NAME`: everything that is known of one thing, each fact with its source and time. */
export async function show(this: Context, flags: ShowFlags, name: string): Promise<void> {
  await reading(this, flags, async (reader) => {
    const record = resolveName(reader, name);
    const description = await describeRecord(reader, record, flags.asOf !== undefined);
    if (flags.json === true) await this.out.line(jsonLine(description));
    else await printDescription(this.out, description);
  });
}
