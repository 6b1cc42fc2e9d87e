import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAY } from "../../src/sdk/index.ts";
import { openInventory } from "../../src/inventory/index.ts";
import type { NhiRecord, Scanner, Scope } from "../../src/sdk/index.ts";
import { NOW as THEN, tinyAccount, tinyEstate } from "../engine/support/estate.ts";
import { tinyScanner } from "../engine/support/tiny-scanner.ts";
import { startTinyServer } from "../engine/support/tiny-server.ts";
import type { TinyServer } from "../engine/support/tiny-server.ts";
import { Bench } from "./support.ts";

/** Three accounts, all scanned; then the second is closed and the third left out. */
let bench: Bench;
let server: TinyServer;
const FIRST = THEN;
const SECOND = THEN + DAY;

const REASON = "the account is SUSPENDED: nobody can sign in to it";
const closing = {
  ...tinyScanner,
  async *scopes(...inputs: Parameters<typeof tinyScanner.scopes>) {
    for await (const found of tinyScanner.scopes(...inputs)) {
      const closed = (found as Scope).id === "b2";
      yield closed ? { ...found, skip: { status: "not-applicable", gap: { class: "denied", reason: REASON } } } : found;
    }
  },
} as unknown as Scanner;

beforeAll(async () => {
  bench = new Bench();
  const estate = tinyEstate(3);
  estate.accounts.push(tinyAccount("c3", "gamma", 2));
  server = await startTinyServer(estate);
  const source = `sources:\n  - scanner: tiny\n    url: ${server.url}\n`;
  bench.file("rollcall.yaml", source);
  bench.file("excluding.yaml", `${source}    skip: [c3]\n`);
  await bench.run(["scan"], { now: FIRST });
});
afterAll(async () => {
  await server.close();
  bench.close();
});

const options = { now: SECOND, scanner: closing };
const seenFirst = "2026-11-23T05:00:00Z";

describe("what nobody looked at", () => {
  it("was there when somebody did", async () => {
    expect((await bench.run(["why", "b2/robot-0"], { now: FIRST })).stdout)
      .toBe(`PRESENT  robot robot-0 in beta is there: the latest scan of its scope read completely what would show it, and saw it.
  nhi:tiny/b2/robot/b2-r0
  first seen ${seenFirst}
  what would show it was last read completely at ${seenFirst}
`);
  });

  it("is no scope that is complete, in the summary and in the coverage alike", async () => {
    const ran = await bench.run(["scan", "--config", "excluding.yaml"], options);
    const sentence = "1 of 1 scopes complete; 1 left out (c3); 1 closed or suspended (b2)";
    expect(ran.stdout.split("\n")[0]).toBe(sentence);
    expect((await bench.run(["coverage"])).stdout.split("\n")[0]).toBe(sentence);
  });

  it("is lost with its scope, where that is closed", async () => {
    expect((await bench.run(["why", "b2/robot-0"], options)).stdout)
      .toBe(`SCOPE LOST  robot robot-0 was in a scope that can be entered no more in beta. Nobody looked at the thing itself, and nobody can.
  nhi:tiny/b2/robot/b2-r0
  first seen ${seenFirst}
  what would show it was last read completely at ${seenFirst}
  robots: not-applicable, ${REASON}
`);
  });

  it("is not seen, where its scope was left out", async () => {
    expect((await bench.run(["why", "c3/robot-0"], options)).stdout)
      .toBe(`NOT SEEN  robot robot-0 in gamma is believed to be there: the latest scan of its scope did not look, or not everywhere, and that proves nothing.
  nhi:tiny/c3/robot/c3-r0
  first seen ${seenFirst}
  what would show it was last read completely at ${seenFirst}
  robots: not-attempted, left out by configuration
`);
  });

  it("is present, where only what says nothing of its existence was refused", async () => {
    server.inject({ operation: "tiny:GetUse", kind: "denied", account: "a1" });
    await bench.run(["scan", "--config", "excluding.yaml"], { ...options, now: SECOND + 1 });
    server.heal();
    expect((await bench.json(["why", "a1/robot-0"], options))[0]).toMatchObject({ verdict: "present", gaps: [] });
  });

  it("has the time of its last complete reading", async () => {
    const scopeLine = async (name: string) => (await bench.run(["show", name], options)).stdout.split("\n")[2];
    expect(await scopeLine("b2/robot-0")).toBe(
      `in beta (b2): not read by its latest scan (${REASON}); last read completely at ${seenFirst}`,
    );
    expect(await scopeLine("c3/robot-0")).toBe(
      `in gamma (c3): not read by its latest scan (left out by configuration); last read completely at ${seenFirst}`,
    );
  });
});

