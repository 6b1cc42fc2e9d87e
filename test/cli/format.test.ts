import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytes, count, counted, duration } from "../../src/cli/format/quantity.ts";
import { table } from "../../src/cli/format/table.ts";
import { cellText, jsonValue, shortDate, shortInstant, shortUrn } from "../../src/cli/format/values.ts";
import { fit, pad, padLeft, textWidth } from "../../src/cli/format/width.ts";

/** Strings as a stranger would choose them: controls, escapes, bidi overrides, wide and combining characters. */
const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      "\u001b[2J",
      "\u001b]0;x\u0007",
      "\r",
      "\n",
      "\t",
      "\b",
      "\u202e",
      "\u200b",
      "\u2028",
      "\ud800",
      "漢",
      "é",
      "👩‍👩‍👧",
      "\u009b31m",
      "\u0000",
    ),
    fc.string({ minLength: 1, maxLength: 3 }),
  ),
});
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Cf}|[\ud800-\udfff]/u;

describe("widths", () => {
  it("count what a terminal shows", () => {
    expect(["abc", "漢字", "e\u0301", "", "ｗ", "👍"].map(textWidth)).toEqual([3, 4, 1, 0, 2, 2]);
    expect([fit("abcdef", 4), fit("漢字漢字", 5), fit("abc", 3), fit("abc", 0)]).toEqual(["abc…", "漢字…", "abc", ""]);
    expect([pad("漢", 4), padLeft("7", 3)]).toEqual(["漢  ", "  7"]);
  });

  it("never exceed what was asked for", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.integer({ min: 0, max: 40 }),
        (text, width) => textWidth(fit(text, width)) <= width,
      ),
    );
  });
});

describe("tables", () => {
  const columns = [
    { title: "NAME", flexible: true },
    { title: "COUNT", right: true },
    { title: "WHAT", flexible: true },
  ];

  it("line up", () => {
    expect(
      table(
        columns,
        [
          ["bot", "7", "a"],
          ["漢字", "12", ""],
        ],
        undefined,
      ),
    ).toEqual(["NAME  COUNT  WHAT", "bot       7  a", "漢字     12"]);
  });

  it("give up the widest flexible column first", () => {
    const rows = [["n".repeat(60), "7", "w".repeat(30)]];
    expect(table(columns, rows, 60)).toEqual([
      `NAME${" ".repeat(17)}  COUNT  WHAT`,
      `${"n".repeat(20)}…      7  ${"w".repeat(30)}`,
    ]);
  });

  it("let no control character through, stay inside the terminal, and keep one line per row", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(hostile, hostile, hostile), { maxLength: 5 }),
        fc.integer({ min: 60, max: 200 }),
        (rows, width) => {
          const lines = table(columns, rows, width);
          return (
            lines.length === rows.length + 1 && lines.every((line) => !UNSAFE.test(line) && textWidth(line) <= width)
          );
        },
      ),
    );
  });

  it("do not drown in a megabyte", () => {
    const [, line] = table(columns, [["x".repeat(1_000_000), "", ""]], undefined);
    expect(line).toBe(`${"x".repeat(199)}…`);
  });
});

describe("values", () => {
  it("are JSON of their column's type", () => {
    expect([
      jsonValue(0, "instant"),
      jsonValue(1, "boolean"),
      jsonValue(0, "boolean"),
      jsonValue('{"a":[1]}', "json"),
      jsonValue('["a"]', "list"),
      jsonValue("not json", "json"),
      jsonValue(null, "instant"),
      jsonValue(7n, "integer"),
      jsonValue(9e15, "instant"),
      jsonValue(new Uint8Array([255]), "text"),
    ]).toEqual(["1970-01-01T00:00:00Z", true, false, { a: [1] }, ["a"], "not json", null, 7, "9000000000000000", "ff"]);
  });

  it("are text for a cell", () => {
    expect([
      cellText(1, "boolean"),
      cellText(null, "text"),
      cellText('{"a":1}', "json"),
      cellText(0, "instant"),
    ]).toEqual(["true", "", '{"a":1}', "1970-01-01T00:00:00Z"]);
    expect([
      shortInstant(0),
      shortInstant(null),
      shortDate(86_400_000),
      shortUrn("nhi:aws/aws/account/111122223333"),
      shortUrn("x"),
    ]).toEqual(["1970-01-01 00:00Z", "-", "1970-01-02", "111122223333", "x"]);
  });
});

describe("quantities", () => {
  it("read as people write them", () => {
    expect([count(1234567), counted(1, "item"), counted(2, "item"), counted(2, "key", "keys")]).toEqual([
      "1,234,567",
      "1 item",
      "2 items",
      "2 keys",
    ]);
    expect([850, 12_000, 185_000, 7_800_000].map(duration)).toEqual(["850 ms", "12 s", "3 min 05 s", "2 h 10 min"]);
    expect([12, 1_200, 45_000_000].map(bytes)).toEqual(["12 bytes", "1.2 kB", "45 MB"]);
  });
});
