import { ok } from "node:assert/strict";
import type { Fault } from "../../../fixtures/emulators/aws/index.ts";
import { ACCOUNTS } from "../../support/aws-bench.ts";
import type { AwsBench } from "../../support/aws-bench.ts";
import type { FaultRow, Seen, Strike } from "../support/fault-row.ts";
import { emulated } from "../support/fault-row.ts";
import { always, attemptsOf, BULK, BULK_STRUCK, once } from "./common.ts";

/** Long enough for an honest answer on a busy machine, short enough to wait for. */
const DEADLINE = 3_000;

/** H12–H18: the answer comes damaged, slowly, or not at all. */
export const DELIVERY: readonly FaultRow[] = [
  ...twice("H12-before", "reset before the headers", { kind: "reset", at: "before-headers" }, ["network"]),
  ...twice("H12-headers", "reset in the middle of the headers", { kind: "reset", at: "mid-headers" }, [
    "network",
    "protocol",
  ]),
  ...twice("H13", "reset in the middle of a body of known length", { kind: "cut", framing: "length" }, [
    "network",
    "protocol",
  ]),
  ...twice("H14-chunked", "reset in the middle of a chunked body", { kind: "cut", framing: "chunked" }, [
    "network",
    "protocol",
  ]),
  ...twice("H14-close", "a polite end in the middle of a body of unknown length", { kind: "cut", framing: "close" }, [
    "network",
    "protocol",
  ]),
  ...twice("H15", "gzip without its last byte", { kind: "truncated-gzip", missing: 1 }, ["protocol"]),
  ...twice("H15-half", "half a gzip stream", { kind: "truncated-gzip", missing: "half" }, ["protocol"]),
  ...twice("H16-short", "a Content-Length that is too small", { kind: "wrong-length", by: -100 }, [
    "protocol",
    "network",
  ]),
  ...twice("H16-long", "a Content-Length that is too large", { kind: "wrong-length", by: 100 }, [
    "protocol",
    "network",
  ]),
  slow("H17-headers", "headers a byte at a time", { kind: "drip", part: "headers" }),
  slow("H17-body", "a body a byte at a time", { kind: "drip", part: "body" }),
  slow("H18", "an answer that never comes", { kind: "silence" }),
  {
    id: "H18-once",
    title: "an answer that never comes, once",
    strike: withDeadline(emulated({ fault: { kind: "silence" }, when: BULK_STRUCK, times: 1 })),
    outcome: "absorbed",
  },
  {
    id: "H12-everywhere",
    title: "one request in five reset, everywhere",
    strike: emulated({ fault: { kind: "reset", at: "before-headers" }, when: { predicate: everyFifth() } }),
    struck: [],
    outcome: "absorbed",
  },
];

/** Once, which is absorbed, and for ever, which is not. */
function twice(
  id: string,
  title: string,
  fault: Fault,
  classes: NonNullable<FaultRow["classes"]>,
): readonly FaultRow[] {
  return [
    { id, title: `${title}, once`, strike: once(fault), outcome: "absorbed" },
    {
      id: `${id}-always`,
      title: `${title}, for ever`,
      strike: always(fault),
      outcome: "partial",
      classes,
      operation: BULK,
    },
  ];
}

function slow(id: string, title: string, fault: Fault): FaultRow {
  return {
    id,
    title,
    strike: withDeadline(always(fault)),
    outcome: "partial",
    classes: ["timeout"],
    operation: BULK,
    check: endedInTime,
  };
}

function withDeadline(strike: (bench: AwsBench) => Strike): (bench: AwsBench) => Strike {
  return (bench) => ({ ...strike(bench), scan: { network: { share: 1, deadline: DEADLINE }, realTime: true } });
}

function endedInTime(seen: Seen): void {
  const late = attemptsOf(seen, BULK, ACCOUNTS.struck).filter(({ class: gapClass }) => gapClass === "timeout");
  ok(late.length >= 1 && late.length <= 3, `${late.length} attempts timed out`);
  for (const { milliseconds } of late)
    ok(Math.abs(milliseconds - DEADLINE) <= 1_000, `an attempt ended after ${milliseconds} ms`);
}

function everyFifth(): () => boolean {
  let count = 0;
  return () => {
    count += 1;
    return count % 5 === 0;
  };
}
