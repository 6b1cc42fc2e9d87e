import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Bench } from "./support.ts";

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

describe("the command line", () => {
  it("explains itself on stdout", async () => {
    const ran = await bench.run(["--help"]);
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    for (const command of [
      "init",
      "doctor",
      "plan",
      "permissions",
      "scan",
      "identities",
      "credentials",
      "findings",
      "coverage",
      "changes",
      "show",
      "why",
      "query",
      "rules",
      "export",
      "db",
      "completion",
    ]) {
      expect(ran.stdout).toContain(`  rollcall ${command}`);
    }
    expect(ran.stdout).toContain("sends no telemetry");
    expect(ran.stdout).not.toMatch(/^ {2}complete /m);
    expect((await bench.run(["--version"])).stdout).toBe("0.0.0-test\n");
  });

  it.each([
    [
      ["idntities"],
      "rollcall: No command registered for `idntities`, did you mean `identities`?\nnext: rollcall --help\n",
    ],
    [
      ["identities", "--nmae", "x"],
      "rollcall: No flag registered for --nmae, did you mean --name?\nnext: add --help to see what there is\n",
    ],
    [
      ["scan", "--fail-on", "hihg"],
      'rollcall: Expected "hihg" to be one of (info|low|medium|high|critical), did you mean "high"?\nnext: add --help to see what there is\n',
    ],
    [
      ["identities", "--limit", "0"],
      'rollcall: Failed to parse "0" for limit: "0" is not a whole number above 0\nnext: add --help to see what there is\n',
    ],
    [
      ["changes", "--since", "yesterday"],
      'rollcall: Failed to parse "yesterday" for since: "yesterday" is not a time; write 2026-11-23, 2026-11-23T05:00:00Z or 90d\nnext: add --help to see what there is\n',
    ],
    [["query"], "rollcall: Expected argument for SQL\nnext: add --help to see what there is\n"],
  ])("sends %j back with 2", async (inputs, stderr) => {
    expect(await bench.run(inputs)).toEqual({ code: 2, stdout: "", stderr });
  });

  it("never echoes control characters", async () => {
    const { stderr } = await bench.run(["\u001b]0;x\u0007", "\u202e"]);
    expect(stderr).toContain("\\x1b]0;x\\x07");
    // oxlint-disable-next-line no-control-regex
    expect(stderr.replaceAll("\n", "")).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  it("needs a configuration to scan, and says how to get one", async () => {
    for (const command of ["scan", "plan", "doctor"]) {
      expect(await bench.run([command])).toEqual({
        code: 2,
        stdout: "",
        stderr: "rollcall: There is no configuration here, so nothing to scan\nnext: rollcall init\n",
      });
    }
  });

  it("refuses a configuration with everything that is wrong in it, and contacts nobody", async () => {
    bench.file(
      "rollcall.yaml",
      "datbase: x\nsources:\n  - scanner: tiny\n    urll: http://127.0.0.1:1\n    token: canary-secret\nrules: { nope: {} }\n",
    );
    const ran = await bench.run(["scan"]);
    expect([ran.code, ran.stdout]).toEqual([2, ""]);
    expect(ran.stderr).toContain(
      "rollcall.yaml:5:12  a secret does not belong in this file (its value is not shown here)",
    );
    expect(ran.stderr).not.toContain("canary-secret");
    bench.file("rollcall.yaml", "datbase: x\nsources:\n  - scanner: tiny\n    url: 3\nrules: { nope: {} }\n");
    expect((await bench.run(["scan"])).stderr).toMatchInlineSnapshot(`
      "rollcall: rollcall.yaml has 3 problems
        rollcall.yaml:1:1  at the top: unknown key "datbase"; did you mean "database"?
        rollcall.yaml:4:5  sources[0].url: Invalid input: expected string, received number
        rollcall.yaml:5:10  rules: there is no rule "nope"
      next: rollcall rules
      "
    `);
  });
});

describe("init", () => {
  it("writes a commented configuration, and never over another", async () => {
    expect(await bench.run(["init"])).toEqual({
      code: 0,
      stdout: "",
      stderr:
        "wrote rollcall.yaml; no credentials were found on this machine, so its sources are examples\nnext: read it, then rollcall doctor\n",
    });
    const written = readFileSync(join(bench.folder, "rollcall.yaml"), "utf8");
    expect(written).toContain("# Rollcall: which sources to read");
    expect(await bench.run(["init"])).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "rollcall: rollcall.yaml is there already, and init overwrites nothing\nnext: edit it, or write another: rollcall init --config other.yaml\n",
    });
    expect(readFileSync(join(bench.folder, "rollcall.yaml"), "utf8")).toBe(written);
    // What init writes, the others read.
    expect((await bench.run(["scan"])).stderr).toBe(
      "rollcall: The configuration names no sources\nnext: add a block under `sources:`; `rollcall init` shows one for this machine\n",
    );
  });
});

