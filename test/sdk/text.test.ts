import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  csvCell,
  jsonLine,
  markdown,
  markdownCode,
  terminal,
  terminalCut,
  terminalWidth,
} from "../../src/sdk/index.ts";
import { AUTOLINK, contentOfCodeSpan, isFormula, parseCsv, plainTextOfMarkdown, spreadsheetCells } from "./parsers.ts";

const PIECES = [
  "\\",
  "\\\\",
  "\u001b",
  "\u009b31m",
  "\u0000",
  "\n",
  "\r\n",
  "\t",
  "\u007f",
  "\u202e",
  "\u2066",
  "\u200b",
  "\u200d",
  "\ufeff",
  "\u2028",
  "\u2029",
  "\u00ad",
  "\u3164",
  "\ufe0f",
  "\ud800",
  "\udc00",
  "\u{e0041}",
  "🤖",
  "é",
  "e\u0301",
  "木",
  "x1b",
  "u202e",
  "u{e0041}",
  "\\x1b",
  "\\ud800",
  "\\\\u202e",
  "=",
  "+",
  "-",
  "@",
  "＝",
  "＋",
  "－",
  "＠",
  "'",
  '"',
  ";",
  ",",
  " ",
  "\u00a0",
  "\u3000",
  "|",
  "`",
  "``",
  "*",
  "_",
  "[",
  "](",
  "<",
  ">",
  "&",
  "&amp;",
  "#",
  "#1",
  "!",
  "~",
  "$",
  "^",
  "://",
  "http",
  "www.",
  "a@b.c",
  "@org/team",
  "GH-1",
  "1.",
  "word",
  "{",
  "}",
];

const hostile = fc.oneof(
  { weight: 3, arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((pieces) => pieces.join("")) },
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 }).map((units) => String.fromCharCode(...units)),
);

const RUNS = { numRuns: 3_000 };

// Written as code points and not as the property classes that the code uses.
function isForbidden(point: number): boolean {
  return (
    point < 0x20 ||
    (point >= 0x7f && point <= 0x9f) ||
    point === 0xad ||
    point === 0x61c ||
    point === 0x3164 ||
    point === 0xfeff ||
    (point >= 0x200b && point <= 0x200f) ||
    (point >= 0x2028 && point <= 0x202e) ||
    (point >= 0x2060 && point <= 0x206f) ||
    (point >= 0xd800 && point <= 0xdfff) ||
    (point >= 0xfe00 && point <= 0xfe0f) ||
    (point >= 0xfff0 && point <= 0xfffb) ||
    (point >= 0xe0000 && point <= 0xe0fff)
  );
}

const forbiddenIn = (text: string) =>
  Array.from(text).filter((character) => isForbidden(character.codePointAt(0) as number));

/** The inverse of `terminal`, from its documentation. */
function unescapeTerminal(text: string): string {
  return text.replace(
    /(\\+)(x[0-9a-f]{2}|u[0-9a-f]{4}|u\{[0-9a-f]+\}|u\{)/g,
    (_all, backslashes: string, body: string) => {
      const literal = "\\".repeat(Math.floor(backslashes.length / 2));
      if (backslashes.length % 2 === 0) return literal + body;
      const point = Number.parseInt(body.replace(/[^0-9a-f]/g, ""), 16);
      return literal + String.fromCodePoint(point);
    },
  );
}

describe("terminal", () => {
  it("shows what a terminal would obey", () => {
    expect(terminal("\u001b]0;owned\u0007")).toBe("\\x1b]0;owned\\x07");
    expect(terminal("admin\u202Etxt.exe")).toBe("admin\\u202etxt.exe");
    expect(terminal("two\nlines")).toBe("two\\x0alines");
    expect(terminal("\u{e0041}\ud83e")).toBe("\\u{e0041}\\ud83e");
    expect(terminal("blank\u3164name")).toBe("blank\\u3164name");
  });

  it("leaves alone what people read, their backslashes included", () => {
    for (const text of ["", "payments-ci", "Zoë 木 🤖", "C:\\users\\bob", "DOMAIN\\bob", "a\\", "e\u0301"])
      expect(terminal(text)).toBe(text);
  });

  it("never lets a control, format, bidirectional or invisible character through, and stays on one line", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(forbiddenIn(terminal(text))).toEqual([]);
      }),
      RUNS,
    );
  });

  it("loses nothing: the text can be read back, so two texts never look the same", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(unescapeTerminal(terminal(text))).toBe(text);
      }),
      RUNS,
    );
    const alike = ["\u001b", "\\x1b", "\\\\x1b", "\\\u001b", "\\\\\u001b"];
    expect(new Set(alike.map(terminal)).size).toBe(alike.length);
  });
});

