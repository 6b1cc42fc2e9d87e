import { openInventory } from "../../../src/inventory/index.ts";
import { books, collectionPlan, user } from "./estate.ts";

// One scan with many small transactions, said aloud one by one; its parent kills it somewhere in between. Started
// again, it takes the same scan up.
const [, , path = "", now = "0", round = "0"] = process.argv;
const inventory = openInventory({ path, mode: "write", now: () => Number(now) });
const run = inventory.writer().startRun({
  planHash: "plan",
  scanners: ["aws"],
  startedAt: Number(now),
  version: "1.0.0",
  acceptMassChange: true,
  resumeWithin: 86_400_000,
});
for (const collection of ["one", "two"]) {
  const writer = run.openCollection(collectionPlan({ collection, precedence: collection === "one" ? 0 : 1 }));
  if (writer.state === "done") continue;
  const from = (writer.cursor as number | undefined) ?? 0;
  for (let page = from; page < 40; page++) {
    const records = Array.from({ length: 20 }, (_, index) =>
      user(
        `u${page * 20 + index}`,
        collection === "one" ? { path: `/${round}/`, aliases: [`a${index}`, round] } : { enabled: index % 2 === 0 },
      ),
    );
    writer.commit(
      records.filter((_, index) => (index + Number(round)) % 7 !== 0),
      { cursor: page + 1, pages: page + 1, items: 0 },
    );
    process.stdout.write(".");
  }
  writer.finish(books(Number(now)));
  process.stdout.write(".");
}
inventory.writer().refreshDerived();
run.finish({ status: "finished", exitCode: 0, finishedAt: Number(now) });
inventory.close();
process.stdout.write("!");
