import type { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXAMPLES, compareExample } from "../../src/rules/index.ts";
import type { Rule, RuleExample } from "../../src/sdk/index.ts";
import { ExampleShelf, createPostgres } from "./support/examples.ts";

const shelf = new ExampleShelf();
let postgres: PGlite;
beforeAll(async () => {
  postgres = await createPostgres();
}, 60_000);
afterAll(async () => {
  shelf.close();
  await postgres.close();
});

async function differences(rule: Rule, examples: readonly RuleExample[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const example of examples) {
    found.push(
      ...compareExample(example, await shelf.onSqlite(rule, example)).map(
        (difference) => `${example.name}: ${difference}`,
      ),
    );
  }
  return found;
}

describe.each(EXAMPLES.map(({ rule, examples }) => [rule.id, rule, examples] as const))("%s", (_id, rule, examples) => {
  test("holds on SQLite", async () => {
    expect(await differences(rule, examples)).toEqual([]);
  });

  test("answers the same on PostgreSQL", async () => {
    for (const example of examples) {
      const [sqlite, other] = [await shelf.onSqlite(rule, example), await shelf.onPostgres(rule, example, postgres)];
      expect({ example: example.name, ...other }).toEqual({ example: example.name, ...sqlite });
    }
  });

  test("says a sentence for every failure, and why for everything unknown", async () => {
    const sentences: Record<string, readonly string[]> = {};
    for (const example of examples) {
      const { verdicts, messages, reasons } = await shelf.onSqlite(rule, example);
      const of = (verdict: string) =>
        Object.keys(verdicts)
          .filter((subject) => verdicts[subject] === verdict)
          .sort();
      expect(Object.keys(messages).sort()).toEqual(of("fail"));
      expect(Object.keys(reasons).sort()).toEqual(of("unknown"));
      for (const reason of Object.values(reasons)) {
        expect(reason).not.toMatch(/^(not known: )?$|undefined|NaN/);
        for (const hidden of example.hidden ?? []) expect(reason).toContain(hidden.reason);
      }
      const said = [...Object.values(messages), ...Object.values(reasons)].sort();
      if (said.length > 0) sentences[example.name] = said;
    }
    expect(sentences).toMatchSnapshot();
    expect(
      Object.values(sentences)
        .flat()
        .filter((sentence) => /undefined|NaN|null|\[object/.test(sentence)),
    ).toEqual([]);
  });

  test("a planted bug is caught by an example", async () => {
    const uncaught: string[] = [];
    for (const [bug, mutant] of mutants(rule)) {
      const caught = await differences(mutant, examples).catch((error: unknown) => [String(error)]);
      if (caught.length === 0) uncaught.push(bug);
    }
    expect(uncaught).toEqual([]);
  });
});

/** The rule with one mistake in it, for every kind of mistake that can be made in it. */
function mutants(rule: Rule): readonly (readonly [bug: string, mutant: Rule])[] {
  const found: [string, Rule][] = rule.needs
    .filter((need) => !(IMPLIED[rule.id] ?? []).includes(typeof need === "string" ? need : "usage"))
    .map((need) => [
      `without the need ${JSON.stringify(need)}`,
      { ...rule, needs: rule.needs.filter((other) => other !== need) },
    ]);
  found.push(["without any need", { ...rule, needs: [] }]);
  const { settled, doubt, ...bare } = rule;
  if (settled !== undefined)
    found.push(["without what settles it", { ...bare, ...(doubt === undefined ? {} : { doubt }) }]);
  if (doubt !== undefined)
    found.push(["without its doubt", { ...bare, ...(settled === undefined ? {} : { settled }) }]);
  for (const [name, param] of Object.entries(rule.params)) {
    if (param.unit === "days" && name !== "history") {
      found.push([
        `${name} a day longer`,
        { ...rule, params: { ...rule.params, [name]: { ...param, default: param.default + 1 } } },
      ]);
      found.push([
        `${name} a day shorter`,
        { ...rule, params: { ...rule.params, [name]: { ...param, default: param.default - 1 } } },
      ]);
    }
    if (param.unit === "count")
      found.push([
        `${name} one more`,
        { ...rule, params: { ...rule.params, [name]: { ...param, default: param.default + 1 } } },
      ]);
  }
  const inclusive = rule.query.replace(/(?<!<)< @now/g, "<= @now");
  if (inclusive !== rule.query) found.push(["the threshold itself counted in", { ...rule, query: inclusive }]);
  found.push(["everybody fails", { ...rule, query: `select urn as subject from ${rule.subject}` }]);
  found.push(["nobody fails", { ...rule, query: `select urn as subject from ${rule.subject} where 1 = 0` }]);
  return found;
}

/**
 * Needs that are stated for what they say, although another need, or the collection that both come from, already
 * implies them: dropping one alone shows in no small example.
 */
const IMPLIED: Readonly<Record<string, readonly string[]>> = {
  // Observations "since it was created" cover nothing where nobody knows when that was.
  "never-used-credential": ["credential.createdAt"],
};
