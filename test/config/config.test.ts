import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import type { ConfigFlags, Environment } from "../../src/config/contract.ts";
import { databasePath, loadConfig, readConfig } from "../../src/config/index.ts";
import { openNetwork } from "../../src/config/network.ts";
import { resolveRules } from "../../src/config/rules.ts";
import { judgeSources, resolveSources } from "../../src/config/sources.ts";
import type { Rule, Scanner } from "../../src/sdk/index.ts";
import { EXIT, isUserError } from "../../src/sdk/index.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-config-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function around(environment: Environment = {}) {
  return { cwd: folder, environment };
}

function file(text: string, name = "rollcall.yaml"): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** The whole complaint: message, next step and exit code. */
async function complaint(
  work: () => unknown,
): Promise<{ readonly message: string; readonly next: string | undefined; readonly exit: number }> {
  try {
    await work();
  } catch (error) {
    if (isUserError(error)) return { message: error.message, next: error.next, exit: error.exit };
    throw error;
  }
  throw new Error("nothing was wrong");
}

const problems = async (text: string, flags: ConfigFlags = {}) => {
  file(text);
  return complaint(() => loadConfig(flags, around()));
};

describe("a good configuration", () => {
  it("is one frozen object, paths starting at the file", async () => {
    const path = file(`
database: data/inventory.db
sources:
  - scanner: aws
    deep: [ssh-keys]
    profile: audit
    extra: { file: ./keys.pem, other: keys.pem }
    environment: { AWS_CONFIG_FILE: ./aws/config }
network:
  proxy: http://proxy.example.com:3128
  noProxy: [internal.example.com]
  ca: ./ca.pem
  share: 0.25
  deadline: 30
rules:
  unused-identity: { severity: high, window: 120 }
  two-active-keys: { enabled: false }
ruleFolders: [./rules]
`);
    const { locate, ...config } = await loadConfig({}, around());
    expect(config).toEqual({
      file: path,
      database: join(folder, "data/inventory.db"),
      sources: [
        {
          scanner: "aws",
          deep: ["ssh-keys"],
          environment: { AWS_CONFIG_FILE: join(folder, "aws/config") },
          settings: { profile: "audit", extra: { file: join(folder, "keys.pem"), other: "keys.pem" } },
          path: ["sources", 0],
        },
      ],
      network: {
        proxy: "http://proxy.example.com:3128",
        noProxy: ["internal.example.com"],
        caFiles: [join(folder, "ca.pem")],
        share: 0.25,
        deadline: 30,
      },
      rules: {
        "unused-identity": { enabled: undefined, severity: "high", params: { window: 120 } },
        "two-active-keys": { enabled: false, severity: undefined, params: {} },
      },
      ruleFolders: [join(folder, "rules")],
    });
    expect(Object.isFrozen(config.sources)).toBe(true);
    expect(Object.isFrozen(config.network)).toBe(true);
    expect(locate(["sources", 0, "profile"])).toEqual({ line: 6, column: 5 });
  });

  it("may be absent or empty", async () => {
    const absent = await loadConfig({}, around());
    expect([absent.file, absent.database, absent.sources]).toEqual([undefined, join(folder, "rollcall.db"), []]);
    file("# nothing yet\n");
    expect((await loadConfig({}, around())).sources).toEqual([]);
  });

  it("yields to the environment, and the environment to flags", async () => {
    const other = file("database: other.db\nnetwork: { proxy: http://a.example:1 }\n", "other.yaml");
    const environment = {
      ROLLCALL_CONFIG: other,
      ROLLCALL_DB: "environment.db",
      HTTPS_PROXY: "http://b.example:2",
      NO_PROXY: "x, y",
      NODE_EXTRA_CA_CERTS: "extra.pem",
    };
    const config = await loadConfig({}, around(environment));
    expect([config.file, config.database]).toEqual([other, join(folder, "environment.db")]);
    expect(config.network).toEqual({
      proxy: "http://b.example:2",
      noProxy: ["x", "y"],
      caFiles: [join(folder, "extra.pem")],
      share: undefined,
      deadline: undefined,
    });
    const flags = await loadConfig({ db: "flag.db", proxy: "http://c.example:3", ca: "flag.pem" }, around(environment));
    expect([flags.database, flags.network.proxy, flags.network.caFiles]).toEqual([
      join(folder, "flag.db"),
      "http://c.example:3",
      [join(folder, "flag.pem"), join(folder, "extra.pem")],
    ]);
  });

  it("is not read at all where the inventory is named", async () => {
    file("this: is: not: yaml: [");
    expect(await databasePath({ db: "named.db" }, around())).toBe(join(folder, "named.db"));
    expect(await databasePath({}, around({ ROLLCALL_DB: "/var/named.db" }))).toBe("/var/named.db");
    await expect(databasePath({}, around())).rejects.toThrow("rollcall.yaml has");
  });

  it("keeps a key called __proto__ away from objects", async () => {
    const { message } = await problems("__proto__: { database: x }\nrules: { __proto__: { enabled: true } }\n");
    expect(message).toContain('unknown key "__proto__"');
    expect(({} as { database?: unknown }).database).toBeUndefined();
  });
});

