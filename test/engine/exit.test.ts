import { expect, test } from "vitest";
import { chooseExit, exitOfSignal } from "../../src/engine/index.ts";
import type { ExitCode } from "../../src/sdk/index.ts";

const chosen = (...codes: readonly ExitCode[]) =>
  chooseExit(
    codes.map((code) => ({ code, reason: `reason ${code}` })),
    "clean",
  ).code;

test("precedence 2 > 7 > 6 > 1 > 5 > 4 > 3 > 8 > 0, in any order of arrival", () => {
  const table: readonly (readonly [readonly ExitCode[], ExitCode])[] = [
    [[], 0],
    [[8], 8],
    [[8, 3], 3],
    [[3], 3],
    [[4, 8], 4],
    [[4, 3], 5],
    [[3, 4, 8], 5],
    [[4, 1], 1],
    [[4, 3, 1], 1],
    [[1, 6, 4], 6],
    [[6, 7], 7],
    [[7, 2, 6, 1, 4, 3, 8], 2],
    [[4, 130], 130],
    [[75, 1], 75],
  ];
  for (const [codes, expected] of table) {
    expect(chosen(...codes), String(codes)).toBe(expected);
    expect(chosen(...codes.toReversed()), String(codes.toReversed())).toBe(expected);
  }
});

test("partial and gate together say both", () => {
  const exit = chooseExit(
    [
      { code: 3, reason: "2 open findings are high or worse" },
      { code: 4, reason: "1 of 2 scopes is incomplete" },
    ],
    "clean",
  );
  expect(exit).toEqual({ code: 5, reason: "1 of 2 scopes is incomplete; and 2 open findings are high or worse" });
});

test("a signal decides the code of a stop", () => {
  expect(
    ["SIGINT", "SIGTERM", "SIGHUP", undefined, { signal: "SIGTERM" }, new Error("x")].map(
      (reason) => exitOfSignal(reason).code,
    ),
  ).toEqual([130, 143, 129, 130, 143, 130]);
});
