import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Inventory, Reader } from "../inventory/contract.ts";
import { formatInstant, UserError } from "../sdk/index.ts";
import type { Instant } from "../sdk/index.ts";
import { databasePath } from "../config/index.ts";
import type { Context } from "./context.ts";
import type { AsOfFlag, GlobalFlags } from "./flags.ts";
import { instantOf } from "./flags.ts";

/** Runs `work` on the inventory for reading, at the time that `--as-of` names, and closes it whatever happens. */
export async function reading<Result>(
  context: Context,
  flags: GlobalFlags & AsOfFlag,
  work: (reader: Reader, inventory: Inventory) => Promise<Result>,
): Promise<Result> {
  const path = await databasePath(flags, context);
  const { openInventory } = await import("../inventory/index.ts");
  const asOf = flags.asOf === undefined ? undefined : instantOf(flags.asOf, context.now());
  if (asOf !== undefined && asOf > context.now())
    throw new UserError(`--as-of ${formatInstant(asOf)} lies in the future, of which no scan knows`);
  const open = (at: Instant | undefined): Inventory =>
    openInventory({ path, mode: "read", now: context.now, ...(at === undefined ? {} : { asOf: at }) });
  if (asOf !== undefined) checkScanned(open, asOf);
  const inventory = open(asOf);
  try {
    return await work(inventory.reader, inventory);
  } finally {
    inventory.close();
  }
}

/** @throws {UserError} exit 2 where no scan had begun by then: "nothing" would be taken for what a scan saw. */
function checkScanned(open: (at: Instant | undefined) => Inventory, asOf: Instant): void {
  const inventory = open(undefined);
  try {
    const first = inventory.reader.select("select min(started_at) as at from run")[0]?.["at"];
    if (typeof first === "number" && first <= asOf) return;
    throw new UserError(
      `No scan had begun by ${formatInstant(asOf)}${typeof first === "number" ? `: the first one began at ${formatInstant(first)}` : ", nor has any since"}`,
      { next: 'rollcall query "select run, started_at from run"' },
    );
  } finally {
    inventory.close();
  }
}

/** The same for writing: creates the file and brings an older one up to date. */
export async function writing<Result>(
  context: Context,
  path: string,
  work: (inventory: Inventory) => Promise<Result>,
): Promise<Result> {
  const { openInventory } = await import("../inventory/index.ts");
  const inventory = openInventory({ path, mode: "write", now: context.now });
  try {
    return await work(inventory);
  } finally {
    inventory.close();
  }
}

/**
 * The inventory for a prediction: what is known is read, and where nothing is known yet, an empty one in a folder of
 * its own stands in, so that a plan leaves no file behind.
 */
export async function planning<Result>(
  context: Context,
  path: string,
  work: (inventory: Inventory) => Promise<Result>,
): Promise<Result> {
  if (existsSync(path)) return reading(context, { db: path }, (_reader, inventory) => work(inventory));
  const folder = mkdtempSync(join(tmpdir(), "rollcall-plan-"));
  try {
    return await writing(context, join(folder, "empty.db"), work);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