describe("a bad configuration", () => {
  it("is told all at once, each with its line and column, and what was meant", async () => {
    expect(
      await problems(`databse: x
sources:
  - scanner: aws
    deep: ssh-keys
  - scanner: aws
network: { share: 2, deadline: soon, noproxy: [] }
rules:
  unused-identity:
    severity: hihg
    enabled: yes please
    window: long
`),
    ).toMatchInlineSnapshot(`
      {
        "exit": 2,
        "message": "rollcall.yaml has 8 problems
        rollcall.yaml:1:1  at the top: unknown key "databse"; did you mean "database"?
        rollcall.yaml:4:5  sources[0].deep: must be a list
        rollcall.yaml:6:12  network.share: must be above 0 and at most 1
        rollcall.yaml:6:22  network.deadline: must be a number
        rollcall.yaml:6:38  network: unknown key "noproxy"; did you mean "noProxy" or "proxy"?
        rollcall.yaml:9:5  rules.unused-identity.severity: must be one of info, low, medium, high, critical
        rollcall.yaml:10:5  rules.unused-identity.enabled: must be true or false
        rollcall.yaml:11:5  rules.unused-identity.window: must be a number",
        "next": undefined,
      }
    `);
  });

  it.each(["NODE_OPTIONS", "HTTPS_PROXY", "LD_PRELOAD", "PATH", "lower"])(
    "may not set %s for a credential chain",
    async (name) => {
      expect((await problems(`sources:\n  - scanner: aws\n    environment:\n      ${name}: x\n`)).message).toBe(
        `rollcall.yaml has a problem\n  rollcall.yaml:4:7  sources[0].environment.${name}: must be a variable of the provider's own, such as AWS_CONFIG_FILE`,
      );
    },
  );

  it.each([
    ["aliases", "a: &x [1]\nb: *x\n", "rollcall.yaml:2:4  aliases (*name) are not supported; write the value out"],
    ["merge keys", "<<: { database: x }\n", "rollcall.yaml:1:1  merge keys (<<) are not supported; write the keys out"],
    ["tags", "database: !!js/function x\n", "rollcall.yaml:1:11  not plain YAML (TAG_RESOLVE_FAILED)"],
    [
      "two documents",
      "database: a\n---\ndatabase: b\n",
      "rollcall.yaml:2:1  Source contains multiple documents; please use YAML.parseAllDocuments()",
    ],
    ["the same key twice", "database: a\ndatabase: b\n", "rollcall.yaml:2:1  Map keys must be unique"],
    ["keys that are not text", "? [a]\n: b\n", "rollcall.yaml:1:3  keys must be plain text"],
  ])("may not use %s", async (_name, text, expected) => {
    expect(
      (await problems(text)).message
        .split("\n")
        .slice(1)
        .map((line) => line.trim()),
    ).toContain(expected);
  });

  it("may not be missing, too large or a folder", async () => {
    expect(await complaint(() => loadConfig({ config: "none.yaml" }, around()))).toEqual({
      message: "There is no configuration file none.yaml",
      next: "rollcall init",
      exit: EXIT.usage,
    });
    file(`# ${"x".repeat(300_000)}\n`);
    expect((await complaint(() => loadConfig({}, around()))).message).toBe(
      "rollcall.yaml has 300003 bytes; a configuration has at most 262144",
    );
    expect((await complaint(() => loadConfig({ config: "." }, around()))).message).toMatch(/is not a file|Cannot read/);
  });

  it("never breaks the terminal with its keys", async () => {
    const { message } = await problems('"\\e]0;title\\a": 1\n');
    expect(message).toContain('unknown key "\\x1b]0;title\\x07"');
    expect(message).not.toContain("\u001b");
  });
});

