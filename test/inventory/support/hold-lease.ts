import { openInventory } from "../../../src/inventory/index.ts";

// Holds the lease of one scanner until it is killed.
const [, , path = "", now = "0"] = process.argv;
const inventory = openInventory({ path, mode: "write", now: () => Number(now) });
inventory.writer().startRun({
  planHash: "plan",
  scanners: ["aws"],
  startedAt: Number(now),
  version: "1.0.0",
  acceptMassChange: false,
  resumeWithin: 86_400_000,
});
console.log("holding");
setInterval(() => undefined, 60_000);
