import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fixedClock, temporaryInventory } from "rollcall/sdk/testing";
import type { TemporaryInventory } from "rollcall/sdk/testing";
import { compileRule } from "../../src/engine/index.ts";
import { DAY, HOUR, unknown, urn } from "../../src/model/index.ts";
import type { CredentialRecord, NhiRecord, UsageObservation } from "../../src/model/index.ts";
import { defineRule } from "../../src/sdk/index.ts";
import type { Rule } from "../../src/sdk/index.ts";
import { NOW } from "./support/estate.ts";
import { fillAndJudge, findings, SCOPE } from "./support/filled.ts";
import { ruleSetting, staleKey } from "./support/tiny-scan.ts";

let held: TemporaryInventory;
beforeEach(() => {
  held = temporaryInventory({ now: fixedClock(NOW).now });
});
afterEach(() => held.dispose());

const id = (kind: string, name: string) => urn({ provider: "tiny", namespace: "a1", kind, nativeId: name });
const robot = (name: string, more: object = {}): NhiRecord => ({
  type: "identity",
  urn: id("robot", name),
  kind: "robot",
  ...more,
});
const key = (name: string, more: Partial<CredentialRecord> = {}): CredentialRecord => ({
  type: "credential",
  urn: id("key", name),
  kind: "key",
  identity: id("robot", "r"),
  secrecy: "static-secret",
  enabled: true,
  createdAt: NOW - 400 * DAY,
  ...more,
});
const use = (name: string, more: Partial<UsageObservation> = {}): UsageObservation => ({
  type: "usage",
  subject: id("key", name),
  source: "key-use",
  lastUsedAt: null,
  observedFrom: null,
  observedThrough: NOW,
  ...more,
});
const KEY_FACTS = ["credential", "credential.enabled", "credential.createdAt"];

const aged: Rule = defineRule({
  ...staleKey,
  id: "aged-key",
  params: { maxAge: { default: 365, unit: "days", min: 1, max: 1_000, doc: "Age" } },
  needs: ["credential.enabled", "credential.createdAt"],
  query:
    "select urn as subject, created_at from credential where kind = 'key' and enabled = 1 and created_at < @now - @maxAge",
  explain: (row, params) =>
    `${params["maxAge"]} days and older: ${Math.floor((row.now - Number(row["created_at"])) / DAY)}`,
});

describe("facts of the subject's own row", () => {
  test("fail, pass and unknown, whole", () => {
    const records = [
      robot("r"),
      key("old"),
      key("edge", { createdAt: NOW - 365 * DAY }),
      key("young", { createdAt: NOW - DAY }),
      key("undated", { createdAt: unknown("the provider does not say") }),
      key("unmentioned-date", { createdAt: undefined } as never),
      key("disabled-undated", { enabled: false, createdAt: unknown("no") }),
      key("perhaps-enabled", { enabled: unknown("no") }),
      key("another-kind", { kind: "password", createdAt: unknown("no") }),
    ];
    const evaluation = fillAndJudge(
      held.inventory,
      [{ id: "keys", facts: ["identity", ...KEY_FACTS], records }],
      [ruleSetting(aged)],
    );
    expect(findings(held.inventory)).toEqual({
      old: "fail: 365 days and older: 400",
      undated: "unknown: not known: credential.createdAt",
      "unmentioned-date": "unknown: not known: credential.createdAt",
      "perhaps-enabled": "unknown: not known: credential.enabled",
    });
    expect(evaluation).toMatchObject({
      open: { info: 0, low: 0, medium: 0, high: 1, critical: 0 },
      unknown: 3,
      opened: 1,
      broken: [],
    });
  });

  test("the user's threshold is the one that counts, in days", () => {
    const records = [robot("r"), key("old")];
    const strict = ruleSetting(aged, { params: { maxAge: 401 } });
    fillAndJudge(held.inventory, [{ id: "keys", facts: KEY_FACTS, records }], [strict]);
    expect(findings(held.inventory)).toEqual({});
    expect(compileRule(strict, NOW).params).toEqual({ now: NOW, maxAge: 401 * DAY });
  });

  test("what nobody sees any more does not settle and does not fail", () => {
    fillAndJudge(
      held.inventory,
      [
        {
          id: "keys",
          facts: KEY_FACTS,
          records: [robot("r"), key("was-disabled", { enabled: false }), key("was-old")],
        },
      ],
      [ruleSetting(aged)],
    );
    expect(findings(held.inventory)).toEqual({ "was-old": "fail: 365 days and older: 400" });
    const denied = { class: "denied", operation: "tiny:ListKeys", reason: "tiny:ListKeys was denied" } as const;
    fillAndJudge(
      held.inventory,
      [{ id: "keys", facts: KEY_FACTS, records: [], status: "partial", gaps: [denied] }],
      [ruleSetting(aged)],
      NOW + DAY,
    );
    const why =
      "not known: credential.enabled (tiny:ListKeys was denied); credential.createdAt (tiny:ListKeys was denied)";
    expect(findings(held.inventory)).toEqual({ "was-disabled": `unknown: ${why}`, "was-old": `unknown: ${why}` });
    const [state] = held.inventory.reader.select(
      "select state from finding where verdict = 'unknown' and subject like '%was-old'",
    );
    expect(state).toEqual({ state: "open" });
  });
});

