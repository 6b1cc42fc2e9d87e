import { formatInstant, jsonLine, UserError } from "../../sdk/index.ts";
import type { Context } from "../context.ts";
import { databasePath } from "../../config/index.ts";
import type { GlobalFlags, TimeFlag } from "../flags.ts";
import { writing } from "../inventory.ts";

export interface DecideFlags extends GlobalFlags {
  readonly reason: string;
  readonly by?: string;
}

export interface SuppressFlags extends DecideFlags {
  readonly until: TimeFlag;
}

/** `rollcall findings ack FINDING --reason …` */
export async function acknowledge(
  this: Context,
  flags: DecideFlags,
  ...fingerprints: readonly string[]
): Promise<void> {
  await decide(this, flags, "acknowledge", fingerprints, undefined);
}

/** `rollcall findings suppress FINDING --reason … --until …` */
export async function suppress(this: Context, flags: SuppressFlags, ...fingerprints: readonly string[]): Promise<void> {
  await decide(
    this,
    flags,
    "suppress",
    fingerprints,
    "at" in flags.until ? flags.until.at : this.now() + flags.until.ago,
  );
}

/** `rollcall findings reopen FINDING --reason …` */
export async function reopen(this: Context, flags: DecideFlags, ...fingerprints: readonly string[]): Promise<void> {
  await decide(this, flags, "reopen", fingerprints, undefined);
}

async function decide(
  context: Context,
  flags: DecideFlags,
  action: "acknowledge" | "suppress" | "reopen",
  fingerprints: readonly string[],
  until: number | undefined,
): Promise<void> {
  const at = context.now();
  if (flags.reason.trim() === "")
    throw new UserError("A decision needs a reason", { next: `rollcall findings ${action} … --reason "why"` });
  if (until !== undefined && until <= at)
    throw new UserError(`A suppression must end in the future, and ${formatInstant(until)} is past`);
  const path = await databasePath(flags, context);
  await writing(context, path, async (inventory) => {
    const writer = inventory.writer();
    for (const fingerprint of fingerprints) {
      const finding = writer.findings.decide({
        action,
        fingerprint,
        reason: flags.reason,
        actor: flags.by ?? context.actor(),
        at,
        ...(until === undefined ? {} : { until }),
      });
      const { fingerprint: id, rule, subject, state, suppressedUntil } = finding;
      const expiry = suppressedUntil === null ? null : formatInstant(suppressedUntil);
      if (flags.json === true)
        await context.out.line(jsonLine({ fingerprint: id, rule, subject, state, suppressed_until: expiry }));
      else context.note(`${id.slice(0, 12)} ${rule}: ${state}${expiry === null ? "" : ` until ${expiry}`}`);
    }
  });
}
