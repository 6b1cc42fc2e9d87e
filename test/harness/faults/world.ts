import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { deleteUser, recreateUser } from "../../../fixtures/acme/index.ts";
import type { AwsBench } from "../../support/aws-bench.ts";
import { ACCOUNTS, DAY, START } from "../../support/aws-bench.ts";
import type { TemporaryInventory } from "../../../src/sdk/testing/index.ts";
import { Died, dyingInventory } from "../support/dying.ts";
import { accountOf, isOf, readExport } from "../support/exports.ts";
import type { ExportedRecord } from "../support/exports.ts";
import type { FaultRow, Seen, Strike } from "../support/fault-row.ts";
import { emulated } from "../support/fault-row.ts";
import { gapsOf } from "../support/run-row.ts";
import { BULK } from "./common.ts";

const HOUR = 3_600_000;
const NOTHING = () => undefined;

/** H31, H38, H46–H49: the world changes, or shows itself differently from one look to the next. */
export const WORLD: readonly FaultRow[] = [
  ...(["ValidationError", "InvalidInput"] as const).map((code): FaultRow => ({
    id: `H31-${code}`,
    title: `the marker of a killed scan is refused as ${code}`,
    estate: "paged",
    strike: resumedWithStaleMarker(code),
    outcome: "absorbed",
    check: ({ result }) => ok(result.resumed, "the run was not resumed"),
  })),
  {
    id: "H37-jump",
    title: "the local clock jumps back by an hour in the middle of the scan",
    strike: jumpingClock,
    struck: [],
    outcome: "absorbed",
  },
  {
    id: "H38-reuse",
    title: "a user deleted and created again under its name",
    strike: ({ estate }) => {
      const user = [...estate.state(ACCOUNTS.struck).users].find(({ accessKeys }) => accessKeys.length > 0);
      ok(user !== undefined);
      deleteUser(estate, { account: ACCOUNTS.struck, name: user.name });
      recreateUser(estate, { account: ACCOUNTS.struck, name: user.name }, START + DAY - HOUR);
      return { fired: () => 1, heal: NOTHING };
    },
    outcome: "changed",
    exit: 0,
    changing: inStruck,
    check({ before, after }) {
      const of = (text: string) =>
        [...readExport(text).records.values()].filter(
          (record) => record.record === "identity" && accountOf(record.scope) === ACCOUNTS.struck,
        );
      const old = new Map(of(before).map((record) => [record.urn, record]));
      const fresh = of(after).filter(({ urn }) => !old.has(urn));
      equal(fresh.length, 1, "one new identity");
      const gone = of(after).filter(({ presence }) => presence !== "present");
      deepEqual(
        gone.map(({ presence, facts }) => [presence, facts["name"]]),
        [["missing", fresh[0]?.facts["name"]]],
      );
    },
    convergesAfter: 0,
  },
  {
    id: "H46",
    title: "a user that one listing leaves out, although it is counted",
    strike: (bench) =>
      emulated({
        fault: {
          kind: "flapping",
          account: ACCOUNTS.struck,
          entity: "user",
          name: lastUser(bench),
          hidden: Array.from({ length: 8 }, () => true),
        },
      })(bench),
    outcome: "partial",
    classes: ["drift"],
    operation: BULK,
    // Nobody lists its key either: that is one miss, and not yet the end.
    changing: ({ record, presence }) => record === "credential" && presence === "present",
    check: ({ after }) =>
      deepEqual(
        readExport(after)
          .records.values()
          .filter(({ presence }) => presence === "withdrawn")
          .toArray(),
        [],
      ),
  },
  {
    id: "H46-complete",
    title: "a user that a whole complete scan leaves out",
    strike: ({ estate }) => {
      const { users } = estate.state(ACCOUNTS.struck);
      const name = [...users].at(-1)?.name ?? "";
      deleteUser(estate, { account: ACCOUNTS.struck, name });
      return { fired: () => 1, heal: () => estate.replace(ACCOUNTS.struck, { users }) };
    },
    outcome: "changed",
    exit: 0,
    changing: inStruck,
    check({ after }) {
      const odd = [...readExport(after).records.values()].filter(
        ({ record, presence }) => record === "identity" && presence !== "present",
      );
      deepEqual(
        odd.map(({ presence }) => presence),
        ["missing"],
      );
    },
  },
  {
    id: "H47-older",
    title: "a last use that goes back in time",
    strike: (bench) =>
      emulated({ fault: { kind: "older-use", account: ACCOUNTS.struck, name: usedUser(bench) } })(bench),
    outcome: "absorbed",
  },
  {
    id: "H47-absent",
    title: "a last use that is no longer reported",
    strike: (bench) =>
      emulated({ fault: { kind: "older-use", account: ACCOUNTS.struck, name: usedUser(bench), at: "absent" } })(bench),
    outcome: "absorbed",
  },
  {
    id: "H48",
    title: "a credential report that is nearly four hours old",
    strike: (bench) => {
      bench.emulator.clock.advance(START + DAY - bench.emulator.clock.now());
      return emulated({ fault: { kind: "stale-report", account: ACCOUNTS.struck, age: 4 * HOUR - 60_000 } })(bench);
    },
    outcome: "changed",
    exit: 0,
    check({ result }) {
      const [report] = result.scopes
        .filter(({ id }) => id === ACCOUNTS.struck)
        .flatMap(({ collections }) => collections.filter(({ collection }) => collection === "credential-report"));
      equal(report?.asOf, START + DAY - 4 * HOUR + 60_000);
      ok(report?.asOfNote?.includes("cached"), report?.asOfNote);
    },
  },
  { ...mass("H49", "all users gone at once, in complete listings", "suspected"), exit: 4 },
  { ...mass("H49-accepted", "the same, and accepted", "missing", { acceptMassChange: true }), exit: 0 },
];

