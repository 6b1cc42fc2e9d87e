import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAY } from "../../src/sdk/index.ts";
import { NOW as THEN, tinyEstate } from "../engine/support/estate.ts";
import { startTinyServer } from "../engine/support/tiny-server.ts";
import type { TinyServer } from "../engine/support/tiny-server.ts";
import { Bench } from "./support.ts";

/** One estate, scanned three times: whole, after changes, and with a refusal. */
let bench: Bench;
let server: TinyServer;
const FIRST = THEN;
const SECOND = THEN + DAY;
const THIRD = THEN + 2 * DAY;
const FOURTH = THEN + 3 * DAY;

beforeAll(async () => {
  bench = new Bench();
  server = await startTinyServer(tinyEstate(5));
  bench.file("rollcall.yaml", `sources:\n  - scanner: tiny\n    url: ${server.url}\nnetwork: { share: 1 }\n`);
});
afterAll(async () => {
  await server.close();
  bench.close();
});

const visible = (text: string): string =>
  text
    .replaceAll(server.url, "SERVER")
    .replaceAll(bench.folder, "FOLDER")
    .replace(/\d+ bytes|\d+\.\d kB/g, "N bytes");

describe("before the first scan", () => {
  it("a plan predicts and writes nothing", async () => {
    const ran = await bench.run(["plan"], { now: FIRST });
    expect(ran.code).toBe(0);
    expect(visible(ran.stdout)).toMatchInlineSnapshot(`
      "2 of 2 scopes, 6 to 480 calls, less than a minute
      calls: no robots known yet; no keys known yet; no roles known yet
      minutes: no published figure; 5 calls per second and scope assumed, at a share of 1

      SCOPE       COLLECTION     CALLS  BASIS
      alpha (a1)  robots       1 to 40  no robots known yet
      alpha (a1)  keys         1 to 40  no keys known yet
      alpha (a1)  uses        0 to 120  no robots known yet
      alpha (a1)  roles        1 to 40  no roles known yet
      alpha (a1)  notes              -  opt-in, not selected
      beta (b2)   robots       1 to 40  no robots known yet
      beta (b2)   keys         1 to 40  no keys known yet
      beta (b2)   uses        0 to 120  no robots known yet
      beta (b2)   roles        1 to 40  no roles known yet
      beta (b2)   notes              -  opt-in, not selected

      6 permissions for tiny (rollcall permissions tiny prints the policy):
        tiny:GetUse
        tiny:ListAccounts
        tiny:ListKeys
        tiny:ListRobots
        tiny:ListRoles
        tiny:WhoAmI
      "
    `);
    expect(existsSync(join(bench.folder, "rollcall.db"))).toBe(false);
  });

  it("the permissions are printed as the policy alone", async () => {
    expect(await bench.run(["permissions", "tiny"])).toEqual({
      code: 0,
      stdout: '["tiny:GetUse","tiny:ListAccounts","tiny:ListKeys","tiny:ListRobots","tiny:ListRoles","tiny:WhoAmI"]\n',
      stderr: "give it to the robot\n",
    });
    expect((await bench.run(["permissions", "tiny", "--deep", "notes"])).stdout).toContain("tiny:ListNotes");
  });

  it("the doctor says who, where and how", async () => {
    const ran = await bench.run(["doctor"], { now: Date.now() });
    expect([ran.code, visible(ran.stdout)]).toMatchInlineSnapshot(`
      [
        0,
        "ok       rollcall configuration: FOLDER/rollcall.yaml: tiny
      ok       rollcall inventory: FOLDER/rollcall.db
      ok       rollcall network: directly, no proxy; no telemetry: only the providers named above are ever called
      ok       tiny who: auditor
      ",
      ]
    `);
  });

  it("an inventory that is not there is said to be missing", async () => {
    const ran = await bench.run(["identities"]);
    expect(ran.code).toBe(7);
    expect(ran.stderr).toContain("next:");
  });
});