describe("terminalCut and terminalWidth", () => {
  it("count columns, not characters", () => {
    expect(["abc", "木木", "é", "e\u0301", "🤖", "ｆｕｌｌ", ""].map(terminalWidth)).toEqual([3, 4, 1, 1, 2, 8, 0]);
    expect(terminalCut("payments", 8)).toBe("payments");
    expect(terminalCut("payments", 5)).toBe("paym…");
    expect(terminalCut("木木木", 4)).toBe("木…");
    expect(terminalCut("a\u001b", 3)).toBe("a\\…");
    expect(terminalCut("anything", 0)).toBe("");
  });

  it("never exceed the width, and cut only what exceeds it", () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 0, max: 30 }), (text, width) => {
        const cut = terminalCut(text, width);
        expect(terminalWidth(cut)).toBeLessThanOrEqual(width);
        expect(forbiddenIn(cut)).toEqual([]);
        if (terminalWidth(terminal(text)) <= width) expect(cut).toBe(terminal(text));
      }),
      RUNS,
    );
  });
});

describe("csvCell", () => {
  it("quotes always, doubles quotes and guards formulas, also behind blanks and in full width", () => {
    expect(csvCell("plain")).toBe('"plain"');
    expect(csvCell('say "hi", twice')).toBe('"say ""hi"", twice"');
    expect(csvCell("=HYPERLINK(1)")).toBe('"\'=HYPERLINK(1)"');
    expect(csvCell(" \u00a0+1")).toBe('"\' \u00a0+1"');
    expect(csvCell("＝1+1")).toBe('"\'＝1+1"');
    expect(csvCell("@SUM")).toBe('"\'@SUM"');
    expect(csvCell("\t=1")).toBe('"\\x09=1"');
    expect(csvCell("x;=1")).toBe('"x;\'=1"');
    expect(csvCell("'=1")).toBe("\"''=1\"");
    expect(csvCell("a@b.c=1")).toBe('"a@b.c=1"');
    expect(csvCell('x;"=1')).toBe('"x;\'""=1"');
    expect(csvCell("it's")).toBe('"it\'s"');
  });

  it("leaves the text as it is when asked for raw", () => {
    expect(csvCell("=1+1\r\n\u001b", true)).toBe('"=1+1\r\n\u001b"');
    expect(csvCell("\ud800", true)).toBe('"\ufffd"');
  });

  it("is read by RFC 4180 as exactly one cell, whose text can be had back", () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), (texts) => {
        const line = `${texts.map((text) => csvCell(text)).join(",")}\r\n`;
        const [record, ...more] = parseCsv(line);
        expect(more).toEqual([]);
        const unguarded = (record ?? []).map((cell) =>
          unescapeTerminal((cell ?? "no cell").replace(/(^|;)'(?=['"\s]*[=+\-@＝＋－＠])/gu, "$1")),
        );
        expect(unguarded).toEqual(texts);
      }),
      RUNS,
    );
  });

  it("is read back by RFC 4180 as it was, when raw", () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), (texts) => {
        const line = `${texts.map((text) => csvCell(text, true)).join(",")}\r\n`;
        expect(parseCsv(line)).toEqual([texts.map((text) => text.toWellFormed())]);
      }),
      RUNS,
    );
  });

  it.each([",", ";", "\t"])("is never a formula for a spreadsheet that splits at %j", (separator) => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), (texts) => {
        const line = texts.map((text) => csvCell(text)).join(",");
        expect(spreadsheetCells(line, separator).filter(isFormula)).toEqual([]);
        expect(forbiddenIn(line)).toEqual([]);
      }),
      RUNS,
    );
  });
});

