import fc from "fast-check";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluateRules } from "../../src/engine/index.ts";
import { openInventory } from "../../src/inventory/index.ts";
import { RULES } from "../../src/rules/index.ts";
import type { NhiRecord } from "../../src/sdk/index.ts";
import { urn } from "../../src/sdk/index.ts";
import { Bench, NOW } from "./support.ts";

const nasty = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      "\u001b]0;owned\u0007",
      "\u001b[2J",
      "\u001b[31m",
      "\u009b31m",
      "\r",
      "\n",
      "\t",
      "\b",
      "\u0000",
      "\u007f",
      "\u202e",
      "\u2066",
      "\u200b",
      "\u2028",
      "\u2029",
      "\ufeff",
      "\u061c",
      "=cmd|' /C calc'!A0",
      "+1",
      "-1",
      "@SUM(A1)",
      "＝1",
      '"',
      "'",
      ",",
      ";",
      "|",
      "\\x1b",
      "\\",
      "`",
      "$(id)",
      "<script>",
      "[x](javascript:1)",
      "__proto__",
      "constructor",
      "漢字",
      "👩‍👩‍👧",
      "e\u0301",
      "\u{e0041}",
    ),
    fc.string({ minLength: 1, maxLength: 4 }),
  ),
  minLength: 1,
  maxLength: 6,
});

const NAMES = [
  "__proto__",
  "constructor",
  "=1+1",
  "x".repeat(1_000_000),
  ...fc.sample(nasty, { numRuns: 150, seed: 42 }),
];
const SCOPE = "nhi:tiny/tiny/account/a1";
const urnOf = (index: number, kind = "robot") =>
  urn({ provider: "tiny", namespace: "a1", kind, nativeId: `${index} ${(NAMES[index] ?? "").slice(0, 50)}` });

let bench: Bench;
beforeAll(() => {
  bench = new Bench();
  const inventory = openInventory({ path: join(bench.folder, "rollcall.db"), mode: "write", now: () => NOW });
  const writer = inventory.writer();
  const run = writer.startRun({
    planHash: "x",
    scanners: ["tiny"],
    startedAt: NOW,
    version: "1",
    acceptMassChange: false,
    resumeWithin: 0,
  });
  const facts = [
    "identity",
    "identity.name",
    "identity.enabled",
    "credential",
    "credential.enabled",
    "credential.createdAt",
    "trust",
    "owner",
    "grant",
    "membership",
    "usage",
  ];
  const collection = run.openCollection({
    scanner: "tiny",
    scope: SCOPE,
    collection: "robots",
    precedence: 0,
    facts,
    authoritative: {},
    optIn: false,
    startedAt: NOW,
    checkpointMaxAge: 0,
  });
  collection.commit([{ type: "scope", urn: SCOPE, kind: "account", name: NAMES[5]! }, ...NAMES.flatMap(recordsOf)]);
  collection.finish({
    status: "partial",
    gaps: [{ class: "denied", operation: "tiny:List", reason: `denied by ${NAMES[6]}`, remedy: NAMES[7]! }],
    asOf: NOW,
    asOfNote: NAMES[8]!,
    startedAt: NOW,
    finishedAt: NOW,
    pages: 1,
    items: 1,
    requests: 1,
    retries: 0,
    throttled: 0,
    bytes: 1,
  });
  run.finishScopes("tiny", [SCOPE], true);
  evaluateRules(
    inventory,
    RULES.map((rule) => ({
      rule,
      enabled: true,
      severity: rule.severity,
      params: Object.fromEntries(Object.entries(rule.params).map(([name, param]) => [name, param.default])),
    })),
    { run: run.run, now: NOW },
  );
  run.finish({ status: "finished", exitCode: 4, finishedAt: NOW });
  inventory.close();
});
afterAll(() => bench.close());

