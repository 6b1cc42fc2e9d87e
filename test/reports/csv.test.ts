import { describe, expect, it } from "vitest";
import csv from "../../reports/csv/index.ts";
import { EXIT, isUserError } from "../../src/sdk/index.ts";
import { parseCsv } from "../sdk/parsers.ts";
import { acme, NOW } from "./acme.ts";
import { memoryView, text } from "./view.ts";

async function rowsOf(
  ...render: Parameters<typeof csv.render>
): Promise<readonly Readonly<Record<string, string | null>>[]> {
  const [header = [], ...records] = parseCsv(await text(csv.render(...render)));
  return records.map((record) =>
    Object.fromEntries(
      header.map((name, index) => [name, index < record.length ? (record[index] ?? null) : "no cell"]),
    ),
  );
}

describe("the CSV report", () => {
  it("writes Acme's identities like this", async () => {
    await expect(await text(csv.render(acme(), {}))).toMatchFileSnapshot("./golden/acme-identity.csv");
  });

  it("writes the identity table unless another is asked for", async () => {
    expect((await rowsOf(acme(), {})).map((row) => row["kind"])).toEqual(["role", "user"]);
    expect((await rowsOf(acme(), { tables: ["usage"] })).map((row) => row["source"])).toEqual(["credential-report"]);
  });

  it("refuses to put two tables into one file", () => {
    const attempt = () => csv.render(acme(), { tables: ["identity", "credential"] });
    expect(attempt).toThrow("A CSV file holds one table, and more than one was asked for");
    try {
      attempt();
    } catch (error) {
      expect(isUserError(error) && [error.exit, error.next]).toEqual([
        EXIT.usage,
        "export one table at a time, identity first",
      ]);
    }
  });

  it("tells a thing called unknown from an unknown thing, and an absence from both", async () => {
    const [role, user] = await rowsOf(acme(), {});
    expect([role?.["name"], role?.["description"], user?.["environment"]]).toEqual(["unknown", "unknown", null]);
    expect(user?.["mfa_enabled"]).toBe("unknown (was false)");
    expect(role?.["unknown"]?.split(" ")).not.toContain("name");
    expect(role?.["unknown"]?.split(" ")).toContain("description");
    expect(user?.["unknown"]).toBe("description mfa_enabled");
  });

  it("guards formulas and shows control characters, unless raw is asked for", async () => {
    const [, guarded] = await rowsOf(acme(), {});
    expect(guarded?.["name"]).toBe('\'=HYPERLINK("http://evil.example")\\x1b]0;x\\x07');
    const [, raw] = await rowsOf(acme(), { raw: true });
    expect(raw?.["name"]).toBe('=HYPERLINK("http://evil.example")\u001b]0;x\u0007');
  });

  it("says of each row whether its scope was seen completely", async () => {
    const [finding] = await rowsOf(acme(), { tables: ["finding"] });
    expect(finding?.["scope_coverage"]).toBe("complete");
    const partial = memoryView(NOW, {
      identity: ["s", "t", "u", "v"].map((scope) => ({ urn: scope, scope })),
      coverage: [
        { scanner: "x", scope: "s", collection: "1", status: "partial", gaps: "[]" },
        { scanner: "x", scope: "s", collection: "2", status: "complete", gaps: "[]" },
        { scanner: "x", scope: "t", collection: "1", status: "complete", gaps: "[]" },
        { scanner: "x", scope: "t", collection: "2", status: "not-attempted", gaps: '[{"class":"opt-in"}]' },
        {
          scanner: "x",
          scope: "u",
          collection: "1",
          status: "not-attempted",
          gaps: '[{"class":"opt-in"},{"class":"denied"}]',
        },
      ],
    });
    expect((await rowsOf(partial, {})).map((row) => row["scope_coverage"])).toEqual([
      "incomplete",
      "complete",
      "incomplete",
      "unknown",
    ]);
    expect(Object.keys((await rowsOf(partial, { tables: ["coverage"] }))[0] ?? {})).not.toContain("scope_coverage");
  });

  it("leaves numbers numbers, below zero too", async () => {
    const [row] = await rowsOf(
      memoryView(NOW, { identity: [{ urn: "u", score: -5, enabled: 0, enabled_known: 1 }] }),
      {},
    );
    expect([row?.["score"], row?.["enabled"]]).toEqual(["-5", "false"]);
  });

  it("ends every record with CRLF and writes a header even for nothing", async () => {
    const whole = await text(csv.render(memoryView(null, {}), { tables: ["usage"] }));
    expect(whole).toBe('"subject","source","last_used_at","place","observed_from","observed_through","unknown"\r\n');
  });
});
