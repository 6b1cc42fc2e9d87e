import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { isAlias, isMap, isNode, isPair, isScalar, LineCounter, parseDocument, visit } from "yaml";
import type { Document, Node, Scalar } from "yaml";
import { UserError } from "../sdk/index.ts";
import type { Place } from "./contract.ts";
import type { Problem } from "./problems.ts";
import { shortName } from "./problems.ts";
import { looksSecret } from "./secrets.ts";

/** A configuration file: at most this many bytes; a real one has a few thousand. */
const LARGEST = 256 * 1024;

export interface ConfigDocument {
  /** Plain data, or `undefined` where the text is not one YAML document. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Where the key (or list item) at the path stands. */
  readonly locate: (path: readonly PropertyKey[]) => Place | undefined;
}

const KEYLESS =
  "name a profile or a role instead of a key; the provider's own credential chain finds the rest (`rollcall init` writes an example)";

/**
 * Reads YAML as data and nothing more: the core schema, no aliases, no merge keys, no tags of its own, one document.
 *
 * @throws {UserError} exit 2 where the file cannot be read or is too large.
 */
export function readDocument(file: string, cwd: string): ConfigDocument {
  const lines = new LineCounter();
  const document = parseDocument(readText(file, cwd), {
    lineCounter: lines,
    prettyErrors: false,
    schema: "core",
    merge: false,
    strict: true,
    uniqueKeys: true,
  });
  const place = (offset: number | undefined): Place | undefined => {
    if (offset === undefined) return undefined;
    const { line, col } = lines.linePos(offset);
    return line === 0 ? undefined : { line, column: col };
  };

  const problems: Problem[] = [];
  for (const error of document.errors)
    problems.push({ place: place(error.pos[0]), message: withoutSource(error.message) });
  for (const warning of document.warnings) {
    problems.push({ place: place(warning.pos[0]), message: `not plain YAML (${warning.code})` });
  }
  problems.push(...strangeNodes(document, place));
  return {
    value: problems.some((problem) => problem.next === undefined) ? undefined : document.toJS({ maxAliasCount: 0 }),
    problems,
    locate: (path) => place(offsetOf(document, path)),
  };
}

function readText(file: string, cwd: string): string {
  const name = shortName(file, cwd);
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new UserError(
      missing ? `There is no configuration file ${name}` : `Cannot read the configuration file ${name}`,
      {
        next: missing ? "rollcall init" : `ls -l ${name}`,
        cause: error,
      },
    );
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new UserError(`${name} is not a file`, { next: "rollcall init" });
    if (stat.size > LARGEST)
      throw new UserError(`${name} has ${stat.size} bytes; a configuration has at most ${LARGEST}`);
    return readFileSync(descriptor, "utf8");
  } finally {
    closeSync(descriptor);
  }
}

/** The parser's messages quote the offending text after a colon, and that text may be a secret. */
function withoutSource(message: string): string {
  return message.replace(/:\s.*$/s, "").replace(/["'`][^"'`]*["'`]/g, "…");
}

function strangeNodes(
  document: Document,
  place: (offset: number | undefined) => Place | undefined,
): readonly Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Alias: (_key, node) => {
      problems.push({
        place: place(node.range?.[0]),
        message: "aliases (*name) are not supported; write the value out",
      });
    },
    Pair: (_key, pair) => {
      const key = isScalar(pair.key) ? pair.key : undefined;
      if (key === undefined || isAlias(pair.key)) {
        problems.push({
          place: place(isNode(pair.key) ? pair.key.range?.[0] : undefined),
          message: "keys must be plain text",
        });
        return;
      }
      if (key.value === "<<") {
        problems.push({
          place: place(key.range?.[0]),
          message: "merge keys (<<) are not supported; write the keys out",
        });
      }
      const value = isScalar(pair.value) ? pair.value : undefined;
      if (value !== undefined && looksSecret(String(key.value), value.value)) problems.push(secretAt(value));
    },
    Scalar: (key, node) => {
      // A pair's value was judged with its key above.
      if (key !== "value" && looksSecret("", node.value)) problems.push(secretAt(node));
    },
  });
  return problems;

  function secretAt(node: Scalar): Problem {
    return {
      place: place(node.range?.[0]),
      message: "a secret does not belong in this file (its value is not shown here)",
      next: KEYLESS,
    };
  }
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined = isNode(node) ? node.range?.[0] : undefined;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (pair === undefined || !isPair(pair)) return offset;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else {
      const item: unknown = (node as { readonly items?: readonly unknown[] } | null)?.items?.[Number(step)];
      if (item === undefined) return offset;
      offset = isNode(item) ? (item.range?.[0] ?? offset) : offset;
      node = item;
    }
  }
  return offset;
}
