import { resolve } from "node:path";
import { parseArgs } from "node:util";

export interface DemoOptions {
  /** Where the inventory and its configuration are kept. */
  readonly folder: string;
  /** Keep the estate up after the scan. */
  readonly serve: boolean;
  readonly seed: number;
}

export const USAGE = `npm run demo -- [--dir DIR] [--serve] [--seed N]

  --dir DIR   where the inventory and its rollcall.yaml are kept (./acme)
  --serve     keep the estate up, for repeated scans, faults and changes
  --seed N    another company of the same kind (1)
`;

/** @throws {Error} with a sentence, for arguments that make no sense. */
export function readOptions(args: readonly string[], cwd: string): DemoOptions | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dir: { type: "string", default: "acme" },
      serve: { type: "boolean", default: false },
      seed: { type: "string", default: "1" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  if (!/^\d{1,9}$/.test(values.seed)) throw new Error(`--seed must be a whole number, not "${values.seed}"`);
  return { folder: resolve(cwd, values.dir), serve: values.serve, seed: Number(values.seed) };
}
