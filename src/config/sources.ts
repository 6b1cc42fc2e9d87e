import type { Source } from "../engine/contract.ts";
import type { Scanner, StandardIssue } from "../sdk/index.ts";
import { UserError } from "../sdk/index.ts";
import type { Config, SourceSetting } from "./contract.ts";
import type { Surroundings } from "./load.ts";
import { didYouMean } from "./nearest.ts";
import type { Problem } from "./problems.ts";
import { configurationError } from "./problems.ts";
import { describe, unknownKey } from "./schema.ts";

/** The scanners that there are: each is loaded only when a source asks for it. */
export type ScannerCatalog = Readonly<Record<string, () => Promise<Scanner>>>;

/**
 * The sources that a command works on, each judged by its scanner's own schema.
 *
 * @param names the sources asked for; all if empty.
 * @throws {UserError} exit 2: a name that is not there, an unknown scanner, and every problem of every block at once.
 */
export async function resolveSources(
  config: Config,
  catalog: ScannerCatalog,
  names: readonly string[],
  around: Surroundings,
): Promise<readonly Source[]> {
  const { sources, problems } = await judgeSources(config, catalog, names);
  if (problems.length > 0) throw configurationError(config.file ?? "rollcall.yaml", problems, around.cwd);
  return sources;
}

/**
 * As {@link resolveSources}, with the problems beside the sources that have none.
 *
 * @throws {UserError} exit 2: a name that is not there.
 */
export async function judgeSources(
  config: Config,
  catalog: ScannerCatalog,
  names: readonly string[],
): Promise<{ readonly sources: readonly Source[]; readonly problems: readonly Problem[] }> {
  const problems: Problem[] = [];
  const sources: Source[] = [];
  const seen = new Set<string>();
  for (const setting of select(config, names)) {
    if (seen.has(setting.scanner)) {
      problems.push({
        place: config.locate(setting.path),
        message: `${describe(setting.path)}: another source uses the scanner "${setting.scanner}"; give it one source with all its settings`,
      });
      continue;
    }
    seen.add(setting.scanner);
    const load = Object.hasOwn(catalog, setting.scanner) ? catalog[setting.scanner] : undefined;
    if (load === undefined) {
      const known = Object.keys(catalog);
      const hint = didYouMean(setting.scanner, known) || `; there is ${known.join(", ")}`;
      problems.push({
        place: config.locate([...setting.path, "scanner"]),
        message: `${describe(setting.path)}: unknown scanner "${setting.scanner}"${hint}`,
      });
      continue;
    }
    const scanner = await load();
    problems.push(...unknownCollections(config, setting, scanner));
    const result = await scanner.config["~standard"].validate(setting.settings);
    if (result.issues === undefined) {
      sources.push({ scanner, config: result.value, deep: setting.deep });
    } else {
      problems.push(...result.issues.flatMap((issue) => issueProblems(config, setting, scanner, issue)));
    }
  }
  return { sources, problems };
}

function select(config: Config, names: readonly string[]): readonly SourceSetting[] {
  if (config.sources.length === 0) {
    throw new UserError(
      config.file === undefined
        ? "There is no configuration here, so nothing to scan"
        : "The configuration names no sources",
      {
        next:
          config.file === undefined
            ? "rollcall init"
            : "add a block under `sources:`; `rollcall init` shows one for this machine",
      },
    );
  }
  const known = config.sources.map((source) => source.scanner);
  const strange = names.find((name) => !known.includes(name));
  if (strange !== undefined) {
    throw new UserError(
      `No source is called "${strange}"${didYouMean(strange, known) || `; there is ${known.join(", ")}`}`,
    );
  }
  return names.length === 0 ? config.sources : config.sources.filter((source) => names.includes(source.scanner));
}

function unknownCollections(config: Config, setting: SourceSetting, scanner: Scanner): readonly Problem[] {
  const optional = scanner.collections
    .filter((collection) => collection.optIn !== undefined)
    .map((collection) => collection.id);
  return setting.deep.flatMap((id, index) => {
    if (optional.includes(id)) return [];
    const path = [...setting.path, "deep", index];
    const hint = didYouMean(id, optional) || (optional.length === 0 ? "" : `; there is ${optional.join(", ")}`);
    return [
      {
        place: config.locate(path),
        message: `${describe(path)}: ${scanner.id} has no opt-in collection "${id}"${hint}`,
      },
    ];
  });
}

function issueProblems(
  config: Config,
  setting: SourceSetting,
  scanner: Scanner,
  issue: StandardIssue,
): readonly Problem[] {
  const inner = (issue.path ?? []).map((step) => (typeof step === "object" ? step.key : step));
  const path = [...setting.path, ...inner];
  const { code, keys } = issue as { readonly code?: unknown; readonly keys?: unknown };
  if (code === "unrecognized_keys" && Array.isArray(keys)) {
    const known = [
      ...(inner.length === 0 ? ["scanner", "deep", "environment"] : []),
      ...schemaKeys(scanner.config, inner),
    ];
    return keys.map((key) => unknownKey(config, path, String(key), known));
  }
  return [{ place: config.locate(path), message: `${describe(path)}: ${issue.message}` }];
}

/** The keys that a schema knows at a path, for "did you mean": read from zod's shape, nothing for other validators. */
function schemaKeys(schema: unknown, path: readonly PropertyKey[]): readonly string[] {
  const node = path.reduce<unknown>((current, step) => child(unwrap(current), step), schema);
  const shape = property(unwrap(node), "shape");
  return typeof shape === "object" && shape !== null ? Object.keys(shape) : [];
}

function child(schema: unknown, step: PropertyKey): unknown {
  const shape = property(schema, "shape");
  // The step comes from the file, where a key may be called `constructor`.
  const named =
    typeof shape === "object" && shape !== null && Object.hasOwn(shape, step) ? property(shape, step) : undefined;
  return named ?? property(definition(schema), "element") ?? property(definition(schema), "valueType");
}

/** Optional, default, prefault, pipe and their like stand around the schema that has the keys. */
function unwrap(schema: unknown): unknown {
  let current = schema;
  for (let depth = 0; depth < 10; depth += 1) {
    const inner = property(definition(current), "innerType") ?? property(definition(current), "in");
    if (inner === undefined) return current;
    current = inner;
  }
  return current;
}

function definition(schema: unknown): unknown {
  return property(property(schema, "_zod"), "def");
}

function property(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? (Reflect.get(value, key) as unknown) : undefined;
}
