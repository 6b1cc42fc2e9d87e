import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportCanonical, openInventory } from "../../inventory/index.ts";
import type { Inventory } from "../../inventory/contract.ts";
import type { Instant } from "../../model/index.ts";
import { fixedClock } from "./clock.ts";

/** An inventory in a directory of its own, removed with `dispose` (or `using`). */
export interface TemporaryInventory extends Disposable {
  readonly path: string;
  readonly inventory: Inventory;
  /** Closes the file and opens it again: what a new process would see. */
  reopen(): Inventory;
  /** A second temporary inventory with the same content. */
  copy(): TemporaryInventory;
  /** The canonical export: records, facts and findings, without anything about runs. */
  canonical(): string;
  dispose(): void;
}

export function temporaryInventory(
  options: { readonly now?: () => Instant; readonly from?: string } = {},
): TemporaryInventory {
  const now = options.now ?? fixedClock().now;
  const directory = mkdtempSync(join(tmpdir(), "rollcall-"));
  const path = join(directory, "rollcall.db");
  if (options.from !== undefined) copyFileSync(options.from, path);
  let inventory = openInventory({ path, mode: "write", now });
  const dispose = () => {
    inventory.close();
    rmSync(directory, { recursive: true, force: true });
  };

  return {
    path,
    get inventory() {
      return inventory;
    },
    reopen() {
      inventory.close();
      inventory = openInventory({ path, mode: "write", now });
      return inventory;
    },
    copy() {
      // A closed SQLite file is whole in itself: its log has been folded in.
      inventory.close();
      const copied = temporaryInventory({ now, from: path });
      inventory = openInventory({ path, mode: "write", now });
      return copied;
    },
    canonical: () => [...exportCanonical(inventory.reader)].join("\n"),
    dispose,
    [Symbol.dispose]: dispose,
  };
}