describe("scans", () => {
  it("begin with the coverage and end with what to type next", async () => {
    const ran = await bench.run(["scan"], { now: FIRST });
    expect(ran.code).toBe(0);
    expect(visible(ran.stdout)).toMatchInlineSnapshot(`
      "2 of 2 scopes complete
      0 ms, 17 calls (predicted 6 to 480), 0 throttled, N bytes
      20 new, 0 changed, 0 missing, 0 gone

      IDENTITIES  MACHINE  ALL
      tiny robot        7    7

      Open findings: 7 high, 4 medium; 39 could not be decided
      SEVERITY  COUNT  RULE                          WORST          WHAT IT IS THERE
      high          7  long-lived-static-credential  robot-2 in a1  The key nhi:tiny/a1/key/a1-k2 is enabled and its secret is 300 days old, set on 2026-01-27; the window is 90 days.
      medium        4  never-used-credential         robot-2 in a1  The key nhi:tiny/a1/key/a1-k2 was created 300 days ago, on 2026-01-27, is enabled, and was never used; 30 days are allowed.

      Next:
        rollcall findings --db rollcall.db
        rollcall show nhi:tiny/a1/robot/a1-r2 --db rollcall.db
        rollcall identities --nature machine --sort score:desc --db rollcall.db
        rollcall export markdown --db rollcall.db
      "
    `);
    expect(visible(ran.stderr)).toMatchInlineSnapshot(`
      "run 1: tiny
      account alpha (a1)
      account beta (b2)
      beta (b2) robots: complete, 2 items, 1 call (2 new)
      alpha (a1) robots: complete, 5 items, 2 calls (5 new)
      beta (b2) keys: complete, 2 items, 1 call (2 new)
      beta (b2) roles: complete, 0 items, 1 call
      alpha (a1) roles: complete, 6 items, 1 call (6 new)
      alpha (a1) keys: complete, 5 items, 2 calls (5 new)
      beta (b2) uses: complete, 0 items, 2 calls
      alpha (a1) uses: complete, 0 items, 5 calls
      judging by 17 rules
      exit 0: 2 of 2 scopes were seen completely, as far as the configuration asks
      "
    `);
    expect(statSync(join(bench.folder, "rollcall.db")).mode & 0o777).toBe(0o600);
  });

  it("of the same estate write no version", async () => {
    const [result, ...more] = await bench.json(["scan"], { now: SECOND });
    expect(more).toEqual([]);
    expect(result).toMatchObject({ run: 2, versionsWritten: 0, exit: { code: 0 }, startedAt: "2026-11-24T05:00:00Z" });
    expect((await bench.json(["credentials", "--stale", "30d"], { now: SECOND })).map((row) => row["urn"])).toEqual([
      "nhi:tiny/a1/key/a1-k1",
      "nhi:tiny/a1/key/a1-k2",
      "nhi:tiny/a1/key/a1-k4",
      "nhi:tiny/b2/key/b2-k1",
    ]);
  });

  it("tell what changed, and what could not be seen is not taken for gone", async () => {
    const alpha = server.estate.accounts[0]!;
    alpha.robots.splice(1, 1);
    alpha.robots[0] = { ...alpha.robots[0]!, name: "robot-zero" };
    expect((await bench.json(["scan"], { now: THIRD }))[0]).toMatchObject({ changes: { missing: 4 } });
    server.inject({ operation: "tiny:ListRobots", kind: "denied", account: "b2" });
    const ran = await bench.run(["scan"], { now: FOURTH });
    server.heal();
    expect(ran.code).toBe(4);
    expect(ran.stdout.split("\n").slice(0, 2)).toMatchInlineSnapshot(`
      [
        "1 of 2 scopes complete; 1 partial (b2)",
        "  beta (b2): partial (robots): tiny:ListRobots was denied (Denied, HTTP 403)",
      ]
    `);
  });

  it("can be held to a gate, and to accepted gaps", async () => {
    server.inject({ operation: "tiny:ListRobots", kind: "denied", account: "b2" });
    const gate = await bench.run(["scan", "--fail-on", "info", "--json"], { now: FOURTH + 1 });
    const accepted = await bench.run(["scan", "--allow-partial=b2", "--json"], { now: FOURTH + 2 });
    server.heal();
    expect([gate.code, accepted.code]).toEqual([5, 0]);
  });
});

