import { deepEqual, equal, ok } from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Fault, FaultMatch } from "../../../fixtures/emulators/aws/index.ts";
import { ACCOUNTS } from "../../support/aws-bench.ts";
import type { AwsBench } from "../../support/aws-bench.ts";
import { readExport } from "../support/exports.ts";
import type { FaultRow, Seen, Strike } from "../support/fault-row.ts";
import { gapsOf } from "../support/run-row.ts";
import { always, askedOnce, BULK } from "./common.ts";

const REST: FaultMatch = { operation: "rolesanywhere:ListProfiles", account: ACCOUNTS.struck };
const body = (what: "portal" | "empty" | "null" | "object" | "list" | "message"): Fault => ({ kind: "body", what });

/** H09, H19–H23, H43: answers that are honest refusals, not the API's, or not in its documented shape. */
export const ANSWERS: readonly FaultRow[] = [
  {
    id: "H09-400",
    title: "400 ValidationError on a list",
    strike: always({ kind: "refuse", status: 400, code: "ValidationError" }),
    outcome: "partial",
    classes: ["protocol"],
    operation: BULK,
    check: askedOnce(BULK),
  },
  {
    id: "H09-404",
    title: "404 on a list",
    strike: always({ kind: "refuse", status: 404, code: "NoSuchEntity" }),
    outcome: "partial",
    classes: ["protocol"],
    operation: BULK,
    check: askedOnce(BULK),
  },
  {
    id: "H19",
    title: "a captive portal's page",
    strike: always(body("portal")),
    outcome: "partial",
    classes: ["protocol"],
    operation: BULK,
    check: ({ result }) =>
      ok(
        gapsOf(result).some(({ reason }) => reason.includes("not the API")),
        "the message does not say that this is not the API",
      ),
  },
  {
    id: "H19-everywhere",
    title: "a captive portal in front of everything",
    strike: always(body("portal"), {}),
    struck: [],
    outcome: "changed",
    exit: 6,
    check: ({ result }) =>
      ok(
        result.exit.reason.includes("protocol") || gapsOf(result).some(({ reason }) => reason.includes("not the API")),
        result.exit.reason,
      ),
  },
  ...(["empty", "null", "object", "list", "message"] as const).flatMap((what): readonly FaultRow[] => [
    {
      id: `H20-xml-${what}`,
      title: `${what} where an XML answer should be`,
      strike: always(body(what)),
      outcome: "partial",
      classes: ["protocol", "schema"],
      operation: BULK,
    },
    {
      id: `H20-json-${what}`,
      title: `${what} where a JSON answer should be`,
      strike: always(body(what), REST),
      outcome: "partial",
      classes: ["protocol", "schema"],
      operation: "rolesanywhere:ListProfiles",
    },
  ]),
  {
    id: "H20-accounts",
    title: "{} where the list of accounts should be",
    strike: always(body("object"), { operation: "organizations:ListAccounts" }),
    struck: [],
    outcome: "changed",
    exit: 4,
    check: accountsUnseen,
  },
  itemRow("H21", "an entry without its key field", { kind: "missing-field" }),
  itemRow("H22", "an entry with a field of another type", { kind: "wrong-type" }),
  itemRow("H22-date", "an entry with a date that is none", { kind: "wrong-type", field: "CreateDate" }),
  firstItemRow("H21-first", "an entry without its key field, in a first scan", { kind: "missing-field" }),
  firstItemRow("H22-first", "an entry with a field of another type, in a first scan", { kind: "wrong-type" }),
  {
    id: "H23",
    title: "fields and values that nobody knows",
    strike: always({ kind: "unknown-fields" }, {}),
    struck: [],
    outcome: "changed",
    // Unknown fields leave no trace; a state that nobody knows leaves that one fact unknown, and the scan complete.
    check({ result, after, undisturbed }) {
      equal(result.exit.code, 0, result.exit.reason);
      ok(after.includes("which this version does not know"));
      const records = (text: string) =>
        [...readExport(text).records].map(([urn, { facts }]) => [urn, { ...facts, enabled: undefined }]);
      deepEqual(records(after), records(undisturbed));
    },
  },
  {
    id: "H21-key",
    title: "a key without its id in the list of one user's keys",
    strike: always({ kind: "missing-field" }, { operation: "iam:ListAccessKeys", account: ACCOUNTS.struck }),
    outcome: "partial",
    classes: ["schema"],
    operation: "iam:ListAccessKeys",
  },
  {
    id: "H22-summary",
    title: "counters of the account that are none",
    strike: always({ kind: "missing-field" }, { operation: "iam:GetAccountSummary", account: ACCOUNTS.struck }),
    outcome: "partial",
    classes: ["schema"],
    operation: "iam:GetAccountSummary",
  },
  {
    id: "H22-report",
    title: "a credential report without content",
    strike: always({ kind: "missing-field" }, { operation: "iam:GetCredentialReport", account: ACCOUNTS.struck }),
    outcome: "partial",
    classes: ["schema"],
    operation: "iam:GetCredentialReport",
  },
  {
    id: "H43-loop",
    title: "a redirect to itself",
    strike: always({ kind: "redirect", to: "loop" }),
    outcome: "partial",
    classes: ["protocol"],
    operation: BULK,
    check: askedOnce(BULK),
  },
  {
    id: "H43-host",
    title: "a redirect to another host",
    strike: redirected,
    outcome: "partial",
    classes: ["protocol"],
    operation: BULK,
    check: askedOnce(BULK),
  },
];

function itemRow(id: string, title: string, fault: Fault): FaultRow {
  return { id, title, strike: always(fault), outcome: "partial", classes: ["schema"], operation: BULK };
}

/** All but the one entry per listing are stored at once, and the scan says that one is missing. */
function firstItemRow(id: string, title: string, fault: Fault): FaultRow {
  return {
    ...itemRow(id, title, fault),
    first: true,
    check({ after, undisturbed }) {
      const [is, would] = [new Set(readExport(after).records.keys()), new Set(readExport(undisturbed).records.keys())];
      deepEqual(
        [...is].filter((key) => !would.has(key)),
        [],
        "records that nobody has",
      );
      const absent = [...would].filter((key) => !is.has(key));
      ok(
        absent.length >= 1 && absent.length <= 25,
        `one entry per listing was set aside, and ${absent.length} records are absent`,
      );
    },
  };
}

/** Accounts that could not be listed are not gone. */
function accountsUnseen({ result }: Seen): void {
  const gaps = gapsOf(result).filter(({ operation }) => operation === "organizations:ListAccounts");
  ok(
    gaps.length > 0 && gaps.every((gap) => gap.class === "schema" || gap.class === "protocol"),
    JSON.stringify(gapsOf(result)),
  );
}

/** The redirect leads to a server of ours, which must never hear of it. */
async function redirected({ emulator }: AwsBench): Promise<Strike> {
  let connections = 0;
  const stranger = createServer((_request, response) => response.end("<html></html>"));
  stranger.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
  const handle = emulator.faults.add({
    fault: { kind: "redirect", to: "other-host", url: `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/` },
    when: { operation: BULK, account: ACCOUNTS.struck },
  });
  return {
    fired: () => handle.fired,
    async heal() {
      handle.remove();
      stranger.closeAllConnections();
      await new Promise((resolve) => stranger.close(resolve));
      equal(connections, 0, "the redirect was followed");
    },
  };
}
