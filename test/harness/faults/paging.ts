import { ok } from "node:assert/strict";
import type { Fault } from "../../../fixtures/emulators/aws/index.ts";
import { ACCOUNTS } from "../../support/aws-bench.ts";
import type { FaultRow, Seen } from "../support/fault-row.ts";
import { gapsOf } from "../support/run-row.ts";
import { always, BULK, BULK_STRUCK, once, requestsOf } from "./common.ts";

const LISTS: readonly (readonly [operation: string, collection: string])[] = [
  [BULK, "bulk"],
  ["iam:ListRoles", "roles"],
  ["iam:ListUsers", "users"],
];

/** H24–H29, H34: lists that do not end, end too early, repeat or skip. */
export const PAGING: readonly FaultRow[] = [
  ...LISTS.flatMap(([operation, name]): readonly FaultRow[] => [
    token(`H24-${name}`, "says that there is more and not where", { kind: "token", how: "missing" }, operation, 1),
    token(`H25-${name}`, "names the same page as the next", { kind: "token", how: "same" }, operation, 2),
  ]),
  // In AWS's JSON protocols a token that is null is one that is not there: the documented end.
  {
    id: "H24-json",
    title: "rolesanywhere:ListProfiles ends with a token that is null",
    strike: always(
      { kind: "token", how: "missing" },
      { operation: "rolesanywhere:ListProfiles", account: ACCOUNTS.struck },
    ),
    outcome: "absorbed",
  },
  {
    ...token(
      "H25-json",
      "names the same page as the next",
      { kind: "token", how: "same" },
      "rolesanywhere:ListProfiles",
      2,
    ),
    // The invented token is put back into the query behind the signature.
    emulator: { verifySignatures: false },
  },
  ...[2, 3, 16].map((length) =>
    token(
      `H26-${length}`,
      `goes round in a circle of ${length}`,
      { kind: "token", how: "cycle", length },
      BULK,
      length + 1,
    ),
  ),
  token("H27-empty", "has empty pages without end", { kind: "token", how: "endless-empty" }, BULK, 11),
  token("H27-duplicate", "shows its first page without end", { kind: "token", how: "endless-duplicate" }, BULK, 11),
  {
    ...token(
      "H24-first",
      "says that there is more and not where, in a first scan",
      { kind: "token", how: "missing" },
      BULK,
      1,
    ),
    first: true,
  },
  {
    ...token("H25-first", "names the same page as the next, in a first scan", { kind: "token", how: "same" }, BULK, 2),
    first: true,
  },
  {
    id: "H28",
    title: "every page of the bulk listing twice",
    strike: always({ kind: "duplicate-pages" }),
    outcome: "absorbed",
  },
  {
    id: "H28-paged",
    title: "every page of a listing of two pages twice",
    estate: "paged",
    strike: always({ kind: "duplicate-pages" }),
    outcome: "absorbed",
  },
  {
    id: "H28-overlap",
    title: "pages that overlap by three",
    estate: "paged",
    strike: always({ kind: "overlap", by: 3 }),
    outcome: "absorbed",
  },
  {
    id: "H29",
    title: "an entry skipped between two pages",
    estate: "paged",
    strike: always({ kind: "overlap", by: -1 }),
    outcome: "partial",
    classes: ["drift"],
    operation: BULK,
  },
  {
    id: "H34",
    title: "denied from the second page on",
    estate: "paged",
    strike: always({ kind: "refuse", status: 403, code: "AccessDenied" }, { ...BULK_STRUCK, page: { from: 2 } }),
    outcome: "partial",
    classes: ["denied"],
    operation: BULK,
    check: ({ result }) =>
      ok(
        gapsOf(result).some(({ remedy }) => remedy?.includes(BULK)),
        "no remedy names the permission",
      ),
  },
  {
    id: "H13-page",
    title: "the second page cut in the middle, once",
    estate: "paged",
    strike: once({ kind: "cut", framing: "length" }, { ...BULK_STRUCK, page: { from: 2 } }),
    outcome: "absorbed",
  },
];

/** `most`: requests that the fault may cost in one listing. */
function token(id: string, title: string, fault: Fault, operation: string, most: number): FaultRow {
  return {
    id,
    title: `${operation} ${title}`,
    strike: always(fault, { operation, account: ACCOUNTS.struck }),
    outcome: "partial",
    classes: ["pagination"],
    operation,
    check: (seen: Seen) => {
      // One listing per phase, region, or collection that needs it.
      const listings = operation === BULK ? 1 : 2;
      const asked = requestsOf(seen, operation);
      ok(asked <= most * listings, `${asked} requests, and ${most} per listing were promised`);
    },
  };
}