describe("lists", () => {
  it("show a table, JSON lines or CSV", async () => {
    expect((await bench.run(["identities", "--limit", "3"])).stdout).toMatchInlineSnapshot(`
      "NAME        KIND   NATURE   SCOPE  PRIVILEGE  SCORE  ENABLED  LAST USED   CREATED
      robot-zero  robot  machine  a1     unknown?      16  true     2026-11-23  2025-10-19
      robot-2     robot  machine  a1     unknown?      22  true     ?           2025-10-19
      robot-3     robot  machine  a1     unknown?      12  false    2026-11-20  2025-10-19
      "
    `);
    expect((await bench.run(["identities", "--limit", "3"])).stderr).toBe(
      "3 of 6 identities; --limit N shows more, --json and --csv show all\n",
    );
    const documents = await bench.json(["identities", "--limit", "1"]);
    expect(documents).toMatchInlineSnapshot(`
      [
        {
          "attributes": null,
          "boundary": null,
          "changed_at": "2026-11-25T05:00:00Z",
          "created_at": "2025-10-19T05:00:00Z",
          "custody": {
            "reason": "no collection told",
            "state": "unknown",
          },
          "description": {
            "reason": "no collection told",
            "state": "unknown",
          },
          "enabled": true,
          "environment": {
            "reason": "no collection told",
            "state": "unknown",
          },
          "first_seen_at": "2026-11-23T05:00:00Z",
          "kind": "robot",
          "last_used_at": "2026-11-23T05:00:00Z",
          "mfa_enabled": {
            "reason": "no collection told",
            "state": "unknown",
          },
          "name": "robot-zero",
          "nature": "machine",
          "nature_reason": {
            "reason": "no collection told",
            "state": "unknown",
          },
          "observed_from": "2025-10-19T05:00:00Z",
          "observed_through": "2026-11-24T05:00:00Z",
          "path": {
            "reason": "no collection told",
            "state": "unknown",
          },
          "presence": "present",
          "privilege": "unknown",
          "privilege_certainty": "possible",
          "privilege_reason": "permissions of tiny are not understood yet",
          "provider": "tiny",
          "scope": "nhi:tiny/tiny/account/a1",
          "score": 16,
          "tags": {
            "team": "robotics",
          },
          "urn": "nhi:tiny/a1/robot/a1-r0",
          "usage_known": false,
        },
      ]
    `);
    const csv = (await bench.run(["identities", "--csv"])).stdout.trimEnd().split("\n");
    expect(csv.length).toBe(7);
    expect(csv[0]).toContain('"urn","provider"');
  });

  it("filter", async () => {
    const names = async (...flags: readonly string[]) =>
      (await bench.json(["identities", ...flags])).map((row) => row["name"]);
    expect(await names("--scope", "alpha")).toEqual(["robot-zero", "robot-2", "robot-3", "robot-4"]);
    expect(await names("--scope", "b2", "--name", "robot-1")).toEqual([
      {
        state: "unknown",
        reason: "tiny/robots could not look again: tiny:ListRobots was denied (Denied, HTTP 403)",
        last: "robot-1",
      },
    ]);
    expect(await names("--tag", "team=robotics", "--scope", "a1")).toEqual(["robot-zero", "robot-2", "robot-4"]);
    expect(await names("--nature", "human")).toEqual([]);
    // After a scan that could not look, nothing is proven unused.
    expect(await bench.json(["credentials", "--stale", "30d"])).toEqual([]);
    expect((await bench.json(["credentials", "--identity", "robot-zero"])).map((row) => row["kind"])).toEqual(["key"]);
  });

  it("sort by any column, and say which there are", async () => {
    const names = (await bench.json(["identities", "--sort", "name:desc", "--scope", "a1"])).map((row) => row["name"]);
    expect(names).toEqual(["robot-zero", "robot-4", "robot-3", "robot-2"]);
    expect((await bench.run(["identities", "--sort", "nam"])).stderr).toMatch(
      /There is no column "nam" to sort by; did you mean "name"\?/,
    );
  });

  it("name what they do not know", async () => {
    const ran = await bench.run(["identities", "--scope", "alpah"]);
    expect(ran).toEqual({
      code: 2,
      stdout: "",
      stderr: 'rollcall: No scope is called "alpah"; did you mean "alpha"?\nnext: rollcall coverage\n',
    });
    expect((await bench.run(["identities", "--json", "--csv"])).stderr).toBe(
      "rollcall: Choose one of --json and --csv\n",
    );
  });

  it("go back in time", async () => {
    const before = await bench.json(["identities", "--as-of", new Date(SECOND + 1).toISOString(), "--scope", "a1"], {
      now: FOURTH,
    });
    expect(before.map((row) => row["name"])).toEqual(["robot-0", "robot-1", "robot-2", "robot-3", "robot-4"]);
  });

  it("show coverage with the gap and its remedy", async () => {
    expect(visible((await bench.run(["coverage", "--status", "partial"])).stdout)).toMatchInlineSnapshot(`
      "1 of 2 scopes complete; 1 partial (b2)

      SCANNER  SCOPE  COLLECTION  STATUS   AS OF              ITEMS  CALLS  WHY
      tiny     b2     robots      partial  2026-11-26 05:00Z      0      1  tiny:ListRobots was denied (Denied, HTTP 403); an administrator of beta (b2) can grant tiny:ListRobots to the identity that Rollcall runs as
      "
    `);
    expect((await bench.json(["coverage", "--collection", "robots", "--scope", "b2"]))[0]).toMatchObject({
      status: "partial",
      gaps: [{ class: "denied" }],
    });
  });

  it("show changes, newest first", async () => {
    expect((await bench.run(["changes", "--since", new Date(THIRD).toISOString()])).stdout).toMatchInlineSnapshot(`
      "AT                 RUN  CHANGE     TYPE        KIND   NAME            SCOPE  FACTS
      2026-11-26 05:00Z    5  withdrawn  grant              reader@robot-1  a1     []
      2026-11-26 05:00Z    4  withdrawn  credential  key    a1-k1           a1     []
      2026-11-26 05:00Z    4  withdrawn  grant              admin@robot-0   a1     []
      2026-11-26 05:00Z    4  withdrawn  grant              reader@robot-0  a1     []
      2026-11-26 05:00Z    4  missing    grant              reader@robot-1  a1     []
      2026-11-26 05:00Z    4  withdrawn  identity    robot  robot-1         a1     []
      2026-11-25 05:00Z    3  missing    credential  key    a1-k1           a1     []
      2026-11-25 05:00Z    3  missing    grant              admin@robot-0   a1     []
      2026-11-25 05:00Z    3  missing    grant              reader@robot-0  a1     []
      2026-11-25 05:00Z    3  changed    identity    robot  robot-zero      a1     ["aliases","name"]
      2026-11-25 05:00Z    3  missing    identity    robot  robot-1         a1     []
      "
    `);
  });
});

