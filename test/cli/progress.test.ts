import { afterEach, describe, expect, it, vi } from "vitest";
import { LiveProgress, liveLines } from "../../src/cli/progress/live.ts";
import { PlainProgress } from "../../src/cli/progress/plain.ts";
import { Tally } from "../../src/cli/progress/tally.ts";
import type { ScanEvent } from "../../src/engine/contract.ts";
import type { Coverage, Scope } from "../../src/sdk/index.ts";
import { NOW } from "./support.ts";

const scope: Scope = { urn: "nhi:aws/aws/account/1", kind: "account", title: "pay\u001b[31mments (1)", id: "1" };
const calls = { min: 10, max: 10, basis: "known" };
const coverage: Coverage = {
  scanner: "aws",
  scope: scope.urn,
  collection: "users",
  status: "partial",
  gaps: [{ class: "denied", reason: "denied \u202e twice" }],
  asOf: NOW,
  startedAt: NOW,
  finishedAt: NOW,
  pages: 4,
  items: 40,
  requests: 5,
  retries: 1,
  throttled: 1,
  bytes: 100,
};
const events: readonly ScanEvent[] = [
  { type: "run-started", run: 3, resumed: true, sources: ["aws"] },
  { type: "scope-found", scanner: "aws", scope },
  {
    type: "scope-found",
    scanner: "aws",
    scope: {
      ...scope,
      id: "2",
      title: "old (2)",
      skip: { status: "not-applicable", gap: { class: "opt-in", reason: "suspended" } },
    },
  },
  { type: "collection-started", scanner: "aws", scope, collection: "users", calls },
  { type: "collection-started", scanner: "aws", scope, collection: "roles", calls },
  { type: "collection-advanced", scanner: "aws", scope, collection: "users", items: 20, pages: 2, done: 5, total: 10 },
  { type: "call-waiting", operation: "iam:ListUsers", bucket: "iam/1", reason: "throttled", wait: 4_000 },
  {
    type: "collection-finished",
    scanner: "aws",
    scope,
    coverage,
    summary: { added: 3, changed: 1, unchanged: 36, missing: 2, withdrawn: 1, suspected: 0 },
  },
  { type: "rules-started", count: 17 },
  { type: "rule-judged", summary: { rule: "x", failed: 1, unknown: 0, opened: 1, resolved: 0 } },
];

describe("plain progress", () => {
  it("is one safe line per thing that happened", () => {
    const said: string[] = [];
    const progress = new PlainProgress(
      (text) => said.push(text),
      () => NOW,
    );
    for (const event of events) progress.receive(event);
    progress.end();
    expect(said).toEqual([
      "run 3 taken up again: aws",
      "account pay\\x1b[31mments (1)",
      "account old (2): not-applicable, suspended",
      "iam:ListUsers: waiting 4 s (throttled)",
      "pay\\x1b[31mments (1) users: partial, 40 items, 5 calls (3 new, 1 changed, 2 missing, 1 gone): denied \\u202e twice",
      "judging by 17 rules",
    ]);
  });

  it("reports a long collection now and then", () => {
    const said: string[] = [];
    let now = NOW;
    const progress = new PlainProgress(
      (text) => said.push(text),
      () => now,
    );
    progress.receive({ type: "collection-started", scanner: "aws", scope, collection: "users", calls });
    for (let step = 1; step <= 25; step += 1) {
      now = NOW + step * 1_000;
      progress.receive({
        type: "collection-advanced",
        scanner: "aws",
        scope,
        collection: "users",
        items: step * 10,
        pages: step,
        done: step,
        total: 100,
      });
    }
    expect(said).toEqual([
      "pay\\x1b[31mments (1) users: 110 items (11 of 100), about 1 min 29 s left in all",
      "pay\\x1b[31mments (1) users: 210 items (21 of 100), about 1 min 19 s left in all",
    ]);
  });
});

describe("the tally", () => {
  it("tells rate, time left and what is being read", () => {
    const tally = new Tally(NOW);
    for (const event of events.slice(0, 6)) tally.receive(event, NOW + 1_000);
    expect([tally.scopes, tally.items, tally.rate(NOW + 10_000), tally.left(NOW + 10_000)]).toEqual([1, 20, 2, 30_000]);
    expect(liveLines(tally, NOW + 10_000, 100)).toEqual([
      "1 scope · 0 collections done · 20 items, 2 per second · 10 s · about 30 s left",
      "  pay\\x1b[31mments (1)  users  20 items (5 of 10)",
      "  pay\\x1b[31mments (1)  roles  0 items",
    ]);
    for (const event of events.slice(6)) tally.receive(event, NOW + 11_000);
    expect(liveLines(tally, NOW + 12_000, 100)).toEqual([
      "1 scope · 1 collections done (1 partial) · 40 items, 3 per second · 12 s · about 12 s left",
      "  pay\\x1b[31mments (1)  roles  0 items",
      "  waiting 3 s for iam:ListUsers (throttled)",
      "  judging: 1 of 17 rules",
    ]);
  });
});

describe("live progress", () => {
  afterEach(() => void vi.useRealTimers());

  it("redraws in place and gives the terminal back", () => {
    vi.useFakeTimers({ now: NOW });
    const written: string[] = [];
    const progress = new LiveProgress({ write: (text) => written.push(text), width: () => 60, now: Date.now });
    for (const event of events.slice(0, 6)) progress.receive(event);
    vi.advanceTimersByTime(200);
    progress.end();
    progress.end();
    const screen = written.join("");
    expect(screen.startsWith("\u001b[?25l")).toBe(true);
    expect(screen.endsWith("\u001b[?25h")).toBe(true);
    expect(written).toHaveLength(4);
    expect(written[2]?.startsWith("\u001b[3A\r\u001b[0J1 scope")).toBe(true);
    // Of all control characters, only our own survive: nothing of the account's name.
    // oxlint-disable no-control-regex
    expect(screen.replace(/\u001b\[(?:\?25[lh]|\d+A|0J)|[\r\n]/g, "")).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    // oxlint-enable no-control-regex
    expect(process.listeners("exit").filter((listener) => String(listener).includes("25h"))).toEqual([]);
  });
});
