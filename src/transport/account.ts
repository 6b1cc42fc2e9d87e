import type { DoorStats } from "./contract.ts";

/** A label's running totals. */
export type Account = { -readonly [Name in keyof DoorStats]: DoorStats[Name] };

export function createAccount(): Account {
  return { calls: 0, polls: 0, requests: 0, retries: 0, throttled: 0, bytes: 0, waited: 0 };
}