describe("findings", () => {
  it("are decided by people, with a reason, and the history says so", async () => {
    const [first] = await bench.json(["findings", "--limit", "1"]);
    const id = String(first!["fingerprint"]).slice(0, 10);
    expect((await bench.run(["findings", "ack", id, "--reason", " "])).stderr).toContain("A decision needs a reason");
    expect((await bench.run(["findings", "ack", id, "--reason", "on it"], { now: FOURTH })).stderr).toMatch(
      /: acknowledged\n$/,
    );
    expect(
      (await bench.run(["findings", "suppress", id, "--reason", "later", "--until", "2026-01-01"], { now: FOURTH }))
        .stderr,
    ).toContain("must end in the future");
    const suppressed = await bench.json(["findings", "suppress", id, "--reason", "later", "--until", "30d"], {
      now: FOURTH,
    });
    expect(suppressed).toMatchObject([{ state: "suppressed", suppressed_until: "2026-12-26T05:00:00Z" }]);
    expect((await bench.json(["findings", "--state", "suppressed"])).map((row) => row["fingerprint"])).toEqual([
      first!["fingerprint"],
    ]);
    await bench.run(["findings", "reopen", id, "--reason", "no, now", "--by", "somebody"], { now: FOURTH });
    const events = await bench.json([
      "query",
      `select event, actor, reason from finding_event where fingerprint like '${id}%' and actor is not null order by at`,
    ]);
    expect(events).toEqual([
      { event: "acknowledged", actor: "tester", reason: "on it" },
      { event: "suppressed", actor: "tester", reason: "later" },
      { event: "reopened", actor: "somebody", reason: "no, now" },
    ]);
  });

  it("filter by rule, severity and identity", async () => {
    const all = await bench.json(["findings"]);
    const rule = String(all[0]!["rule"]);
    expect((await bench.json(["findings", "--rule", rule])).every((row) => row["rule"] === rule)).toBe(true);
    expect(await bench.json(["findings", "--at-least", "critical", "--verdict", "fail"])).toEqual(
      all.filter((row) => row["severity"] === "critical" && row["verdict"] === "fail"),
    );
    expect(
      (await bench.json(["findings", "--identity", "robot-zero"])).every((row) =>
        String(row["identity"]).endsWith("a1-r0"),
      ),
    ).toBe(true);
  });
});