describe("facts of other records", () => {
  const lonely: Rule = defineRule({
    ...staleKey,
    id: "no-owner",
    subject: "identity",
    population: "kind = 'robot'",
    needs: ["owner"],
    params: {},
    query: "select i.urn as subject from identity i where not exists (select 1 from owner o where o.subject = i.urn)",
    explain: () => "nobody answers for it",
  });
  const { settled: _settled, ...unsettledLonely } = lonely;

  test("decided only where every collection that emits the fact was complete", () => {
    const collections = [
      { id: "robots", facts: ["identity"], records: [robot("r")] },
      { id: "tags", facts: ["owner"], records: [] },
    ];
    fillAndJudge(held.inventory, collections, [ruleSetting(unsettledLonely)]);
    expect(findings(held.inventory)).toEqual({ r: "fail: nobody answers for it" });

    const denied = { class: "denied", operation: "tiny:ListTags", reason: "refused" } as const;
    const hidden = collections.map((collection) =>
      collection.id === "tags" ? { ...collection, status: "partial" as const, gaps: [denied] } : collection,
    );
    fillAndJudge(held.inventory, hidden, [ruleSetting(unsettledLonely)], NOW + DAY);
    expect(findings(held.inventory)).toEqual({ r: "unknown: not known: owner (tags: tiny:ListTags: refused)" });
  });

  test("a fact that nobody collects is unknown, not absent", () => {
    fillAndJudge(
      held.inventory,
      [{ id: "robots", facts: ["identity"], records: [robot("r")] }],
      [ruleSetting(unsettledLonely)],
    );
    expect(findings(held.inventory)).toEqual({ r: "unknown: not known: owner" });
  });
});