describe("secrets", () => {
  const canaries = {
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    session_token: "IQoJb3JpZ2luX2VjEXAMPLEEXAMPLEEXAMPLE",
    githubPat: "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    password: "hunter2",
    plain: "postgres://reader:hunter2@db.example.com/x",
    pem: "-----BEGIN RSA PRIVATE KEY----- MIIEow",
  };

  it.each(Object.entries(canaries))(
    "under %s are refused with the keyless recipe and never shown",
    async (key, value) => {
      for (const text of [
        `sources:\n  - scanner: aws\n    ${key}: "${value}"\n`,
        `sources:\n  - scanner: aws\n    nested: { list: [{ ${key}: "${value}" }] }\n`,
        // Broken YAML around it as well: the parser's own message quotes what it stumbles over.
        `${key}: "${value}" "${value}": [\n`,
        `database: "${value}": "${value}"\n`,
      ]) {
        const told = await problems(text);
        expect(told.exit).toBe(EXIT.usage);
        expect(JSON.stringify(told)).not.toContain(value);
        expect(JSON.stringify(told)).not.toContain("hunter2");
      }
      const told = await problems(`sources:\n  - scanner: aws\n    ${key}: "${value}"\n`);
      expect(told.message).toMatch(
        /rollcall\.yaml:3:\d+ {2}a secret does not belong in this file \(its value is not shown here\)/,
      );
      expect(told.next).toMatch(/name a profile or a role instead of a key/);
    },
  );

  it("are not what names the place of one", async () => {
    file(
      "sources:\n  - scanner: aws\n    credentialsFile: ./aws/credentials\n    tokenFile: /run/token\n    secretName: x\n    profile: audit\n",
    );
    expect((await loadConfig({}, around())).sources).toHaveLength(1);
  });

  it("are not shown where a proxy has one", async () => {
    const told = await complaint(() => loadConfig({ proxy: "ftp://user:hunter2@proxy" }, around()));
    expect(told.message).toBe(
      "The proxy must be an address that begins with http:// or https:// (it is not shown here)",
    );
  });
});

const scanner = {
  id: "aws",
  config: z.strictObject({
    profile: z.optional(z.string()),
    regions: z.optional(z.array(z.string())),
    nested: z.optional(z.strictObject({ include: z.optional(z.string()) })),
  }),
  collections: [{ id: "users" }, { id: "ssh-keys", optIn: { reason: "one call per user" } }],
} as unknown as Scanner;
const catalog = { aws: async () => scanner };