describe("rules", () => {
  it("are listed with what the configuration makes of them", async () => {
    const all = await bench.json(["rules"]);
    expect(all.length).toBeGreaterThanOrEqual(14);
    bench.file("rollcall.yaml", "rules: { two-active-keys: { enabled: false, severity: critical, most: 2 } }\n");
    expect((await bench.json(["rules"])).find((rule) => rule["id"] === "two-active-keys")).toMatchObject({
      enabled: false,
      severity: "critical",
      default_severity: "low",
      params: { most: { value: 2, default: 1 } },
    });
    const { stdout } = await bench.run(["rules", "show", "two-active-keys"]);
    expect(stdout).toContain(
      "critical (low by default), stable, NHI7:2025, NHI9:2025, switched off by the configuration",
    );
    expect(stdout).toContain("most = 2 count (1 by default), 1 to 10");
    expect((await bench.run(["rules", "show", "two-activ-keys"])).stderr).toBe(
      'rollcall: There is no rule "two-activ-keys"; did you mean "two-active-keys"?\nnext: rollcall rules\n',
    );
  });

  const rule = (id: string, query = "select urn as subject, name from identity where enabled = 0") => `
import { defineRule } from "rollcall/sdk";
export default defineRule({
  id: "${id}", title: "Switched off", owasp: ["NHI1:2025"], severity: "low", maturity: "stable",
  rationale: "What is off can go. It only confuses.", params: {}, subject: "identity", population: "kind = 'robot'",
  needs: ["identity.enabled"], query: "${query}",
  explain: (row) => \`\${row.name} is off\`,
  remediation: [{ for: "any", steps: ["Ask its owner.", "Delete it."], docs: "https://example.com/" }],
  resolvedBy: "It is on or gone.", references: ["https://example.com/"],
});`;
  const examples = (expected: string) => `
import { defineExamples, unknown } from "rollcall/sdk";
import rule from "./off.mjs";
const robot = (id, enabled) => ({ type: "identity", urn: "nhi:tiny/a1/robot/" + id, kind: "robot", name: id, enabled });
export default defineExamples(rule, [
  { name: "one of each", records: [robot("a", false), robot("b", true), robot("c", unknown("not asked"))],
    expect: { "nhi:tiny/a1/robot/a": "${expected}", "nhi:tiny/a1/robot/b": "pass", "nhi:tiny/a1/robot/c": "unknown" } },
]);`;

  it("of one's own are tested: form and examples", async () => {
    mkdirSync(join(bench.folder, "mine"));
    bench.file("mine/off.mjs", rule("off"));
    bench.file("mine/off.examples.mjs", examples("fail"));
    expect(await bench.run(["rules", "test", "mine"])).toEqual({
      code: 0,
      stdout: "ok    off  1 examples\n",
      stderr: "1 rule, 0 with problems\n",
    });
  });

  it("of one's own that are wrong say where", async () => {
    mkdirSync(join(bench.folder, "mine"));
    bench.file("mine/off.mjs", rule("off", "select urn as subject, name from identity where enabled = 1"));
    bench.file("mine/off.examples.mjs", examples("fail"));
    const ran = await bench.run(["rules", "test", "mine"]);
    expect(ran.code).toBe(3);
    expect(ran.stdout).toContain('example "one of each": nhi:tiny/a1/robot/a is expected to fail and came out as pass');
    expect(ran.stdout).toContain("nhi:tiny/a1/robot/b is expected to pass and came out as fail");
  });

  it("of one's own may not take a built-in's id, and must be rules", async () => {
    mkdirSync(join(bench.folder, "mine"));
    bench.file("mine/off.mjs", rule("two-active-keys"));
    bench.file("rollcall.yaml", "ruleFolders: [./mine]\n");
    expect((await bench.run(["rules"])).stderr).toContain(
      'the id "two-active-keys" belongs to a built-in rule; choose another',
    );
    // A module is loaded once in a process, so each of these needs a file of its own.
    rmSync(join(bench.folder, "mine/off.mjs"));
    bench.file("mine/seven.mjs", "export default 7;");
    expect((await bench.run(["rules"])).stderr).toContain("does not export a rule");
    rmSync(join(bench.folder, "mine/seven.mjs"));
    bench.file("mine/broken.mjs", "export default (");
    expect((await bench.run(["rules"])).stderr).toContain("cannot be loaded");
    expect((await bench.run(["rules", "test", "nowhere"])).stderr).toContain("Cannot read the folder of rules");
  });
});

describe("completion", () => {
  it("proposes commands and flags", async () => {
    expect((await bench.run(["complete", "--", "id"])).stdout).toBe("identities\n");
    expect((await bench.run(["complete", "--", "identities", "--na"])).stdout.split("\n").sort()).toEqual([
      "",
      "--name",
      "--nature",
    ]);
    expect((await bench.run(["complete", "--", "findings", "su"])).stdout).toBe("suppress\n");
  });

  it.each(["bash", "zsh", "fish"])("prints a script for %s", async (shell) => {
    const ran = await bench.run(["completion", shell]);
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    expect(ran.stdout).toContain("rollcall complete -- ");
  });
});
