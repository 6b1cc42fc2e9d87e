import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exportCanonical, viewCatalogue } from "../../src/inventory/index.ts";
import type { Inventory } from "../../src/inventory/index.ts";
import { DAY, HOUR } from "../../src/model/index.ts";
import { ACCOUNT, Estate, key, START, user } from "./support/estate.ts";
import type { Look } from "./support/estate.ts";

let estate: Estate;
beforeEach(() => {
  estate = new Estate();
});
afterEach(() => estate[Symbol.dispose]());

/** Every documented view, whole; only what is derived per identity is not kept. */
function everything(inventory: Inventory): unknown {
  return Object.fromEntries(
    viewCatalogue().map(({ name }) => {
      const rows = inventory.reader.select(`select * from ${name}`).map((row) => JSON.stringify(row));
      return [name, rows.sort()];
    }),
  );
}

const report = { collection: "report", precedence: 1, authoritative: {}, facts: ["usage"] };
const scans: readonly (readonly Look[])[] = [
  [
    {
      records: [
        user("alice", { path: "/", aliases: ["arn:alice"], tags: { team: "a" } }),
        user("bob"),
        key("AKIA1", "alice"),
      ],
    },
  ],
  [
    {
      records: [
        user("alice", { path: "/ops/", aliases: ["arn:alicia"], tags: { team: "b", unknown: "x" } }),
        user("bob"),
        user("carol", { nature: "human" }),
      ],
    },
    { ...report, records: [user("alice", { enabled: true, tags: { zone: "1" } })] },
  ],
  [
    { records: [user("alice", { path: "/ops/", aliases: ["arn:alicia"], tags: { team: "b", unknown: "x" } })] },
    { ...report, records: [], status: "partial", gaps: [{ class: "denied", reason: "denied" }] },
  ],
  [
    { records: [user("alice", { name: "alicia", tags: null })] },
    { ...report, records: [user("alice", { enabled: false })] },
  ],
  [
    { records: [], status: "partial" },
    { ...report, records: [] },
  ],
  [{ records: [user("bob", { description: "back" })] }, { ...report, records: [] }],
];

describe("the past", () => {
  it("is every view as it was after each run, but for what is kept without history", () => {
    const then: { at: number; state: unknown }[] = [];
    for (const looks of scans) {
      const { at } = estate.scan(looks);
      then.push({ at, state: everything(estate.inventory) });
    }
    for (const { at, state } of then) {
      const past = estate.at(at);
      expect(everything(past)).toEqual(state);
      past.close();
      const later = estate.at(at + HOUR - 1);
      expect(everything(later)).toEqual(state);
      later.close();
    }
    const before = estate.at(START);
    expect(Object.values(everything(before) as Record<string, readonly unknown[]>).flat()).toEqual([]);
    before.close();
  });

  it("does not show use that was seen later", () => {
    const usage = (through: number) => ({
      type: "usage" as const,
      subject: "nhi:aws/aws:111122223333/user/alice",
      source: "s",
      lastUsedAt: START - DAY,
      observedFrom: null,
      observedThrough: through,
    });
    const { at } = estate.scan([{ records: [user("alice"), usage(START)] }]);
    const seen = "select u.source, i.usage_known from identity i left join usage u on u.subject = i.urn";
    const atOnce = estate.at(at);
    expect(atOnce.reader.select(seen)).toEqual([{ source: "s", usage_known: 1 }]);
    atOnce.close();
    estate.scan([{ records: [user("alice"), usage(START + HOUR)] }]);
    const past = estate.at(at);
    expect(past.reader.select(seen)).toEqual([{ source: null, usage_known: 0 }]);
    past.close();
  });

  it("has the findings and decisions of its time", () => {
    const { findings } = estate.inventory.writer();
    const judge = (bad: string, run: number) =>
      findings.judge(
        {
          rule: "r",
          severity: "low",
          subjectType: "identity",
          failing: `select urn as subject, path from identity where name = '${bad}'`,
          undecided: "select urn as subject, '?' as reason from identity where name = 'carol'",
          params: {},
          identity: [],
          explain: (row) => `path ${String(row["path"])}`,
        },
        { run, now: estate.now },
      );
    const state = (inventory: Inventory) => [
      inventory.reader.select("select * from finding order by subject"),
      inventory.reader.select("select * from finding_event order by at, subject, event"),
    ];
    const then: { at: number; state: unknown }[] = [];
    const remember = () => then.push({ at: estate.now, state: state(estate.inventory) });

    estate.scan(scans[0] ?? []);
    judge("alice", 1);
    remember();
    estate.scan(scans[1] ?? []);
    judge("alice", 2);
    remember();
    estate.now += HOUR;
    const [row] = estate.select("select fingerprint from finding order by subject");
    findings.decide({
      action: "suppress",
      fingerprint: String(row?.["fingerprint"]),
      reason: "known",
      actor: "ada",
      at: estate.now,
      until: estate.now + 10 * DAY,
    });
    remember();
    estate.scan(scans[3] ?? []);
    judge("nobody", 3);
    remember();
    for (const { at, state: expected } of then) {
      const past = estate.at(at);
      expect(state(past)).toEqual(expected);
      past.close();
    }
  });

  it("is the same in the canonical export and in a user's query", () => {
    const { at } = estate.scan(scans[0] ?? []);
    const exported = estate.canonical();
    estate.scan(scans[1] ?? []);
    estate.scan(scans[3] ?? []);
    const past = estate.at(at);
    expect([...exportCanonical(past)].join("\n")).toBe(exported);
    expect([...past.reader.query("select name, path, tags from identity order by name")]).toEqual([
      { name: "alice", path: "/", tags: '{"team":"a"}' },
      { name: "bob", path: null, tags: null },
    ]);
    expect(
      past.reader.provenance("nhi:aws/aws:111122223333/user/alice").find(({ fact }) => fact === "path"),
    ).toMatchObject({ value: "/", state: "known", source: "aws/authorization-details", asOf: at });
    past.close();
  });

  it("is what a writer reads too, where it asks", () => {
    const { at } = estate.scan([{ scope: ACCOUNT, records: [user("alice")] }]);
    estate.scan([{ records: [user("alice", { name: "renamed" })] }]);
    const past = estate.at(at);
    expect(past.reader.select("select name from identity")).toEqual([{ name: "alice" }]);
    expect(() => past.writer()).toThrow("was opened for reading only");
    past.close();
  });
});
