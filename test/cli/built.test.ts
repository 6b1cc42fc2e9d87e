import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openInventory } from "../../src/inventory/index.ts";
import { Bench } from "./support.ts";

/** The program as it is shipped: `npm run build` comes first (`npm test` does it). */
const ROLLCALL = fileURLToPath(new URL("../../bin/rollcall.js", import.meta.url));
const NOW = Date.UTC(2026, 0, 1);

let folder: string;
let database: string;

beforeAll(() => {
  if (!existsSync(new URL("../../dist/cli/main.js", import.meta.url)))
    throw new Error("there is no dist/: run npm run build");
  folder = mkdtempSync(join(tmpdir(), "rollcall-built-"));
  database = join(folder, "rollcall.db");
  fill(database, 20_000);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fill(path: string, robots: number): void {
  const inventory = openInventory({ path, mode: "write", now: () => NOW });
  const scope = "nhi:tiny/tiny/account/a1";
  const writer = inventory.writer();
  const run = writer.startRun({
    planHash: "x",
    scanners: ["tiny"],
    startedAt: NOW,
    version: "1",
    acceptMassChange: false,
    resumeWithin: 0,
  });
  const collection = run.openCollection({
    scanner: "tiny",
    scope,
    collection: "robots",
    precedence: 0,
    facts: ["identity", "identity.name"],
    authoritative: { identity: "all" },
    optIn: false,
    startedAt: NOW,
    checkpointMaxAge: 0,
  });
  collection.commit([
    { type: "scope", urn: scope, kind: "account", name: "alpha" },
    ...Array.from({ length: robots }, (_, index) => ({
      type: "identity" as const,
      urn: `nhi:tiny/a1/robot/r${index}`,
      kind: "robot",
      name: `robot number ${index} \u001b[31m`,
      nature: "machine" as const,
    })),
  ]);
  collection.finish({
    status: "complete",
    gaps: [],
    asOf: NOW,
    startedAt: NOW,
    finishedAt: NOW,
    pages: 1,
    items: robots,
    requests: 1,
    retries: 0,
    throttled: 0,
    bytes: 1,
  });
  run.finishScopes("tiny", [scope], true);
  writer.refreshDerived();
  run.finish({ status: "finished", exitCode: 0, finishedAt: NOW });
  inventory.close();
}

function rollcall(
  inputs: readonly string[],
  options: { readonly node?: readonly string[]; readonly environment?: Readonly<Record<string, string>> } = {},
) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...(options.node ?? []), ROLLCALL, ...inputs], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { ...bare(), ...options.environment },
  });
  return { status, stdout, stderr };
}

function bare(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", HOME: folder };
}

/** Every module that a run loads, builtin ones aside. */
function modulesOf(inputs: readonly string[]): {
  readonly status: number | null;
  readonly packages: readonly string[];
  readonly own: readonly string[];
} {
  const list = join(folder, "modules.txt");
  const hook = join(folder, "hook.mjs");
  writeFileSync(
    hook,
    `import { registerHooks } from "node:module";
     import { writeFileSync } from "node:fs";
     const urls = [];
     registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } });
     process.on("exit", () => writeFileSync(${JSON.stringify(list)}, urls.join("\\n")));`,
  );
  const { status } = rollcall(inputs, { node: ["--import", hook] });
  const urls = readFileSync(list, "utf8").split("\n");
  const packages = new Set(urls.flatMap((url) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []));
  const own = urls.flatMap((url) => /\/dist\/cli\/(.+)\.js$/.exec(url)?.[1] ?? []);
  return { status, packages: [...packages].sort(), own };
}

describe("what a command loads", () => {
  it("help: nothing", () => {
    expect(modulesOf(["--help"])).toEqual({ status: 0, packages: [], own: ["help"] });
  });

  it("a list: the inventory, and no YAML, no schema, no SDK", () => {
    expect(modulesOf(["identities", "--json", "--limit", "1", "--db", database])).toEqual({
      status: 0,
      // SQLite's own few modules are inside the inventory's file.
      packages: [],
      own: ["main", "commands-identities", "inventory"],
    });
  });

  it("a list with a configuration: YAML and the schema as well", () => {
    writeFileSync(join(folder, "lists.yaml"), "database: rollcall.db\n");
    expect(modulesOf(["identities", "--limit", "1", "--config", "lists.yaml"]).packages).toEqual(["yaml", "zod"]);
  });

  it("the rules: no inventory and no SDK", () => {
    expect(modulesOf(["rules", "--json"]).packages).toEqual([]);
  });

  it("the policy for AWS: no SDK", () => {
    expect(modulesOf(["permissions", "aws"]).packages).toEqual(["zod"]);
  });

  it("a scan of AWS: AWS's SDK and nobody else's", () => {
    writeFileSync(
      join(folder, "aws.yaml"),
      "database: aws.db\nsources:\n  - scanner: aws\n    endpoint: http://127.0.0.1:9\n    region: eu-central-1\n    profile: nobody\n",
    );
    const { packages } = modulesOf(["scan", "--config", "aws.yaml"]);
    expect(packages.some((name) => name === "@aws-sdk/client-iam")).toBe(true);
    expect(
      packages.filter(
        (name) =>
          !/^(?:@aws-sdk|@aws-crypto|@smithy|@aws|@nodable)\/|^(?:better-sqlite3|p-limit|yocto-queue|yaml|zod|tslib|fast-xml-parser|strnum|bowser|uuid|mnemonist|obliterator)$/.test(
            name,
          ),
      ),
    ).toEqual([]);
  });
});

