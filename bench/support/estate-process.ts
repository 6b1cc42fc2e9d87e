import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { generateAcme, type AcmeSize } from "../../fixtures/acme/index.ts";
import { MANAGEMENT_CREDENTIALS, startAwsEmulator } from "../../fixtures/emulators/aws/index.ts";
import { NOW } from "./synthetic.ts";

/** The Acme estate at any size, served by a process of its own so that the server's work is not the client's. */
export interface EstateProcess {
  readonly url: string;
  /** Requests by operation since the last question. */
  take(): Promise<Readonly<Record<string, number>>>;
  close(): void;
}

export const ESTATE_CREDENTIALS = MANAGEMENT_CREDENTIALS;

export async function startEstate(size: Partial<AcmeSize>): Promise<EstateProcess> {
  const child = fork(fileURLToPath(import.meta.url), ["serve", JSON.stringify(size)], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const message = <T>() =>
    new Promise<T>((resolve, reject) => {
      child.once("message", (value) => resolve(value as T));
      child.once("exit", (code) => reject(new Error(`the estate's process ended with ${code}`)));
    });
  const { url } = await message<{ readonly url: string }>();
  return {
    url,
    take: () => {
      child.send("take");
      return message();
    },
    close: () => child.kill(),
  };
}

async function serve(size: Partial<AcmeSize>): Promise<void> {
  const emulator = await startAwsEmulator(generateAcme({ seed: 7, now: NOW, size, scannerExternalId: null }), {
    clockRuns: false,
    logLimit: 10,
  });
  process.send?.({ url: emulator.url });
  process.on("message", () => {
    process.send?.(emulator.log.counts);
    emulator.log.clear();
  });
}

if (process.argv[2] === "serve" && process.argv[1] === fileURLToPath(import.meta.url)) {
  await serve(JSON.parse(process.argv[3] ?? "{}") as Partial<AcmeSize>);
}