describe("sources", () => {
  it("are judged by their scanner's schema, with the place of each problem", async () => {
    file(`sources:
  - scanner: aws
    regoins: [a]
    regions: 3
    nested: { inclde: x }
    deep: [users, ssh-key]
  - scanner: awz
`);
    const config = await loadConfig({}, around());
    expect(await complaint(() => resolveSources(config, catalog, [], around()))).toEqual({
      exit: EXIT.usage,
      next: undefined,
      message: `rollcall.yaml has 6 problems
  rollcall.yaml:3:5  sources[0]: unknown key "regoins"; did you mean "regions"?
  rollcall.yaml:4:5  sources[0].regions: Invalid input
  rollcall.yaml:5:15  sources[0].nested: unknown key "inclde"; did you mean "include"?
  rollcall.yaml:6:12  sources[0].deep[0]: aws has no opt-in collection "users"; there is ssh-keys
  rollcall.yaml:6:19  sources[0].deep[1]: aws has no opt-in collection "ssh-key"; did you mean "ssh-keys"?
  rollcall.yaml:7:5  sources[1]: unknown scanner "awz"; did you mean "aws"?`,
    });
  });

  it("may not ask one scanner twice", async () => {
    file("sources:\n  - scanner: aws\n  - scanner: aws\n");
    const config = await loadConfig({}, around());
    expect((await complaint(() => resolveSources(config, catalog, [], around()))).message).toBe(
      'rollcall.yaml has a problem\n  rollcall.yaml:3:5  sources[1]: another source uses the scanner "aws"; give it one source with all its settings',
    );
  });

  it("are judged even where other parts of the file are wrong, each at its own place", async () => {
    file("network: { share: 7 }\nsources:\n  - scanner: 3\n  - scanner: aws\n    profle: audit\n");
    const { config, problems } = await readConfig({}, around());
    const judged = await judgeSources(config, catalog, []);
    expect(
      [...problems, ...judged.problems].map(({ place, message }) => `${place?.line}:${place?.column} ${message}`),
    ).toEqual([
      "3:5 sources[0].scanner: must be text",
      "1:12 network.share: must be above 0 and at most 1",
      '5:5 sources[1]: unknown key "profle"; did you mean "profile"?',
    ]);
  });

  it("are chosen by name", async () => {
    file("sources: [{ scanner: aws, profile: audit, deep: [ssh-keys] }]\n");
    const config = await loadConfig({}, around());
    expect(await resolveSources(config, catalog, ["aws"], around())).toEqual([
      { scanner, config: { profile: "audit" }, deep: ["ssh-keys"] },
    ]);
    expect((await complaint(() => resolveSources(config, catalog, ["awz"], around()))).message).toBe(
      'No source is called "awz"; did you mean "aws"?',
    );
  });

  it("must be there", async () => {
    const config = await loadConfig({}, around());
    expect(await complaint(() => resolveSources(config, catalog, [], around()))).toEqual({
      message: "There is no configuration here, so nothing to scan",
      next: "rollcall init",
      exit: EXIT.usage,
    });
  });
});

describe("rules", () => {
  const rule = {
    id: "unused-identity",
    severity: "medium",
    params: { window: { default: 90, unit: "days", min: 1, max: 3650, doc: "" } },
  } as unknown as Rule;

  it("take severity, parameters and on/off from the configuration", async () => {
    file("rules: { unused-identity: { severity: low, enabled: false, window: 30 } }\n");
    const config = await loadConfig({}, around());
    expect(resolveRules(config, [rule], around())).toEqual([
      { rule, enabled: false, severity: "low", params: { window: 30 } },
    ]);
    expect(resolveRules({ ...config, rules: {} }, [rule], around())).toEqual([
      { rule, enabled: true, severity: "medium", params: { window: 90 } },
    ]);
  });

  it("must exist, and so must their parameters, within their limits", async () => {
    file("rules:\n  unused-identty: { enabled: false }\n  unused-identity:\n    windw: 3\n    window: 0\n");
    const config = await loadConfig({}, around());
    expect((await complaint(() => resolveRules(config, [rule], around()))).message).toBe(`rollcall.yaml has 3 problems
  rollcall.yaml:2:3  rules: there is no rule "unused-identty"; did you mean "unused-identity"?
  rollcall.yaml:4:5  rules.unused-identity: unknown key "windw"; did you mean "window"?
  rollcall.yaml:5:5  rules.unused-identity.window: must be 1 to 3650 days`);
  });
});

describe("the network", () => {
  it("reads its certificate authorities", async () => {
    const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    file(pem, "ca.pem");
    file("network: { ca: ca.pem, share: 1, deadline: 5 }\n");
    const config = await loadConfig({}, around());
    expect(openNetwork(config, around())).toEqual({ ca: pem, share: 1, deadline: 5_000 });
    file("not a certificate", "ca.pem");
    expect((await complaint(() => openNetwork(config, around()))).message).toBe(
      "ca.pem holds no certificate in PEM form",
    );
  });

  it("refuses to work without verification", async () => {
    const config = await loadConfig({}, around());
    const told = await complaint(() => openNetwork(config, around({ NODE_TLS_REJECT_UNAUTHORIZED: "0" })));
    expect([told.exit, told.message]).toEqual([
      EXIT.usage,
      "NODE_TLS_REJECT_UNAUTHORIZED=0 switches the verification of every server off; rollcall does not send credentials to just anybody",
    ]);
  });
});
