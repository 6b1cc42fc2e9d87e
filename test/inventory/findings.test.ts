import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Judgement } from "../../src/inventory/index.ts";
import { DAY, HOUR } from "../../src/model/index.ts";
import { isUserError } from "../../src/sdk/errors.ts";
import { ACCOUNT, Estate, key, START, user } from "./support/estate.ts";

let estate: Estate;
beforeEach(() => {
  estate = new Estate();
  estate.scan([
    {
      records: [
        user("alice", { path: "/bad/" }),
        user("bob", { path: "/bad/" }),
        user("carol", { path: "/" }),
        key("AKIA1", "alice", { name: "k", createdAt: START - DAY }),
      ],
    },
  ]);
});
afterEach(() => estate[Symbol.dispose]());

const urn = (name: string) => `nhi:aws/aws:111122223333/user/${name}`;

/** Users whose name is among `bad` fail, those among `hidden` cannot be judged. */
function rule(bad: readonly string[], hidden: readonly string[] = [], more: Partial<Judgement> = {}): Judgement {
  const among = (names: readonly string[]) => `name in (${["-", ...names].map((name) => `'${name}'`).join(", ")})`;
  return {
    rule: "bad-name",
    severity: "high",
    subjectType: "identity",
    failing: `select urn as subject, name, created_at, @now as now from identity where ${among(bad)}`,
    undecided: `select urn as subject, 'not known: identity.name' as reason from identity where ${among(hidden)}`,
    params: { now: estate.now, unused: 1 },
    identity: [],
    explain: (row) => `${String(row["name"])} is bad`,
    ...more,
  };
}

let run = 1;
function judge(judgement: Judgement) {
  estate.now += HOUR;
  run += 1;
  return estate.inventory.writer().findings.judge(judgement, { run, now: estate.now });
}

const states = () =>
  Object.fromEntries(
    estate
      .select("select subject, verdict, state from finding order by subject")
      .map(({ subject, verdict, state }) => [String(subject).split("/").pop(), `${String(verdict)} ${String(state)}`]),
  );
const events = (name: string) =>
  estate
    .select(`select event from finding_event where subject = '${urn(name)}' order by at, event`)
    .map(({ event }) => event);

