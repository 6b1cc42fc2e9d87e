import { describe, expect, test } from "vitest";
import { readXml, type Shape } from "../../../scanners/aws/xml.ts";

const text: Shape = { kind: "text" };
const user: Shape = {
  kind: "struct",
  members: new Map<string, { readonly name: string; readonly shape: Shape }>([
    ["UserName", { name: "UserName", shape: text }],
    ["Age", { name: "Age", shape: { kind: "scalar", read: Number } }],
  ]),
};
const users: Shape = {
  kind: "struct",
  members: new Map([["Users", { name: "Users", shape: { kind: "list", tag: "member", item: user } }]]),
};
const counts: Shape = { kind: "map", keyTag: "key", valueTag: "value", value: { kind: "scalar", read: Number } };

const read = (inner: string, shape: Shape = users) =>
  readXml(`<?xml version="1.0"?>\n<R xmlns="x"><Result>${inner}</Result><Meta/></R>\n`, "Result", shape);

describe("readXml", () => {
  test("reads structures and lists and passes over what the shape does not name", () => {
    expect(
      read(
        "<Users><member><UserName>a</UserName><New><Deep>1</Deep></New><Age>7</Age></member><member/></Users><Other/>",
      ),
    ).toEqual({
      Users: [{ UserName: "a", Age: 7 }, {}],
    });
  });

  test.each([
    ["an empty list", "<Users/>", { Users: [] }],
    ["a list laid out over lines", "<Users>\n  </Users>", { Users: [] }],
    ["no list", "", {}],
    ["no text", "<Users><member><UserName></UserName></member></Users>", { Users: [{ UserName: "" }] }],
    ["blanks", "<Users><member><UserName>  </UserName></member></Users>", { Users: [{ UserName: "  " }] }],
    [
      "entities",
      "<Users><member><UserName>&lt;a&amp;b&gt; &#x1F600;&#65;</UserName></member></Users>",
      { Users: [{ UserName: "<a&b> \u{1F600}A" }] },
    ],
    [
      "character data and comments",
      "<Users><member><UserName>a<![CDATA[<b>&]]><!-- c -->d</UserName></member></Users>",
      { Users: [{ UserName: "a<b>&d" }] },
    ],
    [
      "an element where text belongs, as something that is no text",
      "<Users><member><UserName>a<b>c</b>d</UserName></member></Users>",
      { Users: [{ UserName: {} }] },
    ],
    [
      "attributes that contain angle brackets",
      '<Users><member note="a>b"><UserName>x</UserName></member></Users>',
      { Users: [{ UserName: "x" }] },
    ],
  ])("reads %s", (_name, inner, expected) => {
    expect(read(inner)).toEqual(expected);
  });

  test("reads maps, hostile keys included", () => {
    const map = read(
      "<entry><key>Users</key><value>3</value></entry><entry><key>__proto__</key><value>1</value></entry>",
      counts,
    );
    expect(Object.entries(map as object)).toEqual([
      ["Users", 3],
      ["__proto__", 1],
    ]);
    expect(Object.getPrototypeOf(map)).toBe(Object.prototype);
  });

  test.each([
    ["nothing", ""],
    ["text alone", "hello"],
    ["a cut list", "<R><Result><Users><member><UserName>a</UserName></member>"],
    ["a cut tag", "<R><Result><Users"],
    ["a cut text", "<R><Result><Users><member><UserName>a"],
    ["a mismatched tag", "<R><Result><Users></Result></R>"],
    ["a second root", "<R></R><R></R>"],
    ["text behind the root", "<R></R> more"],
    ["a document type", "<!DOCTYPE R [<!ENTITY a 'b'>]><R><Result/></R>"],
    ["an undefined entity", "<R><Result><Users><member><UserName>&bomb;</UserName></member></Users></Result></R>"],
    ["a bare ampersand", "<R><Result><Users><member><UserName>a & b</UserName></member></Users></Result></R>"],
    [
      "a character beyond Unicode",
      "<R><Result><Users><member><UserName>&#x110000;</UserName></member></Users></Result></R>",
    ],
    ["endless depth", `<R><Result>${"<a>".repeat(100_000)}`],
  ])("refuses %s", (_name, xml) => {
    expect(() => readXml(xml, "Result", users)).toThrow(/not well-formed/);
  });

  test("every prefix of a whole document is refused", () => {
    const xml = "<R><Result><Users><member><UserName>a&amp;b</UserName></member></Users></Result></R>";
    for (let length = 0; length < xml.length; length += 1) {
      expect(() => readXml(xml.slice(0, length), "Result", users), xml.slice(0, length)).toThrow();
    }
    expect(readXml(xml, "Result", users)).toEqual({ Users: [{ UserName: "a&b" }] });
  });
});
