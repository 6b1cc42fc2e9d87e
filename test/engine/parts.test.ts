import { expect, test } from "vitest";
import { gapOfBug, gapOfProviderError, GapList } from "../../src/engine/gaps.ts";
import { knownOnly } from "../../src/engine/judge/settled.ts";
import { checkCollections } from "../../src/engine/order.ts";
import { planHash } from "../../src/engine/plan-hash.ts";
import { ProviderError } from "../../src/sdk/index.ts";
import type { Scanner } from "../../src/sdk/index.ts";
import { tinySource, withCollection } from "./support/tiny-scan.ts";

test("the same gap again is one gap with a count", () => {
  const gaps = new GapList();
  for (let time = 0; time < 3; time += 1) gaps.add({ class: "denied", operation: "a:B", reason: "no" });
  gaps.add({ class: "denied", operation: "a:C", reason: "no", count: 4 });
  gaps.add({ class: "denied", operation: "a:C", reason: "no", count: 2 });
  expect(gaps.toArray()).toEqual([
    { class: "denied", operation: "a:B", reason: "no", count: 3 },
    { class: "denied", operation: "a:C", reason: "no", count: 6 },
  ]);
});

test("a million distinct gaps stay few, and all are counted", () => {
  const gaps = new GapList();
  for (let number = 0; number < 1_000; number += 1)
    gaps.add({ class: "schema", operation: "a:B", reason: `item ${number}` });
  expect(gaps.size).toBe(51);
  expect(gaps.toArray().at(-1)).toEqual({
    class: "schema",
    operation: "a:B",
    reason: "and more of the kind",
    count: 950,
  });
});

test("a refusal says who can grant what", () => {
  const error = new ProviderError("iam:ListUsers was denied", {
    class: "denied",
    operation: "iam:ListUsers",
    code: "AccessDenied",
  });
  expect(gapOfProviderError(error, "iam:ListUsers", "payments (1111)")).toEqual({
    class: "denied",
    operation: "iam:ListUsers",
    reason: "iam:ListUsers was denied (AccessDenied)",
    remedy: "an administrator of payments (1111) can grant iam:ListUsers to the identity that Rollcall runs as",
  });
});

test("a bug's message, which may quote an answer, is not kept", () => {
  let error: unknown;
  try {
    JSON.parse('{"SecretAccessKey": CANARY}');
  } catch (caught) {
    error = caught;
  }
  const gap = gapOfBug(error);
  expect(gap.class).toBe("protocol");
  expect(gap.reason).toMatch(/^the scanner failed unexpectedly: SyntaxError/);
  expect(JSON.stringify(gap)).not.toContain("CANARY");
});

test("unknown columns read NULL in a settling condition; strings, parameters and always-known columns stay", () => {
  expect(
    knownOnly("enabled = 0 and kind <> 'enabled' and v.enabled = 1 or expires_at < @expires_at", "credential"),
  ).toBe(
    "(case when enabled_known = 1 then enabled end) = 0 and kind <> 'enabled' and v.enabled = 1 or (case when expires_at_known = 1 then expires_at end) < @expires_at",
  );
});

test("the plan's hash follows what is scanned, not how it is written down", () => {
  const source = tinySource("http://127.0.0.1:1");
  const hash = (change: object) => planHash({ sources: [source], version: "1", ...change });
  const reordered = { ...source, config: { skip: [], url: "http://127.0.0.1:1" } };
  expect(hash({ sources: [reordered] })).toBe(hash({}));
  const others = [
    hash({}),
    hash({ version: "2" }),
    hash({ onlyScopes: ["a1"] }),
    hash({ sources: [tinySource("http://127.0.0.1:2")] }),
    hash({ sources: [tinySource("http://127.0.0.1:1", {}, ["notes"])] }),
  ];
  expect(new Set(others).size).toBe(others.length);
});

test("a scanner whose collections contradict themselves is refused", () => {
  const check = (change: Partial<Scanner>) => () => checkCollections(tinySource("http://127.0.0.1:1", change).scanner);
  expect(check({})).not.toThrow();
  expect(check(withCollection("robots", { after: ["keys"] }))).toThrow("wait for each other: robots → keys → robots");
  expect(check(withCollection("keys", { after: ["robotz"] }))).toThrow("keys runs after robotz, which does not exist");
  expect(check(withCollection("keys", { id: "robots" }))).toThrow("declares the collection robots twice");
});