describe("a judgement", () => {
  it("opens a finding with evidence, message and where it belongs", () => {
    expect(judge(rule(["alice"]))).toEqual({ rule: "bad-name", failed: 1, unknown: 0, opened: 1, resolved: 0 });
    expect(estate.select("select * from finding")).toEqual([
      {
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        rule: "bad-name",
        subject: urn("alice"),
        subject_type: "identity",
        identity: urn("alice"),
        provider: "aws",
        scope: ACCOUNT,
        verdict: "fail",
        severity: "high",
        severity_rank: 4,
        state: "open",
        message: "alice is bad",
        evidence: '{"created_at":null,"name":"alice"}',
        first_seen_at: START + 2 * HOUR,
        last_seen_at: START + 2 * HOUR,
        resolved_at: null,
        suppressed_until: null,
      },
    ]);
    expect(estate.select("select rule, subject, at, run, event, actor, reason, until from finding_event")).toEqual([
      {
        rule: "bad-name",
        subject: urn("alice"),
        at: START + 2 * HOUR,
        run,
        event: "opened",
        actor: null,
        reason: null,
        until: null,
      },
    ]);
  });

  it("shows instants as text, and names the identity of a credential, trust or grant", () => {
    estate.scan([
      {
        records: [
          user("alice"),
          key("AKIA1", "alice", { createdAt: START - DAY }),
          {
            type: "trust",
            urn: "nhi:aws/1/trust/1",
            identity: urn("alice"),
            mechanism: "assume-role",
            effect: "allow",
            party: "anyone",
            principal: "*",
          },
          {
            type: "grant",
            urn: "nhi:aws/1/grant/1",
            principal: urn("alice"),
            permissionSet: "nhi:aws/1/policy/1",
            effect: "allow",
          },
          {
            type: "grant",
            urn: "nhi:aws/1/grant/2",
            principal: "nhi:aws/1/group/1",
            permissionSet: "nhi:aws/1/policy/1",
            effect: "allow",
          },
          { type: "anchor", urn: "nhi:aws/1/anchor/1", kind: "oidc-provider" },
        ],
      },
    ]);
    const none = "select urn as subject, '' as reason from identity where 1 = 0";
    const all = (subjectType: Judgement["subjectType"], view: string, columns = "") =>
      judge(
        rule([], [], {
          rule: subjectType,
          subjectType,
          failing: `select urn as subject${columns} from ${view}`,
          undecided: none,
          explain: () => "x",
        }),
      );
    all("credential", "credential", ", created_at, observed_from");
    all("trust", "trust");
    all("grant", "access_grant");
    all("anchor", "anchor");
    expect(estate.select("select rule, identity, evidence from finding order by rule, subject")).toEqual([
      { rule: "anchor", identity: null, evidence: "{}" },
      {
        rule: "credential",
        identity: urn("alice"),
        evidence: '{"created_at":"2025-12-31T00:00:00Z","observed_from":null}',
      },
      { rule: "grant", identity: urn("alice"), evidence: "{}" },
      { rule: "grant", identity: null, evidence: "{}" },
      { rule: "trust", identity: urn("alice"), evidence: "{}" },
    ]);
  });

  it("confirms, resolves and reopens", () => {
    judge(rule(["alice", "bob"]));
    expect(judge(rule(["alice", "bob"]))).toMatchObject({ failed: 2, opened: 0, resolved: 0 });
    expect(judge(rule(["alice"]))).toMatchObject({ failed: 1, opened: 0, resolved: 1 });
    expect(states()).toEqual({ alice: "fail open", bob: "fail resolved" });
    expect(estate.select(`select subject, last_seen_at, resolved_at from finding order by subject`)).toEqual([
      { subject: urn("alice"), last_seen_at: START + 4 * HOUR, resolved_at: null },
      { subject: urn("bob"), last_seen_at: START + 3 * HOUR, resolved_at: START + 4 * HOUR },
    ]);
    expect(judge(rule(["alice", "bob"]))).toMatchObject({ failed: 2, opened: 1, resolved: 0 });
    expect(states()).toEqual({ alice: "fail open", bob: "fail reopened" });
    expect(events("bob")).toEqual(["opened", "resolved", "reopened"]);
    expect(events("alice")).toEqual(["opened"]);
  });

  it("turns unknown where the subject cannot be judged, and keeps the state", () => {
    judge(rule(["alice", "bob"]));
    const [first] = estate.select("select fingerprint from finding order by subject");
    expect(judge(rule(["bob"], ["alice", "carol"]))).toEqual({
      rule: "bad-name",
      failed: 1,
      unknown: 2,
      opened: 0,
      resolved: 0,
    });
    expect(states()).toEqual({ alice: "unknown open", bob: "fail open", carol: "unknown open" });
    expect(estate.select(`select message, evidence from finding where subject = '${urn("alice")}'`)).toEqual([
      { message: "not known: identity.name", evidence: '{"reason":"not known: identity.name"}' },
    ]);
    expect(judge(rule(["alice"], []))).toEqual({ rule: "bad-name", failed: 1, unknown: 0, opened: 0, resolved: 2 });
    expect(states()).toEqual({ alice: "fail open", bob: "fail resolved", carol: "unknown resolved" });
    expect(estate.select(`select fingerprint from finding where subject = '${urn("alice")}'`)).toEqual([first]);
    expect(events("alice")).toEqual(["opened", "undecided", "failed"]);
    expect(events("carol")).toEqual(["undecided", "resolved"]);
  });

  it("never calls a resolved subject unknown a failure", () => {
    judge(rule(["alice"]));
    judge(rule([]));
    judge(rule([], ["alice"]));
    expect(states()).toEqual({ alice: "unknown open" });
    expect(events("alice")).toEqual(["opened", "resolved", "undecided"]);
  });

  it("tells findings of one subject apart by the rule's identity columns only", () => {
    const values = (...pairs: [string, number][]) =>
      rule([], [], {
        identity: ["region"],
        failing: pairs
          .map(([region, count]) => `select '${urn("alice")}' as subject, '${region}' as region, ${count} as number`)
          .join(" union all "),
        explain: (row) => `${String(row["region"])} ${String(row["number"])}`,
      });
    judge(values(["us", 1], ["eu", 1]));
    const before = estate.select("select fingerprint, message from finding order by message");
    expect(before.map(({ message }) => message)).toEqual(["eu 1", "us 1"]);
    judge(values(["eu", 2], ["us", 1]));
    const after = estate.select("select fingerprint, message from finding order by message");
    expect(after).toEqual([{ ...before[0], message: "eu 2" }, before[1]]);
    expect(judge(values(["eu", 2]))).toMatchObject({ failed: 1, resolved: 1 });
    judge({
      ...values(),
      failing: "select urn as subject from identity where 1 = 0",
      undecided: `select '${urn("alice")}' as subject, '?' as reason`,
    });
    expect(estate.select("select verdict, state, message from finding order by message")).toEqual([
      { verdict: "unknown", state: "open", message: "?" },
      { verdict: "fail", state: "resolved", message: "us 1" },
    ]);
  });

  it("keeps the smaller evidence of two rows that the rule does not tell apart", () => {
    const twins = (...names: string[]) =>
      rule([], [], {
        failing: names.map((name) => `select '${urn("alice")}' as subject, '${name}' as name`).join(" union all "),
      });
    for (const order of [
      ["b", "a"],
      ["a", "b"],
      ["b", "a"],
    ]) {
      judge(twins(...order));
      expect(estate.select("select message from finding")).toEqual([{ message: "a is bad" }]);
    }
  });

  it("resolves what has left the inventory", () => {
    judge(rule(["alice"]));
    estate.scan([{ records: [] }]);
    judge(rule(["alice"]));
    expect(states()).toEqual({ alice: "fail open" });
    estate.scan([{ records: [] }]);
    judge(rule(["alice"]));
    expect(states()).toEqual({ alice: "fail resolved" });
  });

  it("follows a changed severity without an event", () => {
    judge(rule(["alice"]));
    judge(rule(["alice"], [], { severity: "low" }));
    expect(estate.select("select severity, severity_rank from finding")).toEqual([
      { severity: "low", severity_rank: 2 },
    ]);
    expect(events("alice")).toEqual(["opened"]);
  });

  it("gives the same fingerprint in another inventory", () => {
    judge(rule(["alice"]));
    const fingerprints = estate.select("select fingerprint from finding");
    using other = new Estate();
    other.scan([{ records: [user("zoe"), user("alice")] }]);
    other.inventory.writer().findings.judge({ ...rule(["alice"]), severity: "info" }, { run: 1, now: other.now });
    expect(other.select("select fingerprint from finding")).toEqual(fingerprints);
  });
});