function recordsOf(name: string, index: number): readonly NhiRecord[] {
  const identity = urnOf(index);
  return [
    {
      type: "identity",
      urn: identity,
      kind: "robot",
      name,
      nature: "machine",
      natureReason: name,
      enabled: true,
      createdAt: 0,
      description: name,
      path: name,
      aliases: [`alias ${index} ${name.slice(0, 200)}`],
      tags: { [name.slice(0, 200)]: name, environment: name },
      attributes: { [name.slice(0, 200)]: name },
    },
    {
      type: "credential",
      urn: urnOf(index, "key"),
      kind: "access-key",
      identity,
      secrecy: "static-secret",
      name,
      enabled: true,
      createdAt: 0,
      expiresAt: null,
      fingerprint: "SHA256:same",
    },
    {
      type: "trust",
      urn: urnOf(index, "trust"),
      identity,
      mechanism: "assume-role",
      effect: "allow",
      party: "anyone",
      principal: name,
      subjects: [name],
      audiences: null,
      pinned: false,
      conditions: { [name.slice(0, 200)]: name },
    },
    {
      type: "owner",
      urn: urnOf(index, "owner"),
      subject: identity,
      owner: name,
      ownerKind: "person",
      source: `tag:${name.slice(0, 200)}`,
      confidence: 50,
    },
  ];
}

// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]|\p{Cf}|[\ud800-\udfff]/u;

describe("names that a stranger chose", () => {
  it.each([
    ["identities"],
    ["identities", "--limit", "200"],
    ["credentials"],
    ["findings", "--all", "--limit", "1000"],
    ["coverage"],
    ["changes", "--limit", "1000"],
    ["query", "select * from identity"],
    ["query", "select * from alias"],
  ])("never reach a terminal raw: %s", async (...inputs) => {
    for (const terminal of [undefined, 100]) {
      const ran = await bench.run(inputs, terminal === undefined ? {} : { terminal });
      expect(ran.stdout.length).toBeGreaterThan(100);
      expect(UNSAFE.exec(ran.stdout + ran.stderr)).toBeNull();
    }
  });

  it("never reach a terminal raw in show and why", async () => {
    for (const index of NAMES.keys()) {
      const urn = urnOf(index);
      const shown = await bench.run(["show", urn]);
      expect([shown.code, UNSAFE.exec(shown.stdout + shown.stderr)]).toEqual([0, null]);
      expect(shown.stdout.length).toBeLessThan(50_000);
    }
    for (const name of NAMES.slice(4, 60)) {
      const ran = await bench.run(["why", "--", name]);
      expect([ran.code, UNSAFE.exec(ran.stdout + ran.stderr)]).toEqual([0, null]);
      const shown = await bench.run(["show", "--", `${name} nearly`]);
      expect([shown.code, UNSAFE.exec(shown.stdout + shown.stderr)]).toEqual([2, null]);
    }
  });

  it("come back whole in JSON", async () => {
    const rows = await bench.json(["identities"]);
    expect(rows.map((row) => String(row["name"])).sort()).toEqual(NAMES.map((name) => name.toWellFormed()).sort());
    const { stdout } = await bench.run(["identities", "--json"]);
    expect(stdout.trimEnd().split("\n")).toHaveLength(NAMES.length);
    expect(stdout).not.toMatch(/[\u2028\u2029]/);
    expect(({} as Record<string, unknown>)["owned"]).toBeUndefined();
  });

  it("are no formulas and no rows of their own in CSV", async () => {
    const { stdout } = await bench.run(["identities", "--csv"]);
    const rows = parseCsv(stdout);
    expect(rows).toHaveLength(NAMES.length + 1);
    const at = rows[0]!.indexOf("name");
    expect(new Set(rows.map((row) => row.length)).size).toBe(1);
    for (const row of rows.slice(1)) expect(row[at]).not.toMatch(/^\s*[=+\-@＝＋－＠]/);
  });
});

/** RFC 4180, written for this test alone. */
function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] !== '"') throw new Error(`a cell without quotes at ${at}`);
    let cell = "";
    at += 1;
    for (;;) {
      const end = text.indexOf('"', at);
      cell += text.slice(at, end);
      at = end + 1;
      if (text[at] !== '"') break;
      cell += '"';
      at += 1;
    }
    row.push(cell);
    if (text[at] === "\n") {
      rows.push(row);
      row = [];
    } else if (text[at] !== ",") throw new Error(`unexpected ${JSON.stringify(text[at])} at ${at}`);
    at += 1;
  }
  return rows;
}
