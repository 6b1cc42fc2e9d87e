import { describe, expect, it } from "vitest";
import { REPORTS } from "../../reports/index.ts";
import type { ReportView } from "../../src/sdk/index.ts";
import { acme, NOW } from "./acme.ts";
import { columnsOf, memoryView, text } from "./view.ts";

const CHUNK = 64 * 1024;

/** Endless identities, counted as they are pulled. */
function endless(): { readonly view: ReportView; pulled: number; closed: boolean } {
  const state = {
    pulled: 0,
    closed: false,
    view: {
      ...memoryView(NOW, {}),
      *rows(table): Generator<Readonly<Record<string, string | number | null>>, void, void> {
        if (table !== "identity") return;
        const row = Object.fromEntries(
          columnsOf("identity").map((column) => [column.name, column.name.endsWith("_known") ? 1 : null]),
        );
        try {
          for (;;)
            yield {
              ...row,
              urn: `nhi:aws/aws:1/user/${String((state.pulled += 1)).padStart(9, "0")}`,
              name: "x".repeat(100),
            };
        } finally {
          state.closed = true;
        }
      },
    } satisfies ReportView as ReportView,
  };
  return state;
}

describe.each(REPORTS.map((report) => [report.id, report] as const))("%s", (_id, report) => {
  it("gives the same bytes for the same inventory", async () => {
    expect(await text(report.render(acme(), {}))).toBe(await text(report.render(acme(), {})));
  });

  it("ends with a line end, in well-formed UTF-16", async () => {
    const whole = await text(report.render(acme(), {}));
    expect(whole.endsWith("\n")).toBe(true);
    expect(whole.isWellFormed()).toBe(true);
  });

  it("lets no character through that a terminal obeys", async () => {
    // eslint-disable-next-line no-control-regex
    expect((await text(report.render(acme(), {}))).match(/[^\n\r\P{Cc}]|[\p{Cf}\u2028\u2029]/gu)).toBeNull();
  });
});

describe.each(REPORTS.filter((report) => report.id !== "markdown").map((report) => [report.id, report] as const))(
  "%s",
  (_id, report) => {
    it("holds one chunk of rows at a time, and lets go when the reader does", async () => {
      const source = endless();
      const chunks = report.render(source.view, { tables: ["identity"] });
      const perChunk: number[] = [];
      for (let index = 0; index < 20; index += 1) {
        const before = source.pulled;
        const { value } = await chunks.next();
        expect(typeof value === "string" && value.length >= CHUNK && value.length < CHUNK + 4_096).toBe(true);
        perChunk.push(source.pulled - before);
      }
      expect(Math.max(...perChunk)).toBeLessThan(400);
      await chunks.return();
      expect(source.closed).toBe(true);
    });
  },
);

describe("the list of reports", () => {
  it("has distinct ids and extensions", () => {
    expect(REPORTS.map((report) => [report.id, report.extension, report.mediaType, report.audience])).toEqual([
      ["jsonl", "jsonl", "application/x-ndjson", "machine"],
      ["csv", "csv", "text/csv", "machine"],
      ["markdown", "md", "text/markdown", "human"],
    ]);
  });
});
