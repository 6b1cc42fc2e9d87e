import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { isUserError, UserError } from "../sdk/index.ts";
import type { Rule, RuleExamples } from "../sdk/index.ts";
import { provideSdk } from "./provide-sdk.ts";

/** A rule of the user's own, with the file that it came from. */
export interface FolderRule {
  readonly file: string;
  readonly rule: Rule;
  /** From the sibling `<name>.examples.*`; `undefined` where there is none. */
  readonly examples: RuleExamples | undefined;
}

const RULE_FILE = /\.(?:ts|mts|js|mjs)$/;
const NOT_A_RULE = /\.(?:examples|test|d)\.(?:ts|mts|js|mjs)$/;

/**
 * The built-in rules and those of the folders, in this order. A rule file is code of the user's own and runs with the
 * user's rights: only folders that the configuration names are ever read.
 *
 * @throws {UserError} exit 2 for a folder or file that cannot be loaded, and for an id that is taken.
 */
export async function loadRules(folders: readonly string[]): Promise<readonly Rule[]> {
  const { RULES } = await import("../rules/index.ts");
  const owner = new Map(RULES.map((rule): [string, string] => [rule.id, "a built-in rule"]));
  const found: Rule[] = [...RULES];
  for (const folder of folders) {
    for (const { rule, file } of await loadRuleFolder(folder)) {
      const taken = owner.get(rule.id);
      if (taken !== undefined) throw new UserError(`${file}: the id "${rule.id}" belongs to ${taken}; choose another`);
      owner.set(rule.id, file);
      found.push(rule);
    }
  }
  return found;
}

/**
 * Loads every rule file of one folder (not of folders in it), by name.
 *
 * @throws {UserError} exit 2.
 */
export async function loadRuleFolder(folder: string): Promise<readonly FolderRule[]> {
  const names = ruleFiles(folder);
  provideSdk();
  const loaded: FolderRule[] = [];
  for (const name of names) {
    const file = join(folder, name);
    const rule = (await load(file)) as Rule | undefined;
    if (typeof rule !== "object" || rule === null || typeof rule.id !== "string") {
      throw new UserError(
        `${file} does not export a rule: it needs \`export default defineRule({ … })\` from "rollcall/sdk"`,
        { next: "rollcall rules show unused-identity --json" },
      );
    }
    loaded.push({ file, rule, examples: await loadExamples(folder, name) });
  }
  return loaded;
}

function ruleFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && RULE_FILE.test(entry.name) && !NOT_A_RULE.test(entry.name))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    throw new UserError(`Cannot read the folder of rules ${folder}`, {
      next: "mend `ruleFolders` in rollcall.yaml",
      cause: error,
    });
  }
}

async function loadExamples(folder: string, name: string): Promise<RuleExamples | undefined> {
  const stem = basename(name).replace(RULE_FILE, "");
  const sibling = readdirSync(folder).find((entry) => entry.startsWith(`${stem}.examples.`) && RULE_FILE.test(entry));
  return sibling === undefined ? undefined : ((await load(join(folder, sibling))) as RuleExamples | undefined);
}

async function load(file: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
    return module.default;
  } catch (error) {
    if (isUserError(error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const untyped = code === "ERR_UNKNOWN_FILE_EXTENSION";
    throw new UserError(
      untyped
        ? `${file}: this Node (${process.versions.node}) cannot read TypeScript`
        : `${file} cannot be loaded: ${error instanceof Error ? error.message : "it threw something that is no error"}`,
      {
        next: untyped ? "write the rule as .mjs, or use Node 22.18 or newer" : "rollcall rules test",
        cause: error,
      },
    );
  }
}
