import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { UserError } from "../sdk/index.ts";
import type { Config, ConfigFlags, Environment, NetworkSettings, RuleOverride, SourceSetting } from "./contract.ts";
import type { Problem } from "./problems.ts";

/** Where the process stands. */
export interface Surroundings {
  readonly cwd: string;
  readonly environment: Environment;
}

const DEFAULT_FILE = "rollcall.yaml";
const DEFAULT_DATABASE = "rollcall.db";

/**
 * The whole configuration, frozen. YAML and the schema are loaded only where there is a file to read.
 *
 * @throws {UserError} exit 2, with every problem of the file at once.
 */
export async function loadConfig(flags: ConfigFlags, around: Surroundings): Promise<Config> {
  const { config, problems } = await readConfig(flags, around);
  if (problems.length === 0 || config.file === undefined) return config;
  const { configurationError } = await import("./problems.ts");
  throw configurationError(config.file, problems, around.cwd);
}

/** As {@link loadConfig}, with the problems beside what is left without them: for commands that look for more of them. */
export async function readConfig(
  flags: ConfigFlags,
  around: Surroundings,
): Promise<{ readonly config: Config; readonly problems: readonly Problem[] }> {
  const file = configFile(flags, around);
  const content = file === undefined ? undefined : await readFile(file, around);
  const folder = file === undefined ? around.cwd : dirname(file);
  const inFile = (path: string): string => resolve(folder, path);

  const fromFlags = flags.db ?? nonEmpty(around.environment["ROLLCALL_DB"]);
  const config = Object.freeze({
    file,
    database:
      fromFlags === undefined ? inFile(content?.value.database ?? DEFAULT_DATABASE) : resolve(around.cwd, fromFlags),
    sources: Object.freeze(
      (content?.value.sources ?? []).map((block, index) =>
        sourceSetting(block, content?.sourceIndexes[index] ?? index, folder),
      ),
    ),
    network: network(flags, around, content?.value.network, inFile),
    rules: Object.freeze(ruleOverrides(content?.value.rules ?? {})),
    ruleFolders: Object.freeze((content?.value.ruleFolders ?? []).map(inFile)),
    locate: content?.locate ?? (() => undefined),
  });
  return { config, problems: content?.problems ?? [] };
}

/**
 * The inventory's path alone: with `--db` or `ROLLCALL_DB` no file is read at all, so that a look at the inventory
 * starts fast and works without its configuration.
 */
export async function databasePath(flags: ConfigFlags, around: Surroundings): Promise<string> {
  const given = flags.db ?? nonEmpty(around.environment["ROLLCALL_DB"]);
  if (given !== undefined) return resolve(around.cwd, given);
  return (await loadConfig(flags, around)).database;
}

/** The file that will be read: named by flag or environment, or `rollcall.yaml` here if there is one. */
export function configFile(flags: ConfigFlags, around: Surroundings): string | undefined {
  const named = flags.config ?? nonEmpty(around.environment["ROLLCALL_CONFIG"]);
  if (named !== undefined) return resolve(around.cwd, named);
  const usual = resolve(around.cwd, DEFAULT_FILE);
  return existsSync(usual) ? usual : undefined;
}

async function readFile(file: string, around: Surroundings) {
  const [{ readDocument }, { checkFile }] = await Promise.all([import("./document.ts"), import("./schema.ts")]);
  const document = readDocument(file, around.cwd);
  const checked = document.value === undefined ? { value: {}, sourceIndexes: [], problems: [] } : checkFile(document);
  return { ...checked, problems: [...document.problems, ...checked.problems], locate: document.locate };
}

interface SourceBlock {
  readonly scanner: string;
  readonly deep?: readonly string[] | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

function sourceSetting(block: SourceBlock, index: number, folder: string): SourceSetting {
  const { scanner, deep, environment, ...settings } = block;
  return Object.freeze({
    scanner,
    deep: Object.freeze(deep ?? []),
    environment: Object.freeze(relativeToFile(environment ?? {}, folder) as Record<string, string>),
    settings: Object.freeze(relativeToFile(settings, folder) as Record<string, unknown>),
    path: ["sources", index],
  });
}

/** A path in a source's block that begins with `./` or `../` starts at the configuration file, wherever the command runs. */
function relativeToFile(value: unknown, folder: string): unknown {
  if (typeof value === "string") return /^\.\.?\//.test(value) ? resolve(folder, value) : value;
  if (Array.isArray(value)) return value.map((item) => relativeToFile(item, folder));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, relativeToFile(item, folder)]));
}

interface NetworkBlock {
  readonly proxy?: string | undefined;
  readonly noProxy?: readonly string[] | undefined;
  readonly ca?: string | readonly string[] | undefined;
  readonly share?: number | undefined;
  readonly deadline?: number | undefined;
}

function network(
  flags: ConfigFlags,
  around: Surroundings,
  block: NetworkBlock | undefined,
  inFile: (path: string) => string,
): NetworkSettings {
  const here = (path: string): string => resolve(around.cwd, path);
  const environment = (name: string) =>
    nonEmpty(around.environment[name]) ?? nonEmpty(around.environment[name.toLowerCase()]);
  const proxy = flags.proxy ?? environment("HTTPS_PROXY") ?? block?.proxy;
  checkProxy(proxy);
  const extra = nonEmpty(around.environment["NODE_EXTRA_CA_CERTS"]);
  const named = flags.ca !== undefined ? [here(flags.ca)] : [block?.ca ?? []].flat().map(inFile);
  return Object.freeze({
    proxy,
    noProxy: Object.freeze(
      environment("NO_PROXY")
        ?.split(",")
        .map((item) => item.trim())
        .filter(Boolean) ??
        block?.noProxy ??
        [],
    ),
    caFiles: Object.freeze(extra === undefined ? named : [...named, here(extra)]),
    share: block?.share,
    deadline: block?.deadline,
  });
}

function checkProxy(proxy: string | undefined): void {
  if (proxy === undefined || proxy === "") return;
  const parsed = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (parsed === undefined || !["http:", "https:"].includes(parsed.protocol)) {
    throw new UserError("The proxy must be an address that begins with http:// or https:// (it is not shown here)", {
      next: "rollcall scan --proxy http://proxy.example.com:3128",
    });
  }
}

function ruleOverrides(blocks: Readonly<Record<string, object>>): Record<string, RuleOverride> {
  const entries = Object.entries(blocks).map(([id, block]): [string, RuleOverride] => {
    const { enabled, severity, ...params } = block as {
      readonly enabled?: boolean;
      readonly severity?: RuleOverride["severity"];
    };
    return [id, Object.freeze({ enabled, severity, params: Object.freeze(params as Record<string, number>) })];
  });
  return Object.fromEntries(entries);
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === "" ? undefined : value;
}