describe("usage over a window", () => {
  const verdicts = (keys: readonly NhiRecord[], uses: readonly UsageObservation[]) => {
    fillAndJudge(
      held.inventory,
      [
        { id: "keys", facts: ["identity", ...KEY_FACTS], records: [robot("r"), ...keys] },
        { id: "uses", facts: ["usage"], records: uses },
      ],
      [ruleSetting(staleKey)],
    );
    return Object.fromEntries(
      Object.entries(findings(held.inventory)).map(([name, said]) => [name, said.split(":")[0]]),
    );
  };
  const WINDOW = 90 * DAY;

  test.each([
    [
      "used today, whatever else is known",
      { lastUsedAt: NOW - HOUR, observedFrom: NOW - 2 * HOUR, observedThrough: NOW - HOUR },
      {},
      undefined,
    ],
    ["used at the very edge of the window", { lastUsedAt: NOW - WINDOW }, {}, undefined],
    ["last used just before the window, all of it observed", { lastUsedAt: NOW - WINDOW - 1 }, {}, "fail"],
    ["never used since it was created", {}, {}, "fail"],
    ["observed for exactly the window", { observedFrom: NOW - WINDOW }, {}, "fail"],
    ["observed for a millisecond less than the window", { observedFrom: NOW - WINDOW + 1 }, {}, "unknown"],
    [
      "younger than the window and observed for its whole life",
      { observedFrom: NOW - 30 * DAY },
      { createdAt: NOW - 30 * DAY },
      "fail",
    ],
    [
      "younger than the window, observed a little late",
      { observedFrom: NOW - 30 * DAY + 1 },
      { createdAt: NOW - 30 * DAY },
      "unknown",
    ],
    ["observed until just within the usual lag", { observedThrough: NOW - 48 * HOUR }, {}, "fail"],
    ["observed until longer ago than the usual lag", { observedThrough: NOW - 48 * HOUR - 1 }, {}, "unknown"],
    ["disabled: settled, whatever was not observed", { observedFrom: NOW - 1 }, { enabled: false }, undefined],
    ["disabled as far as anybody knows: not settled", { observedFrom: NOW - 1 }, { enabled: unknown("no") }, "unknown"],
  ] as const)("%s", (_name, observation, credential, expected) => {
    expect(verdicts([key("k", credential)], [use("k", observation)])).toEqual(
      expected === undefined ? {} : { k: expected },
    );
  });

  test("not observed at all is unknown, never unused", () => {
    expect(verdicts([key("k")], [])).toEqual({ k: "unknown" });
  });

  test("an identity is judged by all its credentials where a rule asks for their use", () => {
    const idle: Rule = {
      ...staleKey,
      id: "idle-robot",
      subject: "identity",
      population: "kind = 'robot'",
      needs: ["credential", { usage: "credential", window: "window" }],
      query: `select i.urn as subject from identity i
        where not exists (select 1 from credential c where c.identity = i.urn and c.last_used_at >= @now - @window)`,
      explain: () => "none of its keys was used",
    };
    const { settled: _unused, ...rule } = idle;
    const of = (name: string, owner: string) => key(name, { identity: id("robot", owner) });
    fillAndJudge(
      held.inventory,
      [
        {
          id: "keys",
          facts: ["identity", ...KEY_FACTS],
          records: [
            robot("idle"),
            robot("busy"),
            robot("half-seen"),
            of("i1", "idle"),
            of("i2", "idle"),
            of("b1", "busy"),
            of("b2", "busy"),
            of("h1", "half-seen"),
            of("h2", "half-seen"),
          ],
        },
        {
          id: "uses",
          facts: ["usage"],
          records: [use("i1"), use("i2"), use("b1"), use("b2", { lastUsedAt: NOW - DAY }), use("h1")],
        },
      ],
      [ruleSetting(rule)],
    );
    expect(findings(held.inventory)).toEqual({
      idle: "fail: none of its keys was used",
      "half-seen": "unknown: not known: whether the credential was used in the last 90 days",
    });
  });
});