describe("one thing", () => {
  it("is shown whole, each fact with source and time", async () => {
    expect(visible((await bench.run(["show", "robot-zero"])).stdout)).toMatchInlineSnapshot(`
      "robot-zero  (robot identity, present)
      nhi:tiny/a1/robot/a1-r0
      in alpha (a1): read completely, as of 2026-11-26T05:00:00.002Z
      also known as a1/robot-zero
      first seen 2026-11-23T05:00:00Z, last changed 2026-11-25T05:00:00Z

      PRIVILEGE  unknown (possibly): permissions of tiny are not understood yet
      SCORE      16 of 100
         12  long-lived-static-credential: open finding, high; without it the score is 4
          4  static credentials: 1 enabled static credential

      FINDINGS
        high  long-lived-static-credential (reopened, since 2026-11-23, 0e9100ab1b8a)
            The key nhi:tiny/a1/key/a1-k0 is enabled and its secret is 303 days old, set on 2026-01-27; the window is 90 days.
            goes away when: The credential is replaced, disabled or deleted.
            2026-11-26T05:00:00Z  acknowledged by tester: on it
            2026-11-26T05:00:00Z  suppressed by tester: later
            2026-11-26T05:00:00Z  reopened by somebody: no, now
        critical  administrator (open, not decided, since 2026-11-23, 0ee892bf8676)
            not known: membership
            goes away when: The identity's policies no longer allow every action on every resource.
        high  crosses-production-boundary (open, not decided, since 2026-11-23, a37a599afc3a)
            not known: trust; trust.partyScope; trust.partyRelation
            goes away when: Every way into the identity comes from one side of the production boundary.
        high  service-user-console-without-mfa (open, not decided, since 2026-11-23, 79a243764cdf)
            not known: identity.mfaEnabled
            goes away when: The password is removed or a second factor is enabled.
        low  disabled-but-granted (open, not decided, since 2026-11-23, 9d202e49021b)
            not known: identity.custody; membership
            goes away when: The permissions are taken away, the identity is deleted, or one of its credentials is enabled again.
        low  no-owner (open, not decided, since 2026-11-23, 69fac871362f)
            not known: owner
            goes away when: A tag, the catalog or an override names an owner.

      CREDENTIALS
        ID     KIND  ENABLED  CREATED     EXPIRES  LAST USED
        a1-k0  key   true     2026-01-27  never    2026-11-23

      USE
        OF     SOURCE   LAST USE              WHERE  LOOKED FROM  UP TO
        a1-k0  key-use  2026-11-23T05:00:00Z  -      creation     2026-11-24T05:00:00Z

      FACTS
        FACT          VALUE                 SOURCE       AS OF                     NOTE
        kind          robot                 tiny/robots  2026-11-26T05:00:00.002Z
        name          robot-zero            tiny/robots  2026-11-26T05:00:00.002Z
        nature        machine               tiny/robots  2026-11-26T05:00:00.002Z
        natureReason  ?                     -            -                         no collection told
        custody       ?                     -            -                         no collection told
        enabled       true                  tiny/robots  2026-11-26T05:00:00.002Z
        createdAt     2025-10-19T05:00:00Z  tiny/robots  2026-11-26T05:00:00.002Z
        environment   ?                     -            -                         no collection told
        path          ?                     -            -                         no collection told
        description   ?                     -            -                         no collection told
        mfaEnabled    ?                     -            -                         no collection told
        boundary      -                     tiny/robots  2026-11-26T05:00:00.002Z
        tags          {"team":"robotics"}   tiny/robots  2026-11-26T05:00:00.002Z
      "
    `);
  });

  it("is found by URN, alias, beginning, and in another case", async () => {
    const urn = "nhi:tiny/a1/robot/a1-r2";
    for (const name of [urn, "a1/robot-2", "A1/ROBOT-2", "robot-2", "nhi:tiny/a1/robot/a1-r2".slice(0, -1) + "2"]) {
      expect((await bench.json(["show", name]))[0]).toMatchObject({ urn });
    }
  });

  it("is not guessed", async () => {
    expect((await bench.run(["show", "robot-zreo"])).stderr).toMatchInlineSnapshot(`
      "rollcall: Nothing in the inventory is called "robot-zreo"; did you mean "robot-zero"?
      next: rollcall show robot-zero
      "
    `);
    expect((await bench.run(["show", "robot-2"])).code).toBe(0);
    expect((await bench.run(["show", "robot-1x"])).stderr).toContain("did you mean");
  });

  it.each([
    ["robot-zero", "present"],
    ["robot-0", "renamed"],
    ["b2/robot-0", "not-seen"],
    ["never-heard-of", "never-known"],
  ])("called %s is %s", async (name, verdict) => {
    expect((await bench.json(["why", name])).map((answer) => answer["verdict"])).toContain(verdict);
  });

  it("that one complete scan missed is missing, and after a second it is deleted", async () => {
    expect((await bench.json(["why", "a1/robot-1"]))[0]).toMatchObject({ verdict: "deleted" });
    const asOf = new Date(THIRD + 1).toISOString();
    expect((await bench.json(["why", "a1/robot-1", "--as-of", asOf], { now: FOURTH }))[0]).toMatchObject({
      verdict: "missing",
    });
    expect(visible((await bench.run(["why", "a1/robot-1"])).stdout)).toMatchInlineSnapshot(`
      "DELETED  robot robot-1 in alpha is gone since 2026-11-26T05:00:00Z (run 4): proven by complete scans that did not see it.
        nhi:tiny/a1/robot/a1-r1
        first seen 2026-11-23T05:00:00Z
        last there until 2026-11-25T05:00:00Z
        what would show it was last read completely at 2026-11-26T05:00:00.002Z
      "
    `);
  });
});

