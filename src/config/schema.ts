import * as z from "zod/mini";
import { SEVERITIES } from "../sdk/index.ts";
import { didYouMean } from "./nearest.ts";
import type { Problem } from "./problems.ts";
import { pathText } from "./problems.ts";
import type { ConfigDocument } from "./document.ts";

const text = z.string().check(z.minLength(1));
const file = z.string().check(z.minLength(1), z.maxLength(4096));

const RuleBlock = z.catchall(
  z.object({ enabled: z.optional(z.boolean()), severity: z.optional(z.enum(SEVERITIES)) }),
  z.number(),
);

/**
 * What a source may set for its provider's credential chain. Nothing that changes Node itself, the loader or the
 * network: those have settings of their own.
 */
const Variable = z
  .string()
  .check(
    z.regex(
      /^(?!NODE_|LD_|DYLD_|PATH$|.*_PROXY$)[A-Z][A-Z0-9_]{1,63}$/,
      "must be a variable of the provider's own, such as AWS_CONFIG_FILE",
    ),
  );

/** A source's block: these three are ours, and the scanner's own schema judges everything else in it. */
const SourceBlock = z.looseObject({
  scanner: text,
  deep: z.optional(z.array(text)),
  environment: z.optional(z.record(Variable, text)),
});

const NetworkBlock = z.strictObject({
  proxy: z.optional(text),
  noProxy: z.optional(z.array(text)),
  ca: z.optional(z.union([file, z.array(file)])),
  share: z.optional(
    z.number().check(z.gt(0, "must be above 0 and at most 1"), z.lte(1, "must be above 0 and at most 1")),
  ),
  deadline: z.optional(z.number().check(z.gte(1, "must be 1 to 600 seconds"), z.lte(600, "must be 1 to 600 seconds"))),
});

const ConfigFile = z.strictObject({
  database: z.optional(file),
  sources: z.optional(z.array(SourceBlock)),
  network: z.optional(NetworkBlock),
  rules: z.optional(z.record(z.string(), RuleBlock)),
  ruleFolders: z.optional(z.array(file)),
});
type ConfigFile = z.infer<typeof ConfigFile>;

const KEYS: Readonly<Record<string, readonly string[]>> = {
  "": Object.keys(ConfigFile.shape),
  network: Object.keys(NetworkBlock.shape),
};

export interface CheckedFile {
  /** Without the parts that are wrong, so that the rest can be judged as well and everything be told at once. */
  readonly value: ConfigFile;
  /** Where each of `value.sources` stands in the file. */
  readonly sourceIndexes: readonly number[];
  readonly problems: readonly Problem[];
}

/** The file's content checked against the schema: what is right, and every problem with its place. */
export function checkFile(document: ConfigDocument): CheckedFile {
  const raw = document.value ?? {};
  const result = ConfigFile.safeParse(raw, { error: say });
  if (result.success)
    return {
      value: result.data,
      sourceIndexes: (result.data.sources ?? []).map((_source, index) => index),
      problems: [],
    };
  const { issues } = result.error;
  const problems = issues.flatMap((issue): readonly Problem[] => {
    const path = issue.path;
    if (issue.code !== "unrecognized_keys") {
      return [{ place: document.locate(path), message: `${describe(path)}: ${issue.message}` }];
    }
    return issue.keys.map((key) => unknownKey(document, path, key, KEYS[path.join(".")] ?? []));
  });
  return { ...withoutWrong(raw, issues), problems };
}

/** What is left when every section, and every source, that has a problem is taken out. */
function withoutWrong(
  raw: unknown,
  issues: readonly { readonly path: readonly PropertyKey[] }[],
): Pick<CheckedFile, "value" | "sourceIndexes"> {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return { value: {}, sourceIndexes: [] };
  const wrong = (section: string): boolean =>
    issues.some(({ path }) => path[0] === section && (section !== "sources" || path.length === 1));
  const kept = Object.entries(raw).filter(([key]) => Object.hasOwn(ConfigFile.shape, key) && !wrong(key));
  const value = Object.fromEntries(kept) as { readonly sources?: readonly unknown[] };
  const sourceIndexes = (value.sources ?? []).flatMap((_source, index) =>
    issues.some(({ path }) => path[0] === "sources" && path[1] === index) ? [] : [index],
  );
  const sources = sourceIndexes.map((index) => value.sources?.[index]);
  return { value: { ...value, sources } as ConfigFile, sourceIndexes };
}

const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a block of keys",
  record: "a block of keys",
};

/** What a value must be. Never what it is: it may be a secret in the wrong place. */
function say(issue: {
  readonly code?: string;
  readonly expected?: unknown;
  readonly values?: readonly unknown[];
}): string {
  if (issue.code === "invalid_type") return `must be ${TYPES[String(issue.expected)] ?? String(issue.expected)}`;
  if (issue.code === "invalid_value") return `must be one of ${(issue.values ?? []).join(", ")}`;
  if (issue.code === "invalid_key") return "must be a variable of the provider's own, such as AWS_CONFIG_FILE";
  if (issue.code === "invalid_union") return "must be a path or a list of paths";
  return issue.code === "too_small" ? "must not be empty" : "is not valid here";
}

export function unknownKey(
  document: Pick<ConfigDocument, "locate">,
  path: readonly PropertyKey[],
  key: string,
  known: readonly string[],
): Problem {
  const suggestion = didYouMean(key, known);
  const list = suggestion === "" && known.length > 0 ? `; known here: ${known.join(", ")}` : suggestion;
  return { place: document.locate([...path, key]), message: `${describe(path)}: unknown key "${key}"${list}` };
}

export function describe(path: readonly PropertyKey[]): string {
  return path.length === 0 ? "at the top" : pathText(path);
}