describe("evaluation", () => {
  const collections = [
    {
      id: "robots",
      facts: ["identity", "identity.boundary", "identity.enabled"],
      records: [robot("r", { boundary: null, enabled: true }), robot("s", { boundary: null, enabled: true })],
    },
    { id: "keys", facts: KEY_FACTS, records: [key("old")] },
  ];

  test("a rule that breaks is named; the others are judged", () => {
    const broken: Rule = { ...aged, id: "broken", query: "select nonsense from nowhere" };
    const evaluation = fillAndJudge(held.inventory, collections, [ruleSetting(broken), ruleSetting(aged)]);
    expect(evaluation.broken.map(({ rule }) => rule)).toEqual(["broken"]);
    expect(findings(held.inventory)).toEqual({ old: "fail: 365 days and older: 400" });
  });

  test("a rule that is switched off closes its findings with that as the reason", () => {
    fillAndJudge(held.inventory, collections, [ruleSetting(aged)]);
    fillAndJudge(held.inventory, collections, [ruleSetting(aged, { enabled: false })], NOW + DAY);
    expect(findings(held.inventory)).toEqual({});
    expect(held.inventory.reader.select("select event from finding_event order by at")).toEqual([
      { event: "opened" },
      { event: "retired" },
    ]);
  });

  test("a rule whose needs do not exist is its author's mistake, said at once", () => {
    expect(() => compileRule(ruleSetting({ ...aged, needs: ["credential.colour"] }), NOW)).toThrow(
      "needs credential.colour, which is not a fact",
    );
    expect(() =>
      compileRule(ruleSetting({ ...aged, needs: [{ usage: "credential", window: "forever" }] }), NOW),
    ).toThrow("over the window forever");
  });

  test("privilege and score follow from grants and findings, and are unknown where grants were not seen", () => {
    const admin = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
    const aws = (kind: string, name: string) => urn({ provider: "aws", namespace: "a1", kind, nativeId: name });
    const user = (name: string): NhiRecord => ({
      type: "identity",
      urn: aws("user", name),
      kind: "user",
      boundary: null,
      enabled: true,
    });
    const policies: NhiRecord[] = [
      {
        type: "permission-set",
        urn: aws("policy", "renamed"),
        kind: "managed-policy",
        name: "totally-harmless",
        document: admin,
      },
      {
        type: "grant",
        urn: aws("grant", "1"),
        principal: aws("user", "boss"),
        permissionSet: aws("policy", "renamed"),
        effect: "allow",
        conditions: null,
      },
    ];
    const users = { id: "users", facts: ["identity", "identity.boundary"], records: [user("boss"), user("clerk")] };
    const secret = { id: "keys", facts: KEY_FACTS, records: [{ ...key("old"), identity: aws("user", "boss") }] };
    const rows = () =>
      held.inventory.reader
        .select("select urn, privilege, privilege_certainty, score from identity order by urn")
        .map((row) => ({ ...row, urn: String(row["urn"]).split("/").at(-1) }));

    fillAndJudge(
      held.inventory,
      [
        users,
        { id: "policies", facts: ["permission-set", "permission-set.document", "grant"], records: policies },
        secret,
      ],
      [ruleSetting(aged)],
    );
    expect(rows()).toEqual([
      { urn: "boss", privilege: "admin", privilege_certainty: "certain", score: 40 + 12 + 4 },
      { urn: "clerk", privilege: "low", privilege_certainty: "certain", score: 0 },
    ]);

    const denied = { class: "denied", operation: "iam:ListPolicies", reason: "refused" } as const;
    fillAndJudge(
      held.inventory,
      [
        users,
        {
          id: "policies",
          facts: ["permission-set", "permission-set.document", "grant"],
          records: [],
          status: "partial",
          gaps: [denied],
        },
        secret,
      ],
      [ruleSetting(aged)],
      NOW + DAY,
    );
    expect(rows()[1]).toEqual({ urn: "clerk", privilege: "unknown", privilege_certainty: "possible", score: 0 });
  });

  test("what a rule itself doubts is unknown, unless it is settled, undecidable or outside of the population", () => {
    const doubting: Rule = {
      ...aged,
      id: "doubting",
      query: "select urn as subject from credential where 1 = 0",
      doubt: `select urn as subject, 'because ' || kind as reason, 1 as more from credential
        union all select urn as subject, 'and again' as reason, 2 as more from credential`,
    };
    const records = [
      robot("r"),
      key("doubted"),
      key("settled", { enabled: false }),
      key("undated", { createdAt: unknown("no") }),
      key("elsewhere", { kind: "password" }),
    ];
    fillAndJudge(held.inventory, [{ id: "keys", facts: KEY_FACTS, records }], [ruleSetting(doubting)]);
    expect(findings(held.inventory)).toEqual({
      doubted: "unknown: and again",
      undated: "unknown: not known: credential.createdAt",
    });
  });

  test("things of identities that nobody listed leave nothing open behind them", () => {
    const stray = key("stray", { identity: id("robot", "zz-not-listed") });
    fillAndJudge(held.inventory, [{ id: "keys", facts: KEY_FACTS, records: [robot("a"), stray] }], [ruleSetting(aged)]);
    // Closing an inventory with a statement under way fails.
    expect(() => held.reopen()).not.toThrow();
    expect(findings(held.inventory)).toEqual({ stray: "fail: 365 days and older: 400" });
  });

  test("judging twice changes nothing", () => {
    fillAndJudge(held.inventory, collections, [ruleSetting(aged)]);
    const before = held.canonical();
    fillAndJudge(held.inventory, collections, [ruleSetting(aged)], NOW);
    expect(held.canonical()).toBe(before);
    expect(held.inventory.reader.select("select distinct scope from identity")).toEqual([{ scope: SCOPE }]);
  });
});
