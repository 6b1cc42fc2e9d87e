import { resolve } from "node:path";
import type { PruneSummary } from "../../inventory/index.ts";
import { counted, duration } from "../format/quantity.ts";
import { DAY, EXIT, jsonLine, terminal } from "../../sdk/index.ts";
import { databasePath } from "../../config/index.ts";
import { shortName } from "../../config/problems.ts";
import type { Context } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";

/** `rollcall db check`: integrity, hash chain, views. Ends with 7 where something is wrong. */
export async function check(this: Context, flags: GlobalFlags): Promise<void> {
  const path = await databasePath(flags, this);
  const { checkDatabase } = await import("../../inventory/index.ts");
  const checks = checkDatabase(path);
  let problems = 0;
  for (const item of checks) {
    problems += item.ok ? 0 : 1;
    if (flags.json === true) await this.out.line(jsonLine(item));
    else await this.out.line(terminal(`${item.ok ? "ok     " : "PROBLEM"}  ${item.check}: ${item.detail}`));
  }
  if (problems > 0) {
    this.note("next: rollcall db restore BACKUP");
    this.setExit(EXIT.store);
  }
}

/** `rollcall db backup [FILE]` */
export async function backup(this: Context, flags: GlobalFlags, target: string | undefined): Promise<void> {
  const path = await databasePath(flags, this);
  const { backupDatabase } = await import("../../inventory/index.ts");
  const stamp = new Date(this.now()).toISOString().replace(/[-:]|\.\d+/g, "");
  const file = resolve(this.cwd, target ?? `${path}.${stamp}.backup`);
  backupDatabase(path, file);
  await report(this, flags, { backup: file }, `wrote ${shortName(file, this.cwd)}`);
}

export interface PruneFlags extends GlobalFlags {
  readonly keep: number;
}

/** `rollcall db prune --keep SPAN`: forgets superseded versions and events older than that; never anything live. */
export async function prune(this: Context, flags: PruneFlags): Promise<void> {
  const path = await databasePath(flags, this);
  const { pruneDatabase } = await import("../../inventory/index.ts");
  const result = pruneDatabase(path, { keep: flags.keep, now: this.now() });
  await report(this, flags, { ...result }, pruned(result, flags.keep));
}

/** `forgot 12 superseded versions, 1 withdrawn record and 3 events, all older than 30 days` */
function pruned(result: PruneSummary, keep: number): string {
  const days = keep % DAY === 0 ? counted(keep / DAY, "day") : duration(keep);
  const parts = [
    [result.versions, "superseded version"],
    [result.withdrawnRecords, "withdrawn record"],
    [result.coverage, "coverage entry", "coverage entries"],
    [result.findings, "resolved finding"],
    [result.events, "event of findings", "events of findings"],
  ] as const;
  const said = parts.flatMap(([number, one, many]) => (number === 0 ? [] : [counted(number, one, many)]));
  const last = said.pop();
  if (last === undefined) return `nothing to forget: no history is older than ${days}`;
  return `forgot ${said.length === 0 ? last : `${said.join(", ")} and ${last}`}, older than ${days}; nothing live was touched`;
}

/** `rollcall db restore FILE`: checks the backup, keeps what is there beside it, and puts the backup in its place. */
export async function restore(this: Context, flags: GlobalFlags, source: string): Promise<void> {
  const path = await databasePath(flags, this);
  const { restoreDatabase } = await import("../../inventory/index.ts");
  const replaced = restoreDatabase(resolve(this.cwd, source), path);
  const kept = replaced === undefined ? "" : `; what was there is kept as ${shortName(replaced, this.cwd)}`;
  await report(
    this,
    flags,
    { restored: path, replaced: replaced ?? null },
    `restored ${shortName(path, this.cwd)}${kept}`,
  );
}

async function report(
  context: Context,
  flags: GlobalFlags,
  document: Readonly<Record<string, unknown>>,
  sentence: string,
): Promise<void> {
  if (flags.json === true) await context.out.line(jsonLine(document));
  else context.note(terminal(sentence));
}
