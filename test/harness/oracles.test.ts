import { equal, ok, rejects } from "node:assert/strict";
import { afterAll, describe, test } from "vitest";
import aws from "../../scanners/aws/index.ts";
import { openInventoryWith } from "../../src/inventory/inventory.ts";
import { isProviderError } from "../../src/sdk/index.ts";
import type { Collection, Scanner, Signal } from "../../src/sdk/index.ts";
import { ACCOUNTS, DAY, PAGED, START, startAwsBench } from "../support/aws-bench.ts";
import { ANSWERS } from "./faults/answers.ts";
import { CREDENTIALS } from "./faults/credentials.ts";
import { DELIVERY } from "./faults/delivery.ts";
import { PAGING } from "./faults/paging.ts";
import { THROTTLING } from "./faults/throttling.ts";
import { WORLD } from "./faults/world.ts";
import { Died, dyingInventory } from "./support/dying.ts";
import { emulated } from "./support/fault-row.ts";
import type { FaultRow } from "./support/fault-row.ts";
import { brokenPromises } from "./support/promise.ts";
import { runRow, undisturbedLife } from "./support/run-row.ts";
import type { PlantedBug } from "./support/run-row.ts";

/** A bug is planted for each oracle of these harnesses, and has to be caught by it. */
const ROWS = [...THROTTLING, ...DELIVERY, ...ANSWERS, ...PAGING, ...CREDENTIALS, ...WORLD];
let caught = 0;

function row(id: string): FaultRow {
  const found = ROWS.find((candidate) => candidate.id === id);
  ok(found, `no row ${id}`);
  return found;
}

type Bend = (signals: AsyncGenerator<Signal, void, void>) => AsyncGenerator<Signal, void, void>;

/** The scanner with one collection's signals bent. */
function bent(id: string, bend: Bend): Scanner {
  const scanner = aws as unknown as Scanner;
  const collections = scanner.collections.map((collection): Collection =>
    collection.id === id
      ? { ...collection, collect: (session, context) => bend(collection.collect(session, context)) }
      : collection,
  );
  return { ...scanner, collections };
}

const silent: Bend = async function* (signals) {
  for await (const signal of signals) if (signal.type !== "gap") yield signal;
};

const firstPageOnly: Bend = async function* (signals) {
  for await (const signal of signals) {
    yield signal;
    if (signal.type === "checkpoint" && (signal.cursor as { readonly page?: unknown } | null)?.page != null) return;
  }
};

const ashamed: Bend = async function* (signals) {
  try {
    yield* signals;
  } catch (error) {
    if (!isProviderError(error)) throw error;
  }
};

const BUGS: readonly (readonly [bug: string, row: string, planted: PlantedBug, says: RegExp])[] = [
  [
    "a scanner that takes a refusal for an empty list",
    `H35 iam:GetAccountAuthorizationDetails`,
    { scanner: bent("authorization-details", silent) },
    /promises broken|exit 0/,
  ],
  [
    "a scanner that takes a refusal for an empty list, in a first scan",
    `H35-first iam:ListAccessKeys`,
    { scanner: bent("access-keys", silent) },
    /promises broken|exit 0/,
  ],
  [
    "a scanner that keeps quiet about entries that it cannot read",
    "H21",
    { scanner: bent("authorization-details", silent) },
    /promises broken|exit 0/,
  ],
  [
    "a scanner that stops at the first page",
    "H28-overlap",
    { scanner: bent("authorization-details", firstPageOnly) },
    /promises broken|absorbed/,
  ],
  [
    "a scanner that takes a dead connection for the end",
    "H13-always",
    { scanner: bent("authorization-details", (signals) => silent(ashamed(signals))) },
    /promises broken|exit 0/,
  ],
  [
    "a store that withdraws what a partial look did not see",
    "H34-later",
    { mutations: { withdrawOnPartial: true } },
    /promises broken/,
  ],
  [
    "a store that takes an undecided finding for a mended one",
    "H35 iam:GetAccountAuthorizationDetails",
    { mutations: { resolveUndecided: true } },
    /promises broken/,
  ],
  [
    "a store that lets the last use move back",
    "H47-older",
    { mutations: { usageMovesBack: true } },
    /promises broken|left a trace/,
  ],
  ["a store that withdraws at the first miss", "H46-complete", { mutations: { withdrawAtOnce: true } }, /withdrawn/],
];

