import { describeScanner } from "../../src/sdk/testing/index.ts";
import type { FaultKind, ScannerWorld } from "../../src/sdk/testing/index.ts";
import { truthOf } from "../../fixtures/acme/index.ts";
import type { Fault } from "../../fixtures/emulators/aws/index.ts";
import aws from "../../scanners/aws/index.ts";
import { estateConfig, START, startAwsBench } from "../support/aws-bench.ts";

/** The AWS scanner in the kit that every scanner goes through: each declared call refused, throttled, cut, repeated; each checkpoint a death. */
const FAULTS: Readonly<Record<FaultKind, Fault>> = {
  denied: { kind: "refuse", status: 403, code: "AccessDenied" },
  throttled: { kind: "refuse", status: 400, code: "Throttling" },
  truncated: { kind: "cut", framing: "length" },
  "repeated-page": { kind: "token", how: "same" },
};

async function start(): Promise<ScannerWorld> {
  // The invented token of a repeated page is put back into the query behind the signature.
  const bench = await startAwsBench({
    size: {
      accounts: 2,
      usersPerAccount: 12,
      rolesPerAccount: 12,
      policiesPerAccount: 4,
      groupsPerAccount: 2,
      keyedShare: 0.4,
    },
    emulator: { verifySignatures: false },
  });
  const { emulator, estate } = bench;
  const config = estateConfig(estate, emulator.url);
  return {
    // Tags decide what production is, so they are read as well.
    config: { ...config, production: { tags: { Environment: "production" } } },
    truth: { identities: [...truthOf(estate).identities].map(({ urn }) => urn) },
    requests: () => emulator.log.entries.map(({ operation }) => operation),
    forget: () => emulator.log.clear(),
    inject({ operation, kind, times }) {
      const handle = emulator.faults.add({
        fault: FAULTS[kind],
        when: { operation },
        ...(times === undefined ? {} : { times }),
      });
      return { fired: () => handle.fired };
    },
    heal: () => emulator.faults.clear(),
    stop: () => emulator.close(),
  };
}

describeScanner("aws", {
  scanner: aws,
  start,
  now: START,
  paged: [
    "iam:GetAccountAuthorizationDetails",
    "iam:ListRoles",
    "iam:ListUsers",
    "iam:ListServiceSpecificCredentials",
    "iam:ListInstanceProfiles",
    "iam:ListServerCertificates",
    "iam:ListVirtualMFADevices",
    "organizations:ListAccounts",
    "rolesanywhere:ListTrustAnchors",
    "rolesanywhere:ListProfiles",
    "rolesanywhere:ListSubjects",
    "rolesanywhere:ListCrls",
  ],
});
