import {
  DAY,
  DEFAULT_SCANNER_EXTERNAL_ID,
  generateAcme,
  PARTNER_ACCOUNT,
  productionAccountIds,
} from "../../fixtures/acme/index.ts";
import type { AcmeSize, Estate } from "../../fixtures/acme/index.ts";
import { MANAGEMENT_CREDENTIALS, startAwsEmulator } from "../../fixtures/emulators/aws/index.ts";
import type { AwsEmulator, EmulatorOptions } from "../../fixtures/emulators/aws/index.ts";
import aws from "../../scanners/aws/index.ts";
import type { CallTrace, Network, RuleSetting, ScanEvent, ScanResult, Source } from "../../src/engine/contract.ts";
import { scanWith } from "../../src/engine/index.ts";
import type { Inventory } from "../../src/inventory/contract.ts";
import { RULES } from "../../src/rules/index.ts";
import type { Scanner } from "../../src/sdk/index.ts";

/** When the first scan of every harness begins, and when their estates are. */
export const START = Date.UTC(2026, 10, 23, 5);
export { DAY };

/** Three accounts of the demonstration company: the one that lists, one that faults are aimed at, one beside it. */
export const ACCOUNTS = { management: "111122223333", struck: "333344445555", beside: "222233334444" } as const;
export const SMALL: Partial<AcmeSize> = {
  accounts: 3,
  usersPerAccount: 24,
  rolesPerAccount: 24,
  policiesPerAccount: 8,
  groupsPerAccount: 3,
  keyedShare: 0.4,
};
/** Large enough that the bulk listing of each account has more than one page. */
export const PAGED: Partial<AcmeSize> = {
  accounts: 2,
  usersPerAccount: 620,
  rolesPerAccount: 420,
  policiesPerAccount: 20,
  groupsPerAccount: 5,
  keyedShare: 0.02,
};

/** All built-in rules as they are without a configuration. */
export const RULE_SETTINGS: readonly RuleSetting[] = RULES.map((rule) => ({
  rule,
  enabled: true,
  severity: rule.severity,
  params: Object.fromEntries(Object.entries(rule.params).map(([name, param]) => [name, param.default])),
}));

const VARIABLES = {
  AWS_ACCESS_KEY_ID: MANAGEMENT_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: MANAGEMENT_CREDENTIALS.secretAccessKey,
  AWS_SESSION_TOKEN: MANAGEMENT_CREDENTIALS.sessionToken,
} as const;

/** The configuration of a source that reads the whole estate at this address. */
export function estateConfig(estate: Estate, url: string): Readonly<Record<string, unknown>> {
  return {
    endpoint: url,
    region: "eu-central-1",
    account: estate.organization.managementAccount,
    organization: { role: estate.scannerRole, externalId: estate.scannerExternalId ?? DEFAULT_SCANNER_EXTERNAL_ID },
    partners: [{ account: PARTNER_ACCOUNT, name: "a vendor under contract" }],
    production: { accounts: productionAccountIds(estate) },
    regions: ["eu-central-1", "us-east-1"],
  };
}

/** What a scan may be given besides the estate. */
export interface BenchScan {
  readonly inventory: Inventory;
  /** When the scan begins, and where its clock stands unless `clock` says otherwise. */
  readonly at: number;
  readonly clock?: () => number;
  readonly scanner?: Scanner;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly deep?: readonly string[];
  readonly network?: Network;
  readonly signal?: AbortSignal;
  readonly rules?: readonly RuleSetting[];
  readonly acceptMassChange?: boolean;
  readonly onlyScopes?: readonly string[];
  readonly onEvent?: (event: ScanEvent) => void;
  readonly onCall?: (call: CallTrace) => void;
  /** Waits are waited, and what a call took is what it took. */
  readonly realTime?: boolean;
}

/** The emulated estate and the real scanner, engine, door and SDK in front of it. */
export interface AwsBench extends AsyncDisposable {
  readonly estate: Estate;
  readonly emulator: AwsEmulator;
  /** Milliseconds that have passed for the door: waits take no time, and count. */
  elapsed(): number;
  scan(options: BenchScan): Promise<ScanResult>;
}

export async function startAwsBench(
  options: { readonly size?: Partial<AcmeSize>; readonly emulator?: EmulatorOptions; readonly seed?: number } = {},
): Promise<AwsBench> {
  Object.assign(process.env, VARIABLES);
  const estate = generateAcme({ seed: options.seed ?? 11, now: START, size: options.size ?? SMALL });
  const emulator = await startAwsEmulator(estate, { clockRuns: false, ...options.emulator });
  let skipped = 0;
  const elapsed = () => performance.now() + skipped;
  // Waiting takes no time, and a burst of ten seconds is over after ten seconds of it.
  const sleep = async (milliseconds: number) => {
    const wakeAt = elapsed() + milliseconds;
    await new Promise((resolve) => setImmediate(resolve));
    skipped += Math.max(0, wakeAt - elapsed());
  };
  return {
    estate,
    emulator,
    elapsed,
    async scan(asked) {
      if (asked.at > emulator.clock.now()) emulator.clock.advance(asked.at - emulator.clock.now());
      return scanWith(
        {
          inventory: asked.inventory,
          sources: [
            await sourceOf(
              asked.scanner ?? (aws as never),
              { ...estateConfig(estate, emulator.url), ...asked.config },
              asked.deep,
            ),
          ],
          rules: asked.rules ?? RULE_SETTINGS,
          network: { share: 1, ...asked.network },
          version: "harness",
          now: asked.clock ?? (() => asked.at),
          signal: asked.signal ?? new AbortController().signal,
          onEvent: asked.onEvent ?? (() => undefined),
          ...(asked.onCall === undefined ? {} : { onCall: asked.onCall }),
          ...(asked.acceptMassChange === undefined ? {} : { acceptMassChange: asked.acceptMassChange }),
          ...(asked.onlyScopes === undefined ? {} : { onlyScopes: asked.onlyScopes }),
        },
        asked.realTime === true ? {} : { sleep, clock: elapsed },
      );
    },
    [Symbol.asyncDispose]: () => emulator.close(),
  };
}

async function sourceOf(scanner: Scanner, config: unknown, deep: readonly string[] = []): Promise<Source> {
  const result = await scanner.config["~standard"].validate(config);
  if (result.issues !== undefined)
    throw new TypeError(`the configuration does not fit: ${result.issues.map(({ message }) => message).join("; ")}`);
  return { scanner, config: result.value, deep };
}