describe("the process", () => {
  it("shows the same help that the routes render", async () => {
    const bench = new Bench();
    expect(rollcall(["--help"])).toEqual({ status: 0, stdout: (await bench.run(["--help"])).stdout, stderr: "" });
    bench.close();
  });

  it("knows its version", () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      readonly version: string;
    };
    expect(rollcall(["--version"])).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("ends with 2 where it was used wrongly, and with 7 where the inventory is not one", () => {
    expect(rollcall(["nonsense"]).status).toBe(2);
    expect(rollcall(["scan"])).toEqual({
      status: 2,
      stdout: "",
      stderr: "rollcall: There is no configuration here, so nothing to scan\nnext: rollcall init\n",
    });
    writeFileSync(join(folder, "other.db"), "this is no database, but somebody's letter\n".repeat(100));
    const ran = rollcall(["identities", "--db", "other.db"]);
    expect([ran.status, ran.stdout]).toEqual([7, ""]);
    expect(readFileSync(join(folder, "other.db"), "utf8").startsWith("this is no database")).toBe(true);
  });

  it("writes all of a long output into a pipe", () => {
    const ran = rollcall(["identities", "--json", "--db", database]);
    expect([ran.status, ran.stderr, ran.stdout.trimEnd().split("\n").length]).toEqual([0, "", 20_000]);
    expect(ran.stdout.endsWith("}\n")).toBe(true);
  });

  it.skipIf(process.platform !== "linux").each([
    ["a long answer", ["identities", "--json"]],
    ["a short answer", ["identities", "--json", "--limit", "1"]],
    ["help", ["findings", "--help"]],
  ])("says in a sentence that the disk is full: %s", (_what, inputs) => {
    const command = [process.execPath, ROLLCALL, ...inputs, "--db", database].map((word) => `'${word}'`).join(" ");
    const { status, stderr } = spawnSync("/bin/sh", ["-c", `${command} > /dev/full`], {
      cwd: folder,
      encoding: "utf8",
      env: bare(),
    });
    expect({ status, stderr }).toEqual({
      status: 7,
      stderr:
        "rollcall: Standard output cannot be written, so the answer is not whole: ENOSPC: no space left on device, write\nnext: make room there, or write somewhere else\n",
    });
  });

  it("stops quietly when the reader has gone", async () => {
    const child = spawn(process.execPath, [ROLLCALL, "identities", "--json", "--db", database], {
      cwd: folder,
      env: bare(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    await new Promise<void>((resolve) => child.stdout.once("data", () => resolve()));
    child.stdout.destroy();
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect([code, errors]).toEqual([141, ""]);
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("stops cleanly at %s with %i", async (signal, expected) => {
    // A provider that never answers: the scan is busy until it is told to stop.
    const { createServer } = await import("node:net");
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const port = (silent.address() as { port: number }).port;
    const config = join(folder, `${signal}.yaml`);
    writeFileSync(
      config,
      `database: ${signal}.db\nsources:\n  - scanner: aws\n    endpoint: http://127.0.0.1:${port}\n    region: eu-central-1\n    profile: here\n    environment: { AWS_SHARED_CREDENTIALS_FILE: ./keys, AWS_CONFIG_FILE: ./keys }\n`,
    );
    writeFileSync(
      join(folder, "keys"),
      "[here]\naws_access_key_id = EXAMPLE\naws_secret_access_key = EXAMPLE\n[profile here]\n",
    );
    const child = spawn(process.execPath, [ROLLCALL, "scan", "--config", config], {
      cwd: folder,
      env: bare(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    await new Promise<void>((resolve) => silent.once("connection", () => resolve()));
    child.kill(signal);
    const code = await new Promise((resolve) => child.on("close", resolve));
    silent.close();
    expect([code, errors]).toEqual([
      expected,
      expect.stringContaining(`stopping; what is safe stays (${signal} again: stop at once)`),
    ]);
    expect(rollcall(["db", "check", "--db", `${signal}.db`]).status).toBe(0);
  });

  it("keeps what it could not foresee in a redacted report", () => {
    const broken = join(folder, "broken.mjs");
    writeFileSync(
      broken,
      "const real = JSON.stringify; JSON.stringify = () => { throw new TypeError('token=ghp_16C7e42F292c6912E7710c838347Ae178B4a'); };",
    );
    const ran = rollcall(["identities", "--json", "--limit", "1", "--db", database], { node: ["--import", broken] });
    expect(ran.status).toBe(1);
    expect(ran.stderr).toContain("An unexpected error; this is a bug in rollcall");
    const report = /look at (\S+)/.exec(ran.stderr)?.[1] ?? "";
    expect(readFileSync(report, "utf8")).toContain("TypeError");
    expect(ran.stderr + readFileSync(report, "utf8")).not.toContain("ghp_16C7");
    rmSync(join(report, ".."), { recursive: true });
  });

  it("does not colour or animate what is not a terminal", () => {
    // oxlint-disable-next-line no-control-regex
    expect(rollcall(["identities", "--db", database]).stdout).not.toMatch(/\u001b/);
  });
});
