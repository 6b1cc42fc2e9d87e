import { equal, ok } from "node:assert/strict";
import type { Fault, FaultMatch } from "../../../fixtures/emulators/aws/index.ts";
import { ACCOUNTS } from "../../support/aws-bench.ts";
import type { Seen } from "../support/fault-row.ts";
import { emulated } from "../support/fault-row.ts";

export const BULK = "iam:GetAccountAuthorizationDetails";
export const BULK_STRUCK: FaultMatch = { operation: BULK, account: ACCOUNTS.struck };

/** Strikes the bulk listing of one account so many times. */
export function once(fault: Fault, when: FaultMatch = BULK_STRUCK, times = 1) {
  return emulated({ fault, when, times });
}

/** Strikes it for as long as it stands. */
export function always(fault: Fault, when: FaultMatch = BULK_STRUCK) {
  return emulated({ fault, when });
}

/** Requests of one operation with the credentials of one account, as the server counted them. */
export function requestsOf({ bench }: Seen, operation: string, account: string = ACCOUNTS.struck): number {
  return bench.emulator.log.entries.filter((entry) => entry.operation === operation && entry.account === account)
    .length;
}

export function askedOnce(operation: string, account: string = ACCOUNTS.struck): (seen: Seen) => void {
  return (seen) =>
    equal(requestsOf(seen, operation, account), 1, `${operation} was asked again although that cannot help`);
}

/** The attempts of an operation in one account's bucket. */
export function attemptsOf({ calls }: Seen, operation: string, account: string = ACCOUNTS.struck) {
  return calls.filter((call) => call.operation === operation && call.bucket.includes(account));
}

export function waitedBetween(least: number, most: number): (seen: Seen) => void {
  return (seen) => {
    const again = attemptsOf(seen, BULK).find(({ attempt }) => attempt === 2);
    ok(again !== undefined, "there was no second attempt");
    ok(
      again.waited >= least && again.waited <= most,
      `waited ${again.waited} ms, and ${least} to ${most} were promised`,
    );
  };
}
