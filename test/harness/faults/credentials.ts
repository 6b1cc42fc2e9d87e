import { deepEqual, equal, ok } from "node:assert/strict";
import { ACCOUNTS } from "../../support/aws-bench.ts";
import { readExport } from "../support/exports.ts";
import type { FaultRow, Seen } from "../support/fault-row.ts";
import { emulated } from "../support/fault-row.ts";
import { gapsOf } from "../support/run-row.ts";
import { always, BULK, BULK_STRUCK, once } from "./common.ts";

const DENIED = { kind: "refuse", status: 403, code: "AccessDenied" } as const;

/** Operations whose refusal hides some facts and no others. */
const FACETS = [
  "iam:GenerateCredentialReport",
  "iam:GetCredentialReport",
  "iam:GetAccountSummary",
  BULK,
  "iam:ListAccessKeys",
  "iam:ListRoles",
  "iam:ListUsers",
  "iam:ListServiceSpecificCredentials",
  "iam:ListSigningCertificates",
  "iam:ListVirtualMFADevices",
  "iam:ListOpenIDConnectProviders",
  "iam:ListSAMLProviders",
  "iam:ListInstanceProfiles",
  "iam:ListServerCertificates",
];

/** H32–H37: credentials that end, permissions that are missing, clocks that are wrong. */
export const CREDENTIALS: readonly FaultRow[] = [
  {
    id: "H32",
    title: "the session of one account ends in the middle of the scan",
    strike: once({ kind: "expire-session" }, { account: ACCOUNTS.struck, nth: 9 }),
    outcome: "absorbed",
    check: (seen) => equal(assumed(seen), 3, "two accounts entered, and one of them once more"),
  },
  {
    id: "H32-first",
    title: "the session of one account ends in the middle of a first scan",
    strike: once({ kind: "expire-session" }, { account: ACCOUNTS.struck, nth: 9 }),
    first: true,
    outcome: "absorbed",
  },
  {
    id: "H33",
    title: "the session ends, and there is no new one",
    strike: emulated(
      { fault: { kind: "expire-session" }, when: { account: ACCOUNTS.struck, nth: 9 }, times: 1 },
      {
        fault: DENIED,
        when: {
          operation: "sts:AssumeRole",
          predicate: (call) => call.params.get("RoleArn")?.includes(ACCOUNTS.struck) === true,
          nth: { from: 2 },
        },
      },
    ),
    outcome: "partial",
    classes: ["auth", "denied"],
    check(seen) {
      const refused = seen.calls.filter(
        ({ operation, bucket, outcome }) => operation === "sts:AssumeRole" && outcome === "failed" && bucket !== "",
      );
      equal(refused.length, 1, "the refused role was asked for again");
    },
  },
  {
    id: "H33-start",
    title: "the role of one account cannot be assumed",
    strike: emulated({
      fault: DENIED,
      when: {
        operation: "sts:AssumeRole",
        predicate: (call) => call.params.get("RoleArn")?.includes(ACCOUNTS.struck) === true,
      },
    }),
    outcome: "partial",
    classes: ["auth", "denied"],
    operation: "sts:AssumeRole",
    check: (seen) => equal(assumed(seen), 2, "a role that is refused was asked for again"),
  },
  {
    id: "H33-base",
    title: "the configured credentials end in the middle of the scan",
    strike: always(
      { kind: "refuse", status: 403, code: "ExpiredToken" },
      { account: ACCOUNTS.management, predicate: (call) => call.service === "iam", nth: { from: 5 } },
    ),
    // Not `[management]`: the policies that its accounts share are a promise of their own, see `across.test.ts`.
    struck: [ACCOUNTS.management, ACCOUNTS.struck, ACCOUNTS.beside],
    named: [ACCOUNTS.management],
    outcome: "partial",
    classes: ["auth"],
  },
  {
    id: "H34-later",
    title: "denied from the fifth call in one account on",
    strike: always(DENIED, { account: ACCOUNTS.struck, nth: { from: 5 } }),
    outcome: "partial",
    classes: ["denied"],
    check: ({ result }) => {
      for (const gap of gapsOf(result))
        ok(gap.class !== "denied" || gap.remedy !== undefined, `no remedy for ${gap.operation}`);
    },
  },
  ...FACETS.flatMap((operation): readonly FaultRow[] => [
    { ...facet(operation), id: `H35 ${operation}`, title: `${operation} denied` },
    {
      ...facet(operation),
      id: `H35-first ${operation}`,
      title: `${operation} denied from the first scan on`,
      first: true,
      check: (seen) => nothingGuessed(seen, operation),
    },
  ]),
  {
    id: "H36-region",
    title: "a region that is switched off",
    strike: always(
      { kind: "refuse", status: 403, code: "InvalidClientTokenId" },
      { operation: "rolesanywhere:*", account: ACCOUNTS.struck, region: "us-east-1" },
    ),
    outcome: "partial",
    classes: ["auth", "denied"],
    check: regionNamed,
  },
  {
    id: "H36-optin",
    title: "a region that nobody opted in to",
    strike: always(
      { kind: "refuse", status: 403, code: "UnrecognizedClientException" },
      { operation: "rolesanywhere:*", account: ACCOUNTS.struck, region: "us-east-1" },
    ),
    outcome: "partial",
    classes: ["auth", "denied"],
    check: regionNamed,
  },
  {
    id: "H36-scp",
    title: "denied by the organization",
    strike: always(
      {
        ...DENIED,
        message: "User is not authorized to perform this operation with an explicit deny in a service control policy",
      },
      BULK_STRUCK,
    ),
    outcome: "partial",
    classes: ["denied"],
    operation: BULK,
  },
  {
    id: "H37-ahead",
    title: "the server's clock a day ahead",
    strike: always({ kind: "clock-skew", by: 86_400_000 }, {}),
    struck: [],
    outcome: "absorbed",
  },
  // What the server showed, it showed on its own date: a look that ended a day ago says nothing of today.
  {
    id: "H37-behind",
    title: "the server's clock a day behind",
    strike: always({ kind: "clock-skew", by: -86_400_000 }, {}),
    struck: [],
    outcome: "changed",
    exit: 0,
    convergesAfter: 0,
  },
];

