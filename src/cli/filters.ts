import type { Params, Reader } from "../inventory/contract.ts";
import { UserError } from "../sdk/index.ts";
import { didYouMean } from "../config/nearest.ts";
import { shortUrn } from "./format/values.ts";

/** The condition of a list, with every value bound. */
export interface Where {
  /** `where …`, or empty. */
  readonly sql: string;
  readonly params: Params;
}

type Value = string | number | null;

/** Builds a condition piece by piece; a filter that was not given adds nothing. */
export class Filter {
  readonly #conditions: string[] = [];
  readonly #params: Record<string, Value> = {};
  #count = 0;

  /** The column is one of the values. */
  oneOf(column: string, values: readonly string[] | undefined): this {
    if (values === undefined || values.length === 0) return this;
    this.#conditions.push(`${column} in (${values.map((value) => this.#bind(value)).join(", ")})`);
    return this;
  }

  /** A condition of one's own; `$` stands for each value in turn. */
  when(sql: string | undefined, ...values: readonly Value[]): this {
    if (sql === undefined) return this;
    let index = 0;
    this.#conditions.push(`(${sql.replaceAll("$", () => this.#bind(values[index++] ?? null))})`);
    return this;
  }

  build(): Where {
    return {
      sql: this.#conditions.length === 0 ? "" : `where ${this.#conditions.join(" and ")}`,
      params: this.#params,
    };
  }

  #bind(value: Value): string {
    const name = `p${this.#count}`;
    this.#count += 1;
    this.#params[name] = value;
    return `@${name}`;
  }
}

/**
 * The URNs of the scopes that a person means by a URN, an alias (an account's number) or a name.
 *
 * @throws {UserError} exit 2 where a word means no scope.
 */
export function scopeUrns(reader: Reader, words: readonly string[] | undefined): readonly string[] | undefined {
  if (words === undefined || words.length === 0) return undefined;
  const names = scopeNames(reader);
  return words.flatMap((word) => {
    const found = names.get(word);
    if (found === undefined)
      throw new UserError(`No scope is called "${word}"${didYouMean(word, names.keys())}`, {
        next: "rollcall coverage",
      });
    return [...found];
  });
}

/**
 * What `--allow-partial` means to the engine: every word as it stands, and the URNs of the scopes that bear it as a name.
 * A listing of scopes may be accepted like a scope.
 *
 * @throws {UserError} exit 2 for a word that means no scope, where the inventory knows scopes; `undefined` where it
 * knows none yet, so that nothing can be said.
 */
export function acceptedScopes(reader: Reader, words: readonly string[]): readonly string[] | undefined {
  const names = scopeNames(reader);
  if (names.size === 0) return undefined;
  for (const row of reader.select("select distinct scope from coverage")) {
    const urn = String(row["scope"]);
    for (const word of [urn, shortUrn(urn)]) names.set(word, (names.get(word) ?? new Set()).add(urn));
  }
  return words.flatMap((word) => {
    if (word === "*") return [word];
    const found = names.get(word);
    if (found === undefined)
      throw new UserError(`--allow-partial: no scope is called "${word}"${didYouMean(word, names.keys())}`, {
        next: "rollcall coverage",
      });
    return [word, ...found];
  });
}

/** The URNs of every scope by each of its names: URN, name, native id, aliases. */
function scopeNames(reader: Reader): Map<string, Set<string>> {
  const scopes = reader.select("select urn, name from scope order by urn");
  const aliases = reader.select("select s.urn, a.alias from scope s join alias a on a.subject = s.urn order by s.urn");
  const names = new Map<string, Set<string>>();
  const add = (word: unknown, urn: unknown): void => {
    if (typeof word !== "string" || typeof urn !== "string") return;
    names.set(word, (names.get(word) ?? new Set()).add(urn));
  };
  for (const { urn, name } of scopes) {
    add(urn, urn);
    add(name, urn);
    add(typeof urn === "string" ? shortUrn(urn) : undefined, urn);
  }
  for (const { urn, alias } of aliases) add(alias, urn);
  return names;
}