describe("markdown", () => {
  it("escapes what would be markup", () => {
    expect(markdown("**bold** [x](y) <b>")).toBe("\\*\\*bold\\*\\* \\[x\\](y) &lt;b>");
    expect(markdown("a|b & c")).toBe("a&#124;b &amp; c");
    expect(markdown("plain-words, twice (2.0) of created_at; `_x_`")).toBe(
      "plain-words, twice (2.0) of created_at; \\`\\_x\\_\\`",
    );
    expect(markdown("see https://evil.example")).toBe("see https:&#8203;//evil.example");
    expect(markdown("@acme/everyone")).toBe("@&#8203;acme/everyone");
    expect(markdown(":+1: and nhi:aws/aws:1/user")).toBe("\\:&#8203;+1: and nhi:aws/aws:1/user");
    expect(["- a", "12. a", "1) a", "# a", "> a", "===", "---", "+ a", ": a"].map(markdown)).toEqual([
      "\\- a",
      "12\\. a",
      "1\\) a",
      "\\# a",
      "\\> a",
      "\\===",
      "\\---",
      "\\+ a",
      "\\: a",
    ]);
    expect(markdown("    code")).toBe("&#32;&#32;&#32;&#32;code");
  });

  it("leaves no markup, no link, no mention and no HTML in any text, and says the same words", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const rendered = plainTextOfMarkdown(markdown(text));
        expect(rendered.replaceAll("\u200b", "")).toBe(terminal(text));
        expect(rendered).not.toMatch(AUTOLINK);
      }),
      RUNS,
    );
  });
});

describe("markdownCode", () => {
  it("chooses a fence that the text does not have", () => {
    expect(markdownCode("role/ci")).toBe("`role/ci`");
    expect(markdownCode("a``b`c")).toBe("```a``b`c```");
    expect(markdownCode("`x`")).toBe("`` `x` ``");
    expect(markdownCode(" x ")).toBe("`  x  `");
    expect(markdownCode("a|b")).toBe("a&#124;b");
    expect(markdownCode("")).toBe("");
  });

  it("is one code span with exactly the terminal's text in it", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const safe = terminal(text);
        fc.pre(safe !== "");
        const rendered = safe.includes("|")
          ? plainTextOfMarkdown(markdownCode(text)).replaceAll("\u200b", "")
          : contentOfCodeSpan(markdownCode(text));
        expect(rendered).toBe(safe);
        expect(forbiddenIn(markdownCode(text))).toEqual([]);
      }),
      RUNS,
    );
  });
});

describe("jsonLine", () => {
  it("is JSON, on one line, in ASCII where a terminal would act", () => {
    expect(jsonLine({ a: "\u001b\u009b\u202e\u2028🤖\u{e0041}" })).toBe(
      '{"a":"\\u001b\\u009b\\u202e\\u2028🤖\\udb40\\udc41"}',
    );
    expect(jsonLine(["\ud800", "\\ud800", "\\\ud800", "\udc00\udc00"])).toBe(
      '["\ufffd","\\\\ud800","\\\\\ufffd","\ufffd\ufffd"]',
    );
    expect(jsonLine(null)).toBe("null");
  });

  it("comes back as it was, but for lone surrogates", () => {
    const wellFormed = (value: unknown): unknown =>
      typeof value === "string"
        ? value.toWellFormed()
        : Array.isArray(value)
          ? value.map(wellFormed)
          : typeof value === "object" && value !== null
            ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.toWellFormed(), wellFormed(inner)]))
            : value;
    const values = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        hostile,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(hostile, tie("value"), { maxKeys: 4 }),
      ),
    })).value;
    fc.assert(
      fc.property(values, (value) => {
        const line = jsonLine(value);
        expect(forbiddenIn(line)).toEqual([]);
        expect(JSON.parse(line)).toEqual(wellFormed(value));
      }),
      RUNS,
    );
  });

  it("refuses what JSON cannot say", () => {
    expect(() => jsonLine(undefined)).toThrow(new TypeError("This value has no JSON form"));
    expect(() => jsonLine(1n)).toThrow(TypeError);
  });
});

describe("a very long text from a stranger", () => {
  const LONG = 200_000;
  const worst = ["\\", " ", ";", "`", "_", ":", "\ud800", "\u001b", "'", "a:", "; ", "www.", "\\u"].flatMap((piece) => {
    const run = piece.repeat(LONG / piece.length);
    return [run, `${run}x`, `x${run}x`];
  });

  it.each([
    ["terminal", terminal],
    ["terminalCut", (text: string) => terminalCut(text, 80)],
    ["csvCell", csvCell],
    ["markdown", markdown],
    ["markdownCode", markdownCode],
    ["jsonLine", jsonLine],
  ] as const)("is no work for %s", (_name, escape) => {
    for (const text of worst) {
      const before = process.cpuUsage().user;
      escape(text);
      expect((process.cpuUsage().user - before) / 1_000, JSON.stringify(text.slice(0, 4))).toBeLessThan(2_000);
    }
  });
});
