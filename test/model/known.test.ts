import { describe, expect, it } from "vitest";
import { isUnknown, type Known, unknown, valueOf } from "../../src/model/index.ts";

describe("a fact's three states", () => {
  it("are told apart", () => {
    const facts: readonly Known<boolean>[] = [true, false, null, unknown("iam:ListUsers was denied")];
    expect(facts.map(isUnknown)).toEqual([false, false, false, true]);
    expect(facts.map((fact) => valueOf(fact))).toEqual([true, false, undefined, undefined]);
  });

  it("carry the reason of not knowing", () => {
    expect(unknown("the report was not ready")).toEqual({ unknown: "the report was not ready" });
  });

  it("do not take another value for unknown", () => {
    for (const value of [undefined, 0, "", "unknown", [], {}, { unknown: true }, { unknown: undefined }])
      expect(isUnknown(value)).toBe(false);
    expect([valueOf(0), valueOf(""), valueOf(undefined)]).toEqual([0, "", undefined]);
  });
});