describe("the fault matrix sees", { concurrent: true }, () => {
  test.each(BUGS)("%s (%s)", { timeout: 240_000 }, async (_bug, id, planted, says) => {
    await rejects(runRow(row(id), planted), says);
    caught += 1;
  });

  test("a fault that never strikes", async () => {
    const dull: FaultRow = {
      ...row("H01"),
      strike: emulated({ fault: { kind: "silence" }, when: { operation: "iam:DeleteUser" } }),
    };
    await rejects(runRow({ ...dull, check: () => undefined }), /never struck/);
    caught += 1;
  });

  test("a wait that is shorter than asked for", async () => {
    const impatient: FaultRow = { ...row("H02-missing"), check: row("H01").check ?? (() => undefined) };
    await rejects(runRow(impatient), /were promised/);
    caught += 1;
  });

  test("a fault that was to be absorbed and was not, and the other way round", async () => {
    await rejects(runRow({ ...row("H08"), outcome: "absorbed" }), /to be absorbed/);
    await rejects(runRow({ ...row("H01"), outcome: "partial", classes: ["throttled"] }), /exit 0/);
    caught += 2;
  });
});

describe("the promise sees", () => {
  const edits: readonly (readonly [what: string, edit: (line: string) => string | undefined])[] = [
    [
      "a record that is lost",
      (line) => (line.startsWith('{"facts"') && line.includes('"record":"identity"') ? undefined : line),
    ],
    [
      "a record that is missing",
      (line) =>
        line.includes('"record":"identity"') ? line.replace('"presence":"present"', '"presence":"missing"') : line,
    ],
    ["a use that is forgotten", (line) => (line.includes('"usage":') ? undefined : line)],
    [
      "a use that went back",
      (line) => line.replace(/"last_used_at":(\d+)/, (_match, at: string) => `"last_used_at":${Number(at) - 1}`),
    ],
    ["a finding that is closed", (line) => line.replace('"state":"open"', '"state":"resolved"')],
    [
      "a verdict that got worse",
      (line) =>
        line.includes('"finding":')
          ? line
              .replace(/"verdict":"unknown"/, '"verdict":"fail"')
              .replaceAll(/"finding":"([0-9a-f]{4})/g, '"finding":"beef')
          : line,
    ],
    [
      "another account that was touched",
      (line) =>
        line.includes(`"scope":"nhi:aws/aws/account/${ACCOUNTS.beside}"`)
          ? line.replace('"severity":"high"', '"severity":"low"')
          : line,
    ],
  ];
  test.each(edits)("%s", async (_what, edit) => {
    const [before = ""] = (await undisturbedLife("small")).exports;
    const after = before
      .split("\n")
      .flatMap((line) => edit(line) ?? [])
      .join("\n");
    equal(brokenPromises({ before, after: before, undisturbed: before, struck: [ACCOUNTS.struck] }).length, 0);
    ok(after !== before, "the edit changed nothing");
    ok(brokenPromises({ before, after, undisturbed: before, struck: [ACCOUNTS.struck] }).length > 0);
    caught += 1;
  });
});

test("the kill harness sees a resumed run that forgot what it had seen", async () => {
  const life = await undisturbedLife("paged");
  await using bench = await startAwsBench({ size: PAGED });
  using held = life.first.copy();
  const at = START + DAY;
  held.inventory.close();
  const first = openInventoryWith({ path: held.path, mode: "write", now: () => at }, {});
  const doomed = dyingInventory(
    first,
    ({ collection, cursor }) =>
      collection === "authorization-details" && (cursor as { readonly page?: unknown } | null)?.page != null,
  );
  await rejects(bench.scan({ inventory: doomed, at }), Died);
  first.close();
  const bugged = openInventoryWith(
    { path: held.path, mode: "write", now: () => at },
    { mutations: { forgetSeen: true } },
  );
  const result = await bench.scan({ inventory: bugged, at });
  bugged.close();
  held.reopen();
  equal(result.resumed, true);
  ok(held.canonical() !== life.exports[1], "the exports are equal although the run forgot");
  caught += 1;
});

afterAll(async () => {
  for (const estate of ["small", "paged"] as const) (await undisturbedLife(estate)).first.dispose();
  process.stdout.write(`oracles: ${caught} planted bugs caught\n`);
});
