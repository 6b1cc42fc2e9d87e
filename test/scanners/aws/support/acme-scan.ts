import {
  DEFAULT_SCANNER_EXTERNAL_ID,
  PARTNER_ACCOUNT,
  generateAcme,
  productionAccountIds,
} from "../../../../fixtures/acme/index.ts";
import type { AcmeSize, Estate } from "../../../../fixtures/acme/index.ts";
import { MANAGEMENT_CREDENTIALS, startAwsEmulator } from "../../../../fixtures/emulators/aws/index.ts";
import type { AwsEmulator, EmulatorOptions } from "../../../../fixtures/emulators/aws/index.ts";
import aws from "../../../../scanners/aws/index.ts";
import { scanWith } from "../../../../src/engine/index.ts";
import type { ScanResult } from "../../../../src/engine/contract.ts";
import { temporaryInventory } from "../../../../src/sdk/testing/index.ts";
import type { TemporaryInventory } from "../../../../src/sdk/testing/index.ts";

/** When every scan of these tests begins, and when their estate is. */
export const NOW = Date.UTC(2026, 10, 23, 5);

/** The real scanner over the real engine, door, SDK and inventory, against the emulated estate on loopback. */
export interface Bench extends AsyncDisposable {
  readonly estate: Estate;
  readonly emulator: AwsEmulator;
  readonly held: TemporaryInventory;
  now: number;
  scan(options?: {
    readonly config?: Readonly<Record<string, unknown>>;
    readonly deep?: readonly string[];
    readonly onlyScopes?: readonly string[];
  }): Promise<ScanResult>;
  /** Rows of a view, of whatever type the caller knows them to have. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows what it selects
  rows<Row extends object>(sql: string): readonly Row[];
}

export function acmeConfig(estate: Estate, url: string): Readonly<Record<string, unknown>> {
  return {
    endpoint: url,
    region: "eu-central-1",
    account: estate.organization.managementAccount,
    organization: {
      role: estate.scannerRole,
      ...(estate.scannerExternalId === null ? {} : { externalId: estate.scannerExternalId }),
    },
    partners: [{ account: PARTNER_ACCOUNT, name: "a vendor under contract" }],
    production: { accounts: productionAccountIds(estate) },
    regions: ["eu-central-1", "us-east-1"],
  };
}

export async function startBench(
  options: { readonly size?: Partial<AcmeSize>; readonly emulator?: EmulatorOptions } = {},
): Promise<Bench> {
  const estate = generateAcme({
    seed: 7,
    now: NOW,
    ...(options.size === undefined ? {} : { size: options.size }),
    scannerExternalId: DEFAULT_SCANNER_EXTERNAL_ID,
  });
  const emulator = await startAwsEmulator(estate, { clockRuns: false, ...options.emulator });
  const before = signIn();
  const bench: Bench = {
    estate,
    emulator,
    held: temporaryInventory({ now: () => bench.now }),
    now: NOW,
    async scan({ config = {}, deep = [], onlyScopes } = {}) {
      const validated = await aws.config["~standard"].validate({ ...acmeConfig(estate, emulator.url), ...config });
      if (validated.issues !== undefined) throw new Error(JSON.stringify(validated.issues));
      return scanWith(
        {
          inventory: bench.held.inventory,
          sources: [{ scanner: aws as never, config: validated.value, deep }],
          rules: [],
          network: { share: 1 },
          version: "test",
          now: () => bench.now,
          signal: new AbortController().signal,
          onEvent: () => undefined,
          ...(onlyScopes === undefined ? {} : { onlyScopes }),
        },
        { sleep: () => new Promise((resolve) => setImmediate(resolve)) },
      );
    },
    rows: (sql) => bench.held.inventory.reader.select(sql) as never,
    async [Symbol.asyncDispose]() {
      bench.held.dispose();
      await emulator.close();
      signOut(before);
    },
  };
  return bench;
}

const VARIABLES = {
  AWS_ACCESS_KEY_ID: "accessKeyId",
  AWS_SECRET_ACCESS_KEY: "secretAccessKey",
  AWS_SESSION_TOKEN: "sessionToken",
} as const;

/** The environment is where a workload's credentials are. Gives back what was there. */
export function signIn(): Readonly<Record<string, string | undefined>> {
  const before = Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, process.env[name]]));
  for (const [name, field] of Object.entries(VARIABLES)) process.env[name] = MANAGEMENT_CREDENTIALS[field];
  return before;
}

export function signOut(before: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}
