import { DEFAULT_SCANNER_EXTERNAL_ID, generateAcme, truthOf } from "../../../fixtures/acme/index.ts";
import { startAwsEmulator } from "../../../fixtures/emulators/aws/index.ts";
import type { Fault } from "../../../fixtures/emulators/aws/index.ts";
import aws from "../../../scanners/aws/index.ts";
import { describeScanner } from "../../../src/sdk/testing/index.ts";
import type { FaultKind } from "../../../src/sdk/testing/index.ts";
import { NOW, acmeConfig, signIn, signOut } from "./support/acme-scan.ts";

const FAULTS: Readonly<Record<FaultKind, Fault>> = {
  denied: { kind: "refuse", status: 403, code: "AccessDenied", message: "not authorized" },
  throttled: { kind: "refuse", status: 400, code: "Throttling", message: "Rate exceeded" },
  truncated: { kind: "cut", framing: "length" },
  "repeated-page": { kind: "token", how: "same" },
};

describeScanner(
  "aws",
  {
    scanner: aws,
    now: NOW,
    kills: 12,
    paged: [
      "iam:GetAccountAuthorizationDetails",
      "iam:ListInstanceProfiles",
      "iam:ListRoles",
      "iam:ListServerCertificates",
      "iam:ListServiceSpecificCredentials",
      "iam:ListUsers",
      "iam:ListVirtualMFADevices",
      "organizations:ListAccounts",
    ],
    async start() {
      // Two accounts carry all the stories of the demonstration between them.
      const estate = generateAcme({
        seed: 7,
        now: NOW,
        size: {
          accounts: 2,
          usersPerAccount: 70,
          rolesPerAccount: 80,
          policiesPerAccount: 20,
          groupsPerAccount: 6,
          keyedShare: 0.5,
        },
        scannerExternalId: DEFAULT_SCANNER_EXTERNAL_ID,
      });
      const emulator = await startAwsEmulator(estate, { clockRuns: false });
      const before = signIn();
      let since = 0;
      return {
        config: { ...acmeConfig(estate, emulator.url), production: { tags: { Environment: "production" } } },
        truth: {
          identities: [...truthOf(estate).identities].map(({ urn }) => urn),
        },
        requests: () => emulator.log.entries.filter(({ number }) => number > since).map(({ operation }) => operation),
        forget() {
          since = emulator.log.total;
        },
        inject({ operation, kind, times }) {
          const handle = emulator.faults.add({
            when: { operation },
            fault: FAULTS[kind],
            ...(times === undefined ? {} : { times }),
          });
          return { fired: () => handle.fired };
        },
        heal: () => emulator.faults.clear(),
        async stop() {
          await emulator.close();
          signOut(before);
        },
      };
    },
  },
  { timeout: 120_000 },
);
