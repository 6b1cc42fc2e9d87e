/**
 * `npm run demo`: Acme's AWS organization on loopback, scanned by `rollcall` itself through AWS's own SDK. The folder
 * that it leaves is an ordinary one: every other command works on it.
 */
import { relative } from "node:path";
import {
  DEFAULT_SCANNER_EXTERNAL_ID,
  generateAcme,
  PARTNER_ACCOUNT,
  productionAccountIds,
  ROLES_ANYWHERE_REGIONS,
} from "../fixtures/acme/index.ts";
import type { Estate } from "../fixtures/acme/index.ts";
import { MANAGEMENT_CREDENTIALS, startAwsEmulator, startControl } from "../fixtures/emulators/aws/index.ts";
import type { AwsEmulator } from "../fixtures/emulators/aws/index.ts";
import { runRollcall } from "../src/cli/main.ts";
import { remembered, writeFolder } from "./demo/folder.ts";
import type { Remembered } from "./demo/folder.ts";
import { readOptions, USAGE } from "./demo/options.ts";
import type { DemoOptions } from "./demo/options.ts";
import { servePage, untilStopped } from "./demo/serve.ts";

/** An estate remembered for longer would only show how old it is. */
const FRESH = 12 * 3_600_000;
const PORT = 48_620;

async function demo(options: DemoOptions): Promise<number> {
  const state = chooseState(options);
  const estate = generateAcme({ seed: state.seed, now: state.now });
  const emulator = await start(estate, state.port);
  // The estate keeps its dates, and its clock shows today's time.
  emulator.clock.advance(Math.max(0, Date.now() - state.now));
  const port = Number(new URL(emulator.url).port);
  const file = writeFolder(
    options.folder,
    { ...state, port },
    {
      endpoint: emulator.url,
      account: estate.organization.managementAccount,
      role: estate.scannerRole,
      externalId: estate.scannerExternalId ?? DEFAULT_SCANNER_EXTERNAL_ID,
      partner: PARTNER_ACCOUNT,
      production: productionAccountIds(estate),
      regions: ROLES_ANYWHERE_REGIONS,
      credentials: MANAGEMENT_CREDENTIALS,
    },
  );
  say(`Acme's AWS organization listens on ${emulator.url}; its inventory and rollcall.yaml are in ${options.folder}\n`);
  try {
    const code = await runRollcall(["scan", "--config", file], process);
    await afterwards(options, emulator, file, code);
    // Acme has an account that nobody may read: a scan that says so is what the demonstration is to show.
    return code === 4 ? 0 : code;
  } finally {
    await emulator.close();
  }
}

async function afterwards(options: DemoOptions, emulator: AwsEmulator, file: string, code: number): Promise<void> {
  const config = shorter(file);
  if (!options.serve) {
    say(
      `\nIn this checkout, type npx rollcall. The estate is closed again; it stays up for repeated scans, faults and changes with\n  npm run demo -- --dir ${shorter(options.folder)} --serve`,
    );
    return;
  }
  if (code === 130 || code === 143) return;
  const control = await startControl(emulator);
  say(`\n${servePage(emulator.url, control.url, config)}`);
  await untilStopped(process);
  await control.close();
}

function chooseState(options: DemoOptions): Remembered {
  const old = remembered(options.folder);
  const now = Math.floor(Date.now() / 1_000) * 1_000;
  if (old !== undefined && old.seed === options.seed && old.now <= now && now - old.now < FRESH) return old;
  return { seed: options.seed, now, port: old?.port ?? PORT };
}

/** On the port that the folder's configuration names, if it is free. */
async function start(estate: Estate, port: number): Promise<AwsEmulator> {
  try {
    return await startAwsEmulator(estate, { port, latency: 5 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return startAwsEmulator(estate, { latency: 5 });
  }
}

/** The path as one would type it from here. */
function shorter(path: string): string {
  const short = relative(process.cwd(), path);
  return short === "" ? "." : short.startsWith("..") ? path : short;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

const options = readOptions(process.argv.slice(2), process.cwd());
if (options === "help") process.stdout.write(USAGE);
else process.exitCode = await demo(options);