describe("questions in SQL", () => {
  it("are answered over the views", async () => {
    const ran = await bench.run(["query", "select provider, nature, count(*) as n from identity group by 1, 2"]);
    expect(ran.stdout).toBe("provider  nature   n\ntiny      machine  6\n");
    expect(await bench.json(["query", "select 1 as one, null as none"])).toEqual([{ one: 1, none: null }]);
    expect((await bench.run(["query", "select '=1+1' as cell", "--csv"])).stdout).toBe('"cell"\n"\'=1+1"\n');
  });

  it("are answered to the last digit", async () => {
    const sql = "select 9007199254740993 as big, -9223372036854775808 as least, 9007199254740991 as safe";
    expect((await bench.run(["query", sql, "--json"])).stdout).toBe(
      '{"big":9007199254740993,"least":-9223372036854775808,"safe":9007199254740991}\n',
    );
    expect((await bench.run(["query", sql, "--csv"])).stdout).toBe(
      '"big","least","safe"\n"9007199254740993","\'-9223372036854775808","9007199254740991"\n',
    );
  });

  it.each([[], ["--json"], ["--csv"]])("lose no column to another of its name %j", async (...format) => {
    const ran = await bench.run(["query", "select i.urn, i.name, c.urn from identity i, credential c; ", ...format]);
    expect(ran).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "rollcall: The query has several columns of one name (urn), of which only one could be shown\nnext: give each a name of its own: select a.name as identity_name, b.name as group_name\n",
    });
    expect((await bench.run(["query", 'select 1 as a, 2 as "a:1" -- two', ...format])).code).toBe(0);
  });

  it.each(["delete from identity", "select 1; select 2", "select * from sqlite_master", "attach 'x' as y", "selec 1"])(
    "may not be %s",
    async (sql) => {
      const ran = await bench.run(["query", sql]);
      expect([ran.code, ran.stdout]).toEqual([2, ""]);
      expect(ran.stderr).toMatch(/^rollcall: /);
    },
  );

  it("are stopped when they take too long", async () => {
    const endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n";
    const ran = await bench.run(["query", endless, "--timeout", "1"]);
    expect(ran.code).toBe(2);
  });
});

