import { deepEqual, equal } from "node:assert/strict";
import { test } from "vitest";
import { ACCOUNTS, DAY, START, startAwsBench } from "../support/aws-bench.ts";
import { readExport } from "./support/exports.ts";
import { undisturbedLife } from "./support/run-row.ts";

/**
 * Promises that reach across accounts, or beyond facts: kept apart from the matrix, whose rows would all speak of them.
 */
async function refused(operation: string): Promise<{ readonly before: string; readonly after: string }> {
  const life = await undisturbedLife("small");
  await using bench = await startAwsBench();
  using held = life.first.copy();
  const before = held.canonical();
  const handle = bench.emulator.faults.add({
    fault: { kind: "refuse", status: 403, code: "AccessDenied" },
    when: { operation, account: ACCOUNTS.struck },
  });
  equal((await bench.scan({ inventory: held.inventory, at: START + DAY })).exit.code, 4);
  equal(handle.fired > 0, true);
  return { before, after: held.canonical() };
}

test("a finding about a key that two accounts share stays open while one of them cannot be read", async () => {
  const { before, after } = await refused("iam:ListSigningCertificates");
  const open = (text: string) =>
    [...readExport(text).findings.values()]
      .filter(
        ({ rule, state, scope }) => rule === "shared-public-key" && state === "open" && scope.includes(ACCOUNTS.beside),
      )
      .map(({ subject, verdict }) => `${verdict} ${subject}`);
  equal(open(before).length, 1);
  deepEqual(
    open(after).map((finding) => finding.replace(/^\w+ /, "")),
    open(before).map((finding) => finding.replace(/^\w+ /, "")),
  );
});

test("names of an account that could not be listed again are kept", async () => {
  const life = await undisturbedLife("small");
  await using bench = await startAwsBench();
  using held = life.first.copy();
  const aliases = () =>
    readExport(held.canonical()).records.get(`scope nhi:aws/aws/account/${ACCOUNTS.management}`)?.facts["aliases"];
  const before = aliases();
  bench.emulator.faults.add({
    fault: { kind: "refuse", status: 403, code: "AccessDenied" },
    when: { operation: "organizations:ListAccounts" },
  });
  equal((await bench.scan({ inventory: held.inventory, at: START + DAY })).exit.code, 4);
  deepEqual(aliases(), before);
});

test("what other accounts know of a policy that they share with a refused one stays known", async () => {
  const life = await undisturbedLife("small");
  await using bench = await startAwsBench();
  using held = life.first.copy();
  bench.emulator.faults.add({
    fault: { kind: "refuse", status: 403, code: "AccessDenied" },
    when: { operation: "iam:GetAccountAuthorizationDetails", account: ACCOUNTS.management },
  });
  equal((await bench.scan({ inventory: held.inventory, at: START + DAY })).exit.code, 4);
  const verdicts = (text: string) =>
    [...readExport(text).findings.values()]
      .filter(
        ({ rule, state, scope }) => rule === "administrator" && state !== "resolved" && scope.includes(ACCOUNTS.beside),
      )
      .map(({ verdict, subject }) => `${verdict} ${subject}`);
  const [, undisturbed = ""] = life.exports;
  deepEqual(verdicts(held.canonical()).toSorted(), verdicts(undisturbed).toSorted());
});
