import { deepEqual, ok } from "node:assert/strict";
import type { ScanResult } from "../../engine/contract.ts";
import type { Reader } from "../../inventory/contract.ts";
import type { GapClass } from "../../model/index.ts";
import type { CallRange } from "../index.ts";
import type { FaultKind } from "./world.ts";

/** The gap that each fault must leave. A refusal at the door of an account may count as one of authentication. */
const EXPECTED: Readonly<Record<FaultKind, readonly GapClass[]>> = {
  denied: ["denied", "auth"],
  throttled: ["throttled"],
  truncated: ["network", "protocol", "timeout"],
  "repeated-page": ["pagination"],
};

export function assertComplete(result: ScanResult, what: string): void {
  const gaps = result.scopes.flatMap(({ id, collections }) =>
    collections.flatMap((coverage) =>
      coverage.gaps.map((gap) => `${id}/${coverage.collection}: ${gap.class}: ${gap.reason}`),
    ),
  );
  deepEqual({ exit: result.exit.code, gaps }, { exit: 0, gaps: [] }, `${what} is not complete: ${result.exit.reason}`);
}

export function assertGap(result: ScanResult, operation: string, kind: FaultKind): void {
  const gaps = result.scopes.flatMap(({ collections }) => collections.flatMap((coverage) => coverage.gaps));
  const found = gaps.some((gap) => gap.operation === operation && EXPECTED[kind].includes(gap.class));
  ok(
    found,
    `${operation} was ${kind}, and no gap of class ${EXPECTED[kind].join(" or ")} names it; the gaps are ${JSON.stringify(gaps.map((gap) => `${gap.class} ${gap.operation ?? ""}`))}`,
  );
  ok(
    result.exit.code === 4 || result.exit.code === 6,
    `${operation} was ${kind}, and the scan ended with exit code ${result.exit.code}`,
  );
}

export function assertPredicted(result: ScanResult, predicted: ReadonlyMap<string, CallRange>): void {
  for (const coverage of result.scopes.flatMap(({ collections }) => collections)) {
    const range = predicted.get(`${coverage.scope} ${coverage.collection}`);
    if (range === undefined) continue;
    ok(
      range.min <= coverage.pages && coverage.pages <= range.max,
      `${coverage.collection} made ${coverage.pages} calls, and ${range.min} to ${range.max} were predicted (${range.basis})`,
    );
  }
}

const RECORD_VIEWS = [
  "scope",
  "identity",
  "credential",
  "identity_group",
  "membership",
  "permission_set",
  "access_grant",
  "trust",
  "anchor",
  "owner",
];

export function present(reader: Reader): readonly string[] {
  return RECORD_VIEWS.flatMap((view) =>
    reader
      .select<{ urn: string }>(`select urn from ${view} where presence = 'present' order by urn`)
      .map(({ urn }) => `${view} ${urn}`),
  );
}

export function urnsOf(reader: Reader, view: "identity" | "credential"): readonly string[] {
  return reader
    .select<{ urn: string }>(`select urn from ${view}`)
    .map(({ urn }) => urn)
    .sort();
}