describe("what is gone", () => {
  beforeAll(async () => {
    const alpha = server.estate.accounts[0]!;
    const [gone] = alpha.robots.splice(1, 1);
    const gamma = server.estate.accounts[2]!;
    gamma.robots[1] = { ...gamma.robots[1]!, id: "c3-r9", keys: [] };
    await bench.run(["scan"], { now: SECOND + 2 });
    // The same name again, in the same place: another robot.
    alpha.robots.push({ ...gone!, id: "a1-r9", keys: [] });
    await bench.run(["scan"], { now: SECOND + 3 });
  });

  it("is shown as gone, by name and by URN", async () => {
    const urn = "nhi:tiny/a1/key/a1-k1";
    for (const word of [urn, "a1-k1"]) {
      expect(await bench.run(["show", word])).toEqual({
        code: 2,
        stdout: "",
        stderr: `rollcall: "${word}" is in the inventory no more: key in a1 (${urn}), last there until 2026-11-24T05:00:00.002Z, is gone since 2026-11-24T05:00:00.003Z\nnext: rollcall why ${word}\n`,
      });
    }
  });

  it("is not confused with what is there and known by its id alone", async () => {
    expect((await bench.json(["show", "a1-r2"]))[0]).toMatchObject({ urn: "nhi:tiny/a1/robot/a1-r2", name: "robot-2" });
  });

  it("was followed by what took its name there, and not by what always had it elsewhere", async () => {
    expect(await bench.json(["why", "nhi:tiny/a1/robot/a1-r1"])).toMatchObject([
      { verdict: "deleted", successors: ["nhi:tiny/a1/robot/a1-r9"] },
    ]);
  });

  it("is not the first of several that share a name", async () => {
    const ran = await bench.run(["show", "robot-0"]);
    expect([ran.code, ran.stderr.trimEnd().split("\n").at(-1)]).toEqual([2, "next: say which by its URN"]);
  });
});

describe("passwords, which all have one name", () => {
  let own: Bench;
  const password = (user: string) => `nhi:big/a1/password/${user}`;

  beforeAll(() => {
    own = new Bench();
    const inventory = openInventory({ path: join(own.folder, "rollcall.db"), mode: "write", now: () => FIRST });
    for (const [index, users] of [
      ["ann", "bob"],
      ["bob", "eve"],
      ["bob", "eve"],
    ].entries()) {
      const at = FIRST + index * DAY;
      const writer = inventory.writer();
      const plan = { planHash: "x", scanners: ["big"], startedAt: at, version: "1", acceptMassChange: true };
      const run = writer.startRun({ ...plan, resumeWithin: 0 });
      const scope = "nhi:big/big/account/a1";
      const collection = run.openCollection({
        scanner: "big",
        scope,
        collection: "all",
        precedence: 0,
        facts: ["identity", "identity.name", "credential", "credential.name"],
        authoritative: { credential: "all" },
        optIn: false,
        startedAt: at,
        checkpointMaxAge: 0,
      });
      collection.commit(
        users.flatMap((user): NhiRecord[] => [
          {
            type: "identity",
            urn: `nhi:big/a1/user/${user}`,
            kind: "user",
            name: `user ${user}`,
            aliases: [`user ${user}`],
          },
          {
            type: "credential",
            urn: password(user),
            kind: "password",
            identity: `nhi:big/a1/user/${user}`,
            secrecy: "static-secret",
            name: "console password",
          },
        ]),
      );
      const times = { asOf: at, startedAt: at, finishedAt: at };
      const nothing = { pages: 1, items: 4, requests: 1, retries: 0, throttled: 0, bytes: 1 };
      collection.finish({ status: "complete", gaps: [], ...times, ...nothing });
      run.finishScopes("big", [scope], true);
      writer.refreshDerived();
      run.finish({ status: "finished", exitCode: 0, finishedAt: at });
    }
    inventory.close();
  });
  afterAll(() => own.close());

  it("do not follow each other, unless on the same user", async () => {
    expect(await own.json(["why", password("ann")])).toMatchObject([{ verdict: "deleted", successors: [] }]);
  });

  it("are judged by what was told of them, where the scanner is not installed", async () => {
    expect(await own.json(["why", password("eve")])).toMatchObject([{ verdict: "present" }]);
  });

  it("suggest a name once, though it is an alias as well", async () => {
    expect((await own.run(["why", "user bobb"])).stdout).toBe(
      "NEVER KNOWN  \"user bobb\": no completed scan has ever seen anything by this name.\n  perhaps: rollcall why 'user bob'\n",
    );
  });
});

describe("the past", () => {
  const asOf = ["--as-of", new Date(FIRST + 1).toISOString()];

  it("has no score and no privilege, and says so", async () => {
    const ran = await bench.run(["show", "a1/robot-0", ...asOf], options);
    expect(ran.stdout).toContain("\nPRIVILEGE  not kept for the past\nSCORE      not kept for the past\n");
    const kept = { state: "unknown", reason: "not kept for the past" };
    expect((await bench.json(["show", "a1/robot-0", ...asOf], options))[0]).toMatchObject({
      privilege: kept,
      score: kept,
    });
  });

  it("begins with the first scan, and ends now", async () => {
    for (const command of [["identities"], ["why", "robot-0"], ["query", "select 1 as one"]]) {
      expect(await bench.run([...command, "--as-of", "2026-11-22"], options)).toEqual({
        code: 2,
        stdout: "",
        stderr: `rollcall: No scan had begun by 2026-11-22T00:00:00Z: the first one began at ${seenFirst}\nnext: rollcall query "select run, started_at from run"\n`,
      });
      expect(await bench.run([...command, "--as-of", "2026-11-25"], options)).toEqual({
        code: 2,
        stdout: "",
        stderr: "rollcall: --as-of 2026-11-25T00:00:00Z lies in the future, of which no scan knows\n",
      });
    }
    expect((await bench.run(["identities", ...asOf], options)).code).toBe(0);
  });
});
