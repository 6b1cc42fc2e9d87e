import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Inventory, Reader } from "../inventory/contract.ts";
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
  const asOf = flags.asOf === undefined ? {} : { asOf: instantOf(flags.asOf, context.now()) };
  const inventory = openInventory({ path, mode: "read", now: context.now, ...asOf });
  try {
    return await work(inventory.reader, inventory);
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
