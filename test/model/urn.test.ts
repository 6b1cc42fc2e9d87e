import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseUrn, urn, type UrnParts } from "../../src/model/index.ts";

/** Any sequence of UTF-16 units: lone surrogates, controls, separators and all. Never empty, as no native id is. */
const anyText = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 20 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 12 })
    .map((units) => String.fromCharCode(...units)),
  fc
    .array(
      fc.constantFrom(
        "/",
        "%",
        "%2F",
        "%ED%A0%80",
        "\uD800",
        "\uDC00",
        ":",
        "@",
        " ",
        "\u0000",
        "é",
        "e\u0301",
        "🤖",
        ".",
        "..",
      ),
      { minLength: 1, maxLength: 6 },
    )
    .map((pieces) => pieces.join("")),
  fc.constantFrom("__proto__", "constructor", "<root_account>", "=1+1", "../../etc", "\u202Eevil", "x".repeat(5_000)),
);

const parts: fc.Arbitrary<UrnParts> = fc.record({
  provider: anyText,
  namespace: anyText,
  kind: anyText,
  nativeId: anyText,
});

describe("urn", () => {
  it("writes what people know of it readably, and encodes the rest", () => {
    expect(urn({ provider: "aws", namespace: "aws:111122223333", kind: "user", nativeId: "AIDAEXAMPLE" })).toBe(
      "nhi:aws/aws:111122223333/user/AIDAEXAMPLE",
    );
    expect(
      urn({ provider: "github", namespace: "github.com", kind: "deploy key", nativeId: "a/b%c@2026-01-01T00:00:00Z" }),
    ).toBe("nhi:github/github.com/deploy%20key/a%2Fb%25c@2026-01-01T00:00:00Z");
    expect(urn({ provider: "p", namespace: "n", kind: "k", nativeId: "\uD800x\uDFFF" })).toBe(
      "nhi:p/n/k/%ED%A0%80x%ED%BF%BF",
    );
  });

  it("gives back exactly the parts that it was made of, whatever they are", () => {
    fc.assert(
      fc.property(parts, (original) => {
        expect(parseUrn(urn(original))).toEqual(original);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is distinct for distinct parts, and only for those", () => {
    fc.assert(
      fc.property(parts, parts, fc.boolean(), (left, right, same) => {
        const other = same ? { ...left } : right;
        const equal = (["provider", "namespace", "kind", "nativeId"] as const).every(
          (part) => left[part] === other[part],
        );
        expect(urn(left) === urn(other)).toBe(equal);
      }),
      { numRuns: 2_000 },
    );
  });

  it("tells ids apart that differ only in where a separator or an escape stands", () => {
    const ids = [
      "a/b",
      "a%2Fb",
      "a%252Fb",
      "\uD800",
      "%ED%A0%80",
      "\uFFFD",
      "\uD7FF",
      "é",
      "e\u0301",
      " ",
      "+",
      "%20",
      "a",
      "A",
    ];
    const urns = ids.map((nativeId) => urn({ provider: "p", namespace: "n", kind: "k", nativeId }));
    expect(new Set(urns).size).toBe(ids.length);
  });

  it("has four segments of printable ASCII", () => {
    fc.assert(
      fc.property(parts, (original) => {
        expect(urn(original)).toMatch(/^nhi:[!-~]+\/[!-~]+\/[!-~]+\/[!-~]+$/);
        expect(urn(original).split("/")).toHaveLength(4);
      }),
    );
  });
});

describe("parseUrn", () => {
  it.each([
    ["", "no text"],
    ["arn:aws:iam::111122223333:user/bob", "an ARN"],
    ["nhi:aws/aws:1/user", "three segments"],
    ["nhi:aws/aws:1/user/a/b", "five segments"],
    ["nhi:aws//user/a", "an empty segment"],
    ["nhi:aws/aws:1/user/", "an empty native id"],
    ["nhi:aws/aws:1/user/%41", "an escape that need not be one"],
    ["nhi:aws/aws:1/user/a%2fb", "an escape in lower case"],
    ["nhi:aws/aws:1/user/é", "a character that must be escaped"],
    ["nhi:aws/aws:1/user/%ED%A0%80%ED%B0%80", "a pair of surrogates, each encoded alone"],
    ["nhi:aws/aws:1/user/%", "a broken escape"],
    ["nhi:aws/aws:1/user/%FF", "bytes that are not UTF-8"],
    ["NHI:aws/aws:1/user/a", "another prefix"],
  ])("refuses %j: %s", (text) => {
    expect(parseUrn(text)).toBeUndefined();
  });

  it("accepts no second spelling of any URN", () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom("%", "2", "F", "f", "4", "1", "a", "/", ":", "é", "E", "D", "A", "0", "8", "B"),
          maxLength: 16,
        }),
        (tail) => {
          const text = `nhi:p/n/k/${tail}`;
          const read = parseUrn(text);
          if (read !== undefined) expect(urn(read)).toBe(text);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
