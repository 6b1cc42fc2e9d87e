import { describe, expect, it } from "vitest";
import jsonl from "../../reports/jsonl/index.ts";
import { REPORT_TABLES } from "../../src/sdk/index.ts";
import { acme, NOW } from "./acme.ts";
import { memoryView, text } from "./view.ts";

const documents = (whole: string) =>
  whole
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe("the JSONL report", () => {
  it("writes the Acme inventory like this", async () => {
    await expect(await text(jsonl.render(acme(), {}))).toMatchFileSnapshot("./golden/acme.jsonl");
  });

  it("says first what was not seen, whatever table was asked for", async () => {
    const [first, ...rows] = documents(await text(jsonl.render(acme(), { tables: ["usage"] })));
    expect(first).toEqual({
      table: "report",
      format: "rollcall/1",
      asOf: "2026-11-23T05:11:44Z",
      tables: ["usage"],
      coverage: { complete: 2, partial: 1, "not-attempted": 0, "left-out": 1, "not-applicable": 0 },
    });
    expect(rows.map((row) => row["table"])).toEqual(["usage"]);
  });

  it("tells a value, an absence and an unknown apart", async () => {
    const rows = documents(await text(jsonl.render(acme(), { tables: ["identity"] })));
    const user = rows.find((row) => row["kind"] === "user") ?? {};
    expect([user["enabled"], user["environment"], user["mfa_enabled"], user["description"]]).toEqual([
      true,
      null,
      { unknown: true, lastKnown: false },
      { unknown: true },
    ]);
    expect(user["unknown"]).toEqual(["description", "mfa_enabled"]);
    expect(Object.keys(user).filter((name) => name.endsWith("_known"))).toEqual(["usage_known"]);
  });

  it("keeps a use that one source saw where another could not look, and claims no absence from it", async () => {
    const rows = documents(await text(jsonl.render(acme(), { tables: ["identity", "credential"] })));
    const credential = rows.find((row) => row["table"] === "credential") ?? {};
    expect([credential["last_used_at"], credential["usage_known"]]).toEqual(["2026-11-21T05:11:44Z", false]);
    const role = rows.find((row) => row["kind"] === "role") ?? {};
    expect([role["last_used_at"], role["usage_known"]]).toEqual([{ unknown: true }, false]);
  });

  it("writes tables in one order, once each, however they are asked for", async () => {
    const asked = await text(jsonl.render(acme(), { tables: ["usage", "coverage", "usage"] }));
    expect(asked).toBe(await text(jsonl.render(acme(), { tables: ["coverage", "usage"] })));
    expect([...new Set(documents(asked).map((row) => row["table"]))]).toEqual(["report", "coverage", "usage"]);
  });

  it("says of an empty inventory that nothing was seen", async () => {
    expect(documents(await text(jsonl.render(memoryView(null, {}), {})))).toEqual([
      {
        table: "report",
        format: "rollcall/1",
        asOf: null,
        tables: [...REPORT_TABLES],
        coverage: { complete: 0, partial: 0, "not-attempted": 0, "left-out": 0, "not-applicable": 0 },
      },
    ]);
  });

  it("keeps a number that is no time, and a document that is no JSON, instead of failing", async () => {
    const view = memoryView(NOW, {
      identity: [
        {
          urn: "nhi:p/n/k/1",
          created_at: 9e15,
          created_at_known: 1,
          tags: "{broken",
          attributes: '{"__proto__":{"polluted":1}}',
        },
      ],
    });
    const whole = await text(jsonl.render(view, { tables: ["identity"] }));
    const [, row] = documents(whole);
    expect([row?.["created_at"], row?.["tags"]]).toEqual([9e15, "{broken"]);
    expect(whole).toContain('"attributes":{"__proto__":{"polluted":1}}');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
