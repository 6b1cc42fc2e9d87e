import type { ScanResult } from "../../engine/contract.ts";
import { formatInstant, jsonLine, terminal } from "../../sdk/index.ts";
import type { Severity } from "../../sdk/index.ts";
import type { Reader } from "../../inventory/contract.ts";
import type { Context } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { acceptedScopes } from "../filters.ts";
import { progressFor } from "../progress/progress.ts";
import { summaryLines } from "../summary.ts";
import { writing } from "../inventory.ts";
import { callLog, prepare } from "../work.ts";

export interface ScanFlags extends GlobalFlags {
  readonly failOn?: Severity;
  readonly allowPartial?: readonly string[];
  readonly acceptMassChange?: boolean;
  readonly scope?: readonly string[];
}

/** `rollcall scan [source…]` */
export async function scan(this: Context, flags: ScanFlags, ...names: readonly string[]): Promise<void> {
  const work = await prepare(this, flags, names);
  const { scan: run } = await import("../../engine/index.ts");
  await writing(this, work.config.database, async (inventory) => {
    const allowPartial = accepted(this, inventory.reader, flags.allowPartial);
    const progress = progressFor(this, { debug: flags.debug === true });
    let result: ScanResult;
    try {
      result = await run({
        inventory,
        sources: work.sources,
        rules: work.rules,
        network: work.network,
        version: this.version(),
        now: this.now,
        signal: this.interruptible(),
        onEvent: (event) => progress.receive(event),
        ...callLog(this, flags),
        failOn: flags.failOn,
        ...(allowPartial === undefined ? {} : { allowPartial }),
        acceptMassChange: flags.acceptMassChange === true,
        ...(flags.scope === undefined || flags.scope.length === 0 ? {} : { onlyScopes: flags.scope }),
      });
    } finally {
      progress.end();
    }
    this.setExit(result.exit.code);
    if (flags.json === true) {
      await this.out.line(jsonLine(withTimes(result)));
      return;
    }
    const where = { database: work.config.database, config: work.config.file, cwd: this.cwd };
    for (const line of summaryLines(result, inventory.reader, where, this.out.width)) await this.out.line(line);
    await this.out.flush();
    this.note(terminal(`exit ${result.exit.code}: ${result.exit.reason}`));
  });
}

/** A typo is refused before anybody is asked anything, not after an hour of scanning. */
function accepted(context: Context, reader: Reader, words: ScanFlags["allowPartial"]): ScanFlags["allowPartial"] {
  if (words === undefined || words.every((word) => word === "*")) return words;
  const known = acceptedScopes(reader, words);
  if (known === undefined)
    context.note(
      terminal(
        `--allow-partial=${words.join(",")}: the inventory knows no scope yet, so this is taken for ids or URNs and not checked`,
      ),
    );
  return known ?? words;
}

/** Instants as RFC 3339, everything else as the engine gives it. */
function withTimes(value: unknown, key = ""): unknown {
  if (typeof value === "number") return /^asOf$|At$/.test(key) ? formatInstant(value) : value;
  if (Array.isArray(value)) return value.map((item) => withTimes(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withTimes(item, name)]));
}
