import { equal, ok } from "node:assert/strict";
import type { Fault } from "../../../fixtures/emulators/aws/index.ts";
import { ACCOUNTS, DAY, START } from "../../support/aws-bench.ts";
import type { AwsBench } from "../../support/aws-bench.ts";
import type { FaultRow, Seen, Strike } from "../support/fault-row.ts";
import { gapsOf } from "../support/run-row.ts";
import { always, askedOnce, attemptsOf, BULK, once, requestsOf, waitedBetween } from "./common.ts";

const throttled = (retryAfter?: string): Fault => ({
  kind: "refuse",
  status: 429,
  code: "TooManyRequestsException",
  ...(retryAfter === undefined ? {} : { retryAfter }),
});
const httpDate = (instant: number) => new Date(instant).toUTCString();

/** H01–H04, H07, H08: the provider asks to slow down, or fails for a while. */
export const THROTTLING: readonly FaultRow[] = [
  {
    id: "H01",
    title: "429 with Retry-After: 2",
    strike: once(throttled("2")),
    outcome: "absorbed",
    check: waitedBetween(2_000, 2_500),
  },
  {
    id: "H02-date",
    title: "429 with Retry-After as a date three seconds ahead",
    strike: once(throttled(httpDate(START + DAY + 3_000))),
    outcome: "absorbed",
    check: waitedBetween(3_000, 3_500),
  },
  {
    id: "H02-past",
    title: "429 with Retry-After as a date gone by",
    strike: once(throttled(httpDate(START - DAY))),
    outcome: "absorbed",
    check: waitedBetween(40, 2_000),
  },
  {
    id: "H02-missing",
    title: "429 without Retry-After",
    strike: once(throttled()),
    outcome: "absorbed",
    check: waitedBetween(40, 2_000),
  },
  {
    id: "H02-garbage",
    title: "429 with a senseless Retry-After",
    strike: once(throttled("soon")),
    outcome: "absorbed",
    check: waitedBetween(40, 2_000),
  },
  {
    id: "H02-negative",
    title: "429 with a negative Retry-After",
    strike: once(throttled("-5")),
    outcome: "absorbed",
    check: waitedBetween(40, 2_000),
  },
  {
    id: "H03",
    title: "429 with Retry-After: 86400",
    strike: always(throttled("86400")),
    outcome: "partial",
    classes: ["throttled"],
    operation: BULK,
    check(seen) {
      askedOnce(BULK)(seen);
      ok(seen.elapsed < 600_000, `the scan slept ${Math.round(seen.elapsed / 1_000)} s`);
      for (const { waited } of seen.calls) ok(waited < 120_000, `a call waited ${waited} ms`);
    },
  },
  {
    id: "H04-xml",
    title: "Throttling (400) for 30 % of all calls",
    strike: thirtyPercent({ kind: "refuse", status: 400, code: "Throttling" }),
    outcome: "absorbed",
    check: fewExtraRequests,
  },
  {
    id: "H04-limit",
    title: "RequestLimitExceeded (503) for 30 % of all calls",
    strike: thirtyPercent({ kind: "refuse", status: 503, code: "RequestLimitExceeded" }),
    outcome: "absorbed",
    check: fewExtraRequests,
  },
  {
    id: "H04-json",
    title: "ThrottlingException of a JSON service",
    strike: once(
      { kind: "refuse", status: 400, code: "ThrottlingException" },
      { operation: "organizations:ListAccounts" },
      3,
    ),
    struck: [],
    outcome: "absorbed",
  },
  {
    id: "H04-first",
    title: "Throttling for 30 % of the calls of a first scan",
    strike: thirtyPercent({ kind: "refuse", status: 400, code: "Throttling" }),
    first: true,
    outcome: "absorbed",
    check: fewExtraRequests,
  },
  {
    id: "H07",
    title: "503 for ten seconds, then fine",
    strike: burst(10_000),
    outcome: "absorbed",
    check: (seen) =>
      ok(
        attemptsOf(seen, BULK).some(({ attempt }) => attempt > 2),
        "the burst was over before it began",
      ),
  },
  {
    id: "H08",
    title: "500 for ever",
    strike: always({ kind: "refuse", status: 500, code: "ServiceFailure" }),
    outcome: "partial",
    classes: ["network"],
    operation: BULK,
    check(seen) {
      const tries = requestsOf(seen, BULK);
      ok(tries >= 2 && tries <= 6, `${tries} tries`);
      const spent = attemptsOf(seen, BULK).reduce((sum, { waited, milliseconds }) => sum + waited + milliseconds, 0);
      ok(spent <= 60_000, `the call took ${spent} ms`);
    },
  },
  {
    id: "H08-everything",
    title: "503 from every service, for ever",
    strike: always({ kind: "refuse", status: 503, code: "ServiceUnavailable" }, {}),
    struck: [],
    outcome: "changed",
    exit: 6,
    check: ({ result, elapsed }) => {
      ok(
        gapsOf(result).some((gap) => gap.class === "network"),
        "no gap of class network",
      );
      ok(elapsed <= 120_000, `the run took ${elapsed} ms`);
    },
  },
];

/** Throttles the first attempt of three in ten calls: what a quota that is a little too small does. */
function thirtyPercent(fault: Fault): (bench: AwsBench) => Strike {
  return ({ emulator }) => {
    const seen = new Set<string>();
    let calls = 0;
    const handle = emulator.faults.add({
      fault,
      when: {
        predicate(call) {
          const key = `${call.accessKeyId} ${call.operation} ${call.marker} ${call.path} ${call.body.toString()}`;
          if (seen.has(key)) return false;
          seen.add(key);
          calls += 1;
          return calls % 10 < 3;
        },
      },
    });
    return { fired: () => handle.fired, heal: () => handle.remove() };
  };
}

function fewExtraRequests(seen: Seen): void {
  const { requests, throttled: refused } = seen.result.calls;
  ok(refused >= 10, `only ${refused} calls were throttled`);
  ok(requests <= 1.3 * (requests - refused) + 1, `${requests} requests for ${requests - refused} that were served`);
  equal(requests - refused, seen.bench.emulator.log.total - refused, "the door's count and the server's");
}

/** Fails for so long, on the door's clock. */
function burst(milliseconds: number): (bench: AwsBench) => Strike {
  return (bench) => {
    let begun: number | undefined;
    const handle = bench.emulator.faults.add({
      fault: { kind: "refuse", status: 503, code: "ServiceUnavailable" },
      when: {
        operation: BULK,
        account: ACCOUNTS.struck,
        predicate() {
          begun ??= bench.elapsed();
          return bench.elapsed() - begun < milliseconds;
        },
      },
    });
    return { fired: () => handle.fired, heal: () => handle.remove() };
  };
}