describe("exports", () => {
  it("go to stdout or, whole, to a file", async () => {
    expect((await bench.run(["export"])).stdout).toMatch(/^jsonl +/m);
    const ran = await bench.run(["export", "jsonl"]);
    expect(ran.code).toBe(0);
    await bench.run(["export", "jsonl", "--output", "out.jsonl"]);
    expect(readFileSync(join(bench.folder, "out.jsonl"), "utf8")).toBe(ran.stdout);
    expect((await bench.run(["export", "jsnl"])).stderr).toContain('did you mean "jsonl"?');
    expect((await bench.run(["export", "jsonl", "--output", "none/out.jsonl"])).code).toBe(7);
  });
});

describe("the inventory's file", () => {
  it("is checked, backed up, pruned and restored", async () => {
    expect((await bench.run(["db", "check"])).code).toBe(0);
    expect((await bench.run(["db", "backup", "copy.db"])).code).toBe(0);
    const before = (await bench.run(["export", "jsonl"])).stdout;
    expect(await bench.run(["db", "prune", "--keep", "1000d"], { now: FOURTH })).toEqual({
      code: 0,
      stdout: "",
      stderr: "nothing to forget: no history is older than 1,000 days\n",
    });
    const pruned = await bench.run(["db", "prune", "--keep", "1d"], { now: FOURTH + 400 * DAY });
    expect(pruned.stderr).toMatch(
      /^forgot 11 superseded versions, 5 withdrawn records, \d+ coverage entries, \d+ resolved findings and \d+ events of findings, older than 1 day; nothing live was touched\n$/,
    );
    expect((await bench.run(["db", "restore", "copy.db"])).code).toBe(0);
    expect((await bench.run(["export", "jsonl"])).stdout).toBe(before);
  });
});