describe("a rule that is switched off", () => {
  it("has its findings closed, and opened again when it is back", () => {
    judge(rule(["alice"]));
    judge(rule(["bob"], [], { rule: "other" }));
    estate.inventory.writer().findings.retire(["other"], { run, now: estate.now });
    expect(estate.select("select rule, state from finding order by rule")).toEqual([
      { rule: "bad-name", state: "resolved" },
      { rule: "other", state: "open" },
    ]);
    expect(estate.select("select event, reason from finding_event where rule = 'bad-name' order by at, event")).toEqual(
      [
        { event: "opened", reason: null },
        { event: "retired", reason: "the rule is switched off" },
      ],
    );
    judge(rule(["alice"]));
    expect(states()).toEqual({ alice: "fail reopened", bob: "fail open" });
  });
});

describe("a person's decision", () => {
  const decide = (
    action: "acknowledge" | "suppress" | "reopen",
    more: { until?: number; reason?: string; fingerprint?: string } = {},
  ) =>
    estate.inventory.writer().findings.decide({
      action,
      fingerprint: String(estate.select("select fingerprint from finding")[0]?.["fingerprint"])
        .slice(0, 8)
        .toUpperCase(),
      reason: "because \uD800",
      actor: "ada",
      at: estate.now,
      ...more,
    });
  const refusal = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      if (isUserError(error)) return [error.exit, error.message];
      throw error;
    }
    return "not refused";
  };

  beforeEach(() => {
    judge(rule(["alice"]));
  });

  it("is in the history with who, why and until when", () => {
    const finding = decide("acknowledge");
    expect(finding).toMatchObject({
      subject: urn("alice"),
      state: "acknowledged",
      verdict: "fail",
      evidence: { name: "alice", created_at: null },
      message: "alice is bad",
      suppressedUntil: null,
    });
    const until = estate.now + DAY;
    expect(decide("suppress", { until })).toMatchObject({ state: "suppressed", suppressedUntil: until });
    expect(decide("reopen")).toMatchObject({ state: "reopened", suppressedUntil: null });
    expect(estate.select("select event, actor, reason, until, run from finding_event where actor is not null")).toEqual(
      [
        { event: "acknowledged", actor: "ada", reason: "because \uD800", until: null, run: null },
        { event: "suppressed", actor: "ada", reason: "because \uD800", until, run: null },
        { event: "reopened", actor: "ada", reason: "because \uD800", until: null, run: null },
      ],
    );
  });

  it("outlives the next judgement, and an acknowledged finding resolves by itself", () => {
    decide("acknowledge");
    judge(rule(["alice"]));
    expect(states()).toEqual({ alice: "fail acknowledged" });
    judge(rule([], ["alice"]));
    expect(states()).toEqual({ alice: "unknown acknowledged" });
    judge(rule([]));
    expect(states()).toEqual({ alice: "unknown resolved" });
    judge(rule(["alice"]));
    expect(states()).toEqual({ alice: "fail reopened" });
  });

  it("to suppress ends at its time", () => {
    decide("suppress", { until: estate.now + 90 * 60_000 });
    judge(rule(["alice"]));
    expect(states()).toEqual({ alice: "fail suppressed" });
    expect(judge(rule(["alice"]))).toMatchObject({ failed: 1 });
    expect(states()).toEqual({ alice: "fail reopened" });
    expect(estate.select("select suppressed_until from finding")).toEqual([{ suppressed_until: null }]);
    expect(events("alice")).toEqual(["opened", "suppressed", "expired"]);
  });

  it("is refused without reason, end or finding", () => {
    judge(rule(["alice", "bob"]));
    expect(refusal(() => decide("acknowledge", { reason: " " }))).toEqual([
      2,
      "To acknowledge a finding takes a reason",
    ]);
    expect(refusal(() => decide("suppress"))).toEqual([2, "A suppression takes an end that lies ahead"]);
    expect(refusal(() => decide("suppress", { until: estate.now }))).toEqual([
      2,
      "A suppression takes an end that lies ahead",
    ]);
    expect(refusal(() => decide("reopen", { fingerprint: "00000000" }))).toEqual([2, "There is no finding 00000000"]);
    expect(refusal(() => decide("reopen", { fingerprint: "abc" }))).toEqual([
      2,
      '"abc" is not the fingerprint of a finding: 8 or more of its hexadecimal digits',
    ]);
    expect(refusal(() => decide("reopen", { fingerprint: "%".repeat(9) }))).toEqual([
      2,
      '"%%%%%%%%%" is not the fingerprint of a finding: 8 or more of its hexadecimal digits',
    ]);
    judge(rule([]));
    expect(refusal(() => decide("acknowledge"))).toEqual([
      2,
      expect.stringMatching(/^The finding [0-9a-f]{12} is resolved already$/),
    ]);
  });
});
