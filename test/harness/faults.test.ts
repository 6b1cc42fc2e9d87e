import { afterAll, describe, expect, test } from "vitest";
import { ANSWERS } from "./faults/answers.ts";
import { CREDENTIALS } from "./faults/credentials.ts";
import { DATA } from "./faults/data.ts";
import { DELIVERY } from "./faults/delivery.ts";
import { NETWORK } from "./faults/network.ts";
import { PAGING } from "./faults/paging.ts";
import { THROTTLING } from "./faults/throttling.ts";
import { CATALOGUE, UNCOVERED } from "./faults/uncovered.ts";
import { WORLD } from "./faults/world.ts";
import { runRow, undisturbedLife } from "./support/run-row.ts";

/**
 * The fault matrix: every fault of the catalogue that AWS can meet, through the real SDK, the scanner, the door, the
 * engine and the inventory. After each, nothing stored is lost, nothing alive is called gone, unused or worse, other
 * accounts are untouched, the scan says what it did not see, and the next clean scan finds the truth again.
 */
const ROWS = [...THROTTLING, ...DELIVERY, ...ANSWERS, ...PAGING, ...CREDENTIALS, ...DATA, ...WORLD, ...NETWORK];
const outcomes = new Map<string, { readonly fired: number; readonly exit: number }>();

describe("the fault matrix", { concurrent: true }, () => {
  test.each(ROWS.map((row) => [row.id, row.title, row] as const))(
    "%s: %s",
    { timeout: 240_000 },
    async (id, _title, row) => {
      outcomes.set(id, await runRow(row));
    },
  );
});

test("every row of the catalogue is there, or has a reason why not", () => {
  const covered = new Set(ROWS.map(({ id }) => id.slice(0, 3)));
  expect(new Set(ROWS.map(({ id }) => id)).size).toBe(ROWS.length);
  expect(CATALOGUE.filter((id) => !covered.has(id))).toEqual(Object.keys(UNCOVERED));
});

afterAll(async () => {
  for (const estate of ["small", "paged"] as const) (await undisturbedLife(estate)).first.dispose();
  const fired = [...outcomes.values()].reduce((sum, outcome) => sum + outcome.fired, 0);
  const exits = Object.entries(Object.groupBy(outcomes.values(), ({ exit }) => String(exit))).map(
    ([code, rows]) => `exit ${code}: ${rows?.length}`,
  );
  process.stdout.write(
    `fault matrix: ${outcomes.size} of ${ROWS.length} rows hold, ${fired} faults fired (${exits.join(", ")}); ${Object.keys(UNCOVERED).length} ids of other providers\n`,
  );
});