function facet(operation: string): Omit<FaultRow, "id" | "title"> {
  return {
    strike: always(DENIED, { operation, account: ACCOUNTS.struck }),
    outcome: "partial",
    classes: ["denied"],
    operation,
  };
}

function assumed({ bench }: Seen): number {
  return bench.emulator.log.count("sts:AssumeRole");
}

function regionNamed({ result }: Seen): void {
  const gaps = gapsOf(result).filter(({ operation }) => operation?.startsWith("rolesanywhere:"));
  ok(gaps.length > 0 && gaps.every(({ reason }) => reason.includes("us-east-1")), JSON.stringify(gaps));
}

/** What could not be read is not guessed: records, and what is known of them, are some of the undisturbed ones. */
function nothingGuessed({ after, undisturbed }: Seen, operation: string): void {
  const [is, would] = [readExport(after), readExport(undisturbed)];
  const guessed = [...is.records].flatMap(([key, record]) => {
    const full = would.records.get(key);
    if (full === undefined) return [`${key} exists`];
    return record.known
      .filter(
        (fact) =>
          fact !== "natureReason" &&
          (!full.known.includes(fact) || JSON.stringify(full.facts[fact]) !== JSON.stringify(record.facts[fact])),
      )
      .map(
        (fact) => `${key} has ${fact} ${JSON.stringify(record.facts[fact])}, not ${JSON.stringify(full.facts[fact])}`,
      );
  });
  deepEqual(guessed.slice(0, 5), [], `without ${operation}, ${guessed.length} facts are guessed`);
}
