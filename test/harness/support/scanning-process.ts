import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DEFAULT_SCANNER_EXTERNAL_ID, PARTNER_ACCOUNT, productionAccountIds } from "../../../fixtures/acme/index.ts";
import { MANAGEMENT_CREDENTIALS } from "../../../fixtures/emulators/aws/index.ts";
import { writeFolder } from "../../../scripts/demo/folder.ts";
import { exportCanonical, openInventory } from "../../../src/inventory/index.ts";
import type { AwsBench } from "../../support/aws-bench.ts";
import { START } from "../../support/aws-bench.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const NODE = join(ROOT, "node_modules/.bin/node");
const BIN = join(ROOT, "bin/rollcall.js");
const PRELOAD = join(ROOT, "test/harness/support/kill-at-commit.ts");

/** A folder with a configuration for the built `rollcall`, and the inventory that it makes there. */
export interface Workplace extends Disposable {
  readonly folder: string;
  readonly database: string;
  /** The canonical export of what the inventory holds now. */
  canonical(): string;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function workplace({ estate, emulator }: AwsBench): Workplace {
  if (!existsSync(join(ROOT, "dist/cli/main.js")))
    throw new Error("this harness runs the built command line: npm run build");
  const folder = mkdtempSync(join(tmpdir(), "rollcall-killed-"));
  const database = join(folder, "rollcall.db");
  writeFolder(
    folder,
    { seed: estate.seed, now: estate.now, port: Number(new URL(emulator.url).port) },
    {
      endpoint: emulator.url,
      account: estate.organization.managementAccount,
      role: estate.scannerRole,
      externalId: estate.scannerExternalId ?? DEFAULT_SCANNER_EXTERNAL_ID,
      partner: PARTNER_ACCOUNT,
      production: productionAccountIds(estate),
      regions: ["eu-central-1", "us-east-1"],
      credentials: MANAGEMENT_CREDENTIALS,
    },
  );
  return {
    folder,
    database,
    canonical() {
      const inventory = openInventory({ path: database, mode: "read", now: () => START });
      try {
        return [...exportCanonical(inventory)].join("\n");
      } finally {
        inventory.close();
      }
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface Spawned {
  readonly ended: Promise<Ended>;
  kill(): void;
}

/** The built `rollcall` as a process of its own, with a clock that stands. */
export function rollcall(
  { folder }: Workplace,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Spawned {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("AWS_") && !name.startsWith("ROLLCALL_") && !name.startsWith("VITEST"),
  );
  const child = spawn(
    NODE,
    [
      "--disable-warning=ExperimentalWarning",
      "--import",
      PRELOAD,
      BIN,
      ...args,
      "--config",
      join(folder, "rollcall.yaml"),
    ],
    {
      cwd: folder,
      env: {
        ...Object.fromEntries(kept),
        HOME: folder,
        CLOCK_STANDS_AT: String(START),
        AWS_EC2_METADATA_DISABLED: "true",
        ...variables,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return {
    ended: new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
    }),
    kill: () => void child.kill("SIGKILL"),
  };
}

export function readCount(file: string): number {
  return Number(readFileSync(file, "utf8"));
}
