import * as fc from "fast-check";
import { expect, test } from "vitest";
import { matchesWildcard } from "../../src/graph/wildcard.ts";

/** Straight from the definition, exponential and obviously right. */
function oracle(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  const [first, rest] = [pattern[0], pattern.slice(1)];
  if (first === "*") return oracle(rest, text) || (text !== "" && oracle(pattern, text.slice(1)));
  return text !== "" && (first === "?" || first === text[0]) && oracle(rest, text.slice(1));
}

const letters = (...alphabet: string[]) =>
  fc.array(fc.constantFrom(...alphabet), { maxLength: 9 }).map((parts) => parts.join(""));

test("the matcher agrees with the definition on generated patterns", () => {
  fc.assert(
    fc.property(letters("a", "b", "*", "?"), letters("a", "b", "*"), (pattern, text) => {
      expect(matchesWildcard(pattern, text)).toBe(oracle(pattern, text));
    }),
    { numRuns: 3_000 },
  );
});

test("a pattern made of a text by putting wildcards in it matches the text", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), fc.array(fc.nat(40)), (text, cuts) => {
      let pattern = text.replaceAll("*", "?");
      for (const cut of cuts) pattern = `${pattern.slice(0, cut)}*${pattern.slice(cut)}`;
      expect(matchesWildcard(pattern, text)).toBe(true);
    }),
  );
});

test("a pattern that makes backtracking explode takes no time", () => {
  const began = performance.now();
  expect(matchesWildcard("*a".repeat(2_000) + "b", "a".repeat(4_000))).toBe(false);
  expect(performance.now() - began).toBeLessThan(2_000);
});

test.each([
  ["s3:get*", "s3:getobject", true],
  ["s3:get?bject", "s3:getobject", true],
  ["*", "", true],
  ["?", "", false],
  ["iam:*", "iamx:y", false],
  ["", "a", false],
])("%s against %s", (pattern, text, expected) => {
  expect(matchesWildcard(pattern, text)).toBe(expected);
});