function inStruck(record: ExportedRecord): boolean {
  return isOf(ACCOUNTS.struck, record.scope) || isOf(ACCOUNTS.struck, record.urn);
}

function lastUser({ estate }: AwsBench): string {
  return [...estate.state(ACCOUNTS.struck).users].at(-1)?.name ?? "";
}

function usedUser({ estate }: AwsBench): string {
  return [...estate.state(ACCOUNTS.struck).users].find(({ accessKeys }) => accessKeys[0]?.lastUse != null)?.name ?? "";
}

function mass(id: string, title: string, presence: string, scan: NonNullable<Strike["scan"]> = {}): FaultRow {
  return {
    id,
    title,
    strike: (bench) => ({
      ...emulated({ fault: { kind: "mass-disappearance", account: ACCOUNTS.struck, share: 1 } })(bench),
      scan,
    }),
    outcome: "changed",
    changing: inStruck,
    check({ after, result }: Seen) {
      const odd = [...readExport(after).records.values()].filter(
        (record) => record.record === "identity" && record.presence !== "present",
      );
      ok(odd.length > 10, `${odd.length} identities are not present`);
      deepEqual([...new Set(odd.map((record) => record.presence))], [presence]);
      ok(odd.every(inStruck), "of another account");
      if (presence === "suspected") ok(result.exit.reason.includes(ACCOUNTS.struck), result.exit.reason);
      deepEqual(gapsOf(result), []);
    },
  };
}

/** A scan is killed after the first page of the bulk listing; when it is taken up, its marker is worth nothing. */
function resumedWithStaleMarker(code: string): (bench: AwsBench, held: TemporaryInventory) => Promise<Strike> {
  return async (bench, held) => {
    const at = START + DAY;
    const doomed = dyingInventory(
      held.inventory,
      ({ scope, collection, cursor }) =>
        scope.includes(ACCOUNTS.struck) && collection === "authorization-details" && hasMarker(cursor),
    );
    await rejects(bench.scan({ inventory: doomed, at }), Died);
    held.reopen();
    const handle = bench.emulator.faults.add({
      fault: { kind: "refuse", status: 400, code },
      when: { operation: BULK, page: { from: 2 } },
      times: 1,
    });
    return { fired: () => handle.fired, heal: () => handle.remove() };
  };
}

/** Whether the listing was left between two pages. */
function hasMarker(cursor: unknown): boolean {
  return typeof cursor === "object" && cursor !== null && (cursor as { readonly page?: unknown }).page !== null;
}

function jumpingClock(): Strike {
  let reads = 0;
  const clock = () => {
    reads += 1;
    return reads > 40 ? START + DAY - HOUR : START + DAY;
  };
  return { fired: () => reads - 40, heal: NOTHING, scan: { clock } };
}
