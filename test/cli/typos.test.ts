import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NOW, tinyEstate } from "../engine/support/estate.ts";
import { startTinyServer } from "../engine/support/tiny-server.ts";
import type { TinyServer } from "../engine/support/tiny-server.ts";
import { Bench } from "./support.ts";

let bench: Bench;
let server: TinyServer;

beforeAll(async () => {
  bench = new Bench();
  server = await startTinyServer(tinyEstate(3));
  bench.file("rollcall.yaml", `sources:\n  - scanner: tiny\n    url: ${server.url}\n`);
});
afterAll(async () => {
  await server.close();
  bench.close();
});

describe("--allow-partial", () => {
  it("is taken as it is, with a warning, where no scope is known yet", async () => {
    const ran = await bench.run(["scan", "--allow-partial", "a1"], { now: NOW });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain(
      "--allow-partial=a1: the inventory knows no scope yet, so this is taken for ids or URNs and not checked\n",
    );
  });

  it("is refused before anybody is asked anything, where it means no scope", async () => {
    server.forget();
    expect(await bench.run(["scan", "--allow-partial", "betaa"], { now: NOW })).toEqual({
      code: 2,
      stdout: "",
      stderr: 'rollcall: --allow-partial: no scope is called "betaa"; did you mean "beta"?\nnext: rollcall coverage\n',
    });
    expect(server.requests()).toEqual([]);
  });

  it.each(["beta", "b2", "nhi:tiny/tiny/account/b2", "*"])("may be %s", async (word) => {
    server.inject({ operation: "tiny:ListRobots", kind: "denied", account: "b2" });
    const ran = await bench.run(["scan", "--allow-partial", word], { now: NOW });
    server.heal();
    expect([ran.code, ran.stdout.split("\n")[0]]).toEqual([
      0,
      "1 of 2 scopes complete; 1 incomplete and accepted (b2)",
    ]);
  });
});

describe("a word that is in no list", () => {
  it.each([
    [["findings", "--rule", "administator"], 'There is no rule "administator"; did you mean "administrator"?'],
    [["findings", "--provider", "tinyy"], 'There is no provider "tinyy"; did you mean "tiny"?'],
    [["findings", "--nature", "machin"], 'did you mean "machine"?'],
    [["findings", "--severity", "hihg"], 'did you mean "high"?'],
    [["findings", "--state", "opne"], 'did you mean "open"?'],
    [["identities", "--provider", "aws"], 'There is no provider "aws"; there is tiny'],
    [["identities", "--kind", "robto"], 'There is no kind of identity "robto"; did you mean "robot"?'],
    [["identities", "--nature", "machin"], 'did you mean "machine"?'],
    [["credentials", "--kind", "robot"], 'There is no kind of credential "robot"; there is key'],
    [["credentials", "--provider", "tiyn"], 'There is no provider "tiyn"; did you mean "tiny"?'],
    [["changes", "--change", "withdrwan"], 'There is no change "withdrwan"; did you mean "withdrawn"?'],
    [["changes", "--type", "identty"], 'There is no type of record "identty"; did you mean "identity"?'],
    [["changes", "--kind", "robto"], 'There is no kind "robto"; did you mean "robot"?'],
    [["changes", "--run", "99"], 'There is no run "99"; there is 1, 2'],
    [["coverage", "--collection", "robot"], 'There is no collection "robot"; did you mean "robots"?'],
    [["coverage", "--scanner", "tinny"], 'There is no scanner "tinny"; did you mean "tiny"?'],
    [["coverage", "--status", "partail"], 'did you mean "partial"?'],
  ])("%j is refused", async (inputs, message) => {
    const ran = await bench.run(inputs, { now: NOW });
    expect([ran.code, ran.stdout]).toEqual([2, ""]);
    expect(ran.stderr).toContain(message);
  });

  it.each([
    [["findings", "--rule", "wildcard-trust"]],
    [["findings", "--rule", "administrator,no-owner", "--nature", "machine,human"]],
    [["identities", "--kind", "robot", "--provider", "tiny"]],
    [["changes", "--change", "returned", "--run", "1", "--type", "owner"]],
    [["coverage", "--collection", "notes,scopes"]],
  ])("%j is understood", async (inputs) => {
    expect((await bench.run(inputs, { now: NOW })).code).toBe(0);
  });
});
