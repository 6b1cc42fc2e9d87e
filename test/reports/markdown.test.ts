import { describe, expect, it } from "vitest";
import markdown from "../../reports/markdown/index.ts";
import type { ReportValue } from "../../src/sdk/index.ts";
import { acme, NOW } from "./acme.ts";
import { memoryView, text } from "./view.ts";

const complete = (index: number): Readonly<Record<string, ReportValue>> => ({
  scanner: "aws",
  scope: `nhi:aws/aws/account/${String(index).padStart(12, "0")}`,
  collection: "authorization-details",
  status: "complete",
  gaps: "[]",
  as_of: NOW,
  started_at: NOW,
  finished_at: NOW,
});

describe("the Markdown report", () => {
  it("summarizes the Acme inventory like this", async () => {
    await expect(await text(markdown.render(acme(), {}))).toMatchFileSnapshot("./golden/acme.md");
  });

  it("says of an empty inventory that it says nothing", async () => {
    expect(await text(markdown.render(memoryView(null, {}), {}))).toBe(
      [
        "# Non-human identities\n",
        "This inventory has never seen a scan.\n",
        "## Coverage\n",
        "Nothing was scanned: this report says nothing about what exists.\n",
        "## Identities\n",
        "No live identity is known.\n",
        "## Credentials\n",
        "No live credential is known.\n",
        "## Findings\n",
        "No rule reports anything; `rollcall rules` lists what is judged.\n",
      ].join("\n"),
    );
  });

  it("says that everything was seen only when it was", async () => {
    const whole = await text(markdown.render(memoryView(NOW, { coverage: [complete(1), complete(2)] }), {}));
    expect(whole).toContain("\nEverything that was configured was seen: 2 scopes, 2 collections complete.\n");
    expect(whole).not.toContain("not seen");
    const half = await text(
      markdown.render(memoryView(NOW, { coverage: [complete(1), { ...complete(2), status: "partial" }] }), {}),
    );
    expect(half).toContain("**1 scope of 2 not seen completely:** 1 collection complete, 1 partial, 0 not attempted.");
    expect(half).toContain("- `aws/authorization-details`, partial: no reason was recorded; 1 scope.\n");
  });

  it("puts incomplete scopes first, groups equal gaps, and counts what it leaves out", async () => {
    const gaps = JSON.stringify([{ class: "denied", operation: "iam:ListUsers", reason: "AccessDenied", count: 10 }]);
    const coverage = Array.from({ length: 120 }, (_, index) =>
      index < 119 ? complete(index) : { ...complete(index), status: "partial", gaps },
    );
    const whole = await text(
      markdown.render(
        memoryView(NOW, {
          coverage: [
            ...coverage,
            {
              ...complete(118),
              collection: "access-keys",
              status: "partial",
              gaps: gaps.replace("ListUsers", "ListAccessKeys"),
            },
          ],
        }),
        {},
      ),
    );
    const scopes = whole.split("\n").filter((line) => line.startsWith("| `nhi:"));
    expect(scopes).toHaveLength(50);
    expect(scopes.slice(0, 3).map((line) => /account\/0*(\d+)/.exec(line)?.[1])).toEqual(["118", "119", "0"]);
    expect(whole).toContain("\nand 70 more scopes: `rollcall coverage`\n");
    expect(whole.split("\n").filter((line) => line.startsWith("- `aws/"))).toEqual([
      "- `aws/access-keys`, partial (`iam:ListAccessKeys`): AccessDenied; 1 scope, 10 hidden.",
      "- `aws/authorization-details`, partial (`iam:ListUsers`): AccessDenied; 1 scope, 10 hidden.",
    ]);
  });

  it("cuts what a stranger made long, and stays small", async () => {
    const long = "🤖".repeat(500_000);
    const finding = {
      fingerprint: "f".repeat(64),
      rule: "unused-identity",
      subject: `nhi:p/n/k/${"x".repeat(1_000_000)}`,
      severity: "high",
      state: "open",
      verdict: "fail",
      message: long,
      evidence: JSON.stringify({ name: long }),
    };
    const whole = await text(markdown.render(memoryView(NOW, { coverage: [complete(1)], finding: [finding] }), {}));
    expect(whole.length).toBeLessThan(4_000);
    expect(whole).toContain(`${"🤖".repeat(200)}…`);
    expect(whole.isWellFormed()).toBe(true);
  });
});
