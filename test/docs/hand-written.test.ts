import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type Application, type CommandContext, generateHelpTextForAllCommands } from "@stricli/core";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { application } from "../../src/cli/app.ts";
import { SCANNERS } from "../../src/cli/catalog.ts";
import { loadConfig } from "../../src/config/index.ts";
import { resolveRules } from "../../src/config/rules.ts";
import { resolveSources } from "../../src/config/sources.ts";
import { RULES } from "../../src/rules/index.ts";
import { EXIT } from "../../src/sdk/index.ts";

const root = resolve(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
].sort();

const examples = readdirSync(join(root, "docs/examples")).filter((name) => !name.endsWith(".md"));

/** Fenced blocks of one language. */
function blocks(text: string, language: string): readonly string[] {
  return Array.from(
    text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\`$`, "gm")),
    ([, margin = "", body = ""]) => body.replaceAll(new RegExp(`^${margin}`, "gm"), ""),
  );
}

describe("the pages", () => {
  it("link only to what is there", () => {
    const broken = pages.flatMap((path) =>
      Array.from(read(path).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g), ([, target = ""]) => target)
        .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(root, dirname(path), target)))
        .map((target) => `${path}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it("name only commands and flags that the command line has", () => {
    const help = new Map(
      generateHelpTextForAllCommands(application(() => "0.0.0") as unknown as Application<CommandContext>),
    );
    expect(help.size).toBeGreaterThan(15);
    const sources = [...pages, ...examples.map((name) => join("docs/examples", name))];
    const wrong = sources.flatMap((path) =>
      Array.from(
        read(path).matchAll(/(?<![\w/.@-])rollcall ((?:[a-z][\w-]*)(?:[^\S\n]+[^\s`|;&)"]+)*)/g),
        ([, words = ""]) => words,
      )
        .filter((words) => isCommand(words))
        .flatMap((words) => problems(words, help).map((problem) => `${path}: ${problem}`)),
    );
    expect(wrong).toEqual([]);
  });

  it("explain every operation that is not a plain read", async () => {
    const page = read("SECURITY.md");
    for (const load of Object.values(SCANNERS)) {
      const scanner = await load();
      const declared = [scanner.requires, ...scanner.collections.map(({ requires }) => requires)].flatMap(
        ({ notReads = {} }) => Object.keys(notReads),
      );
      const listed = Array.from(page.matchAll(/^\| `([a-z-]+:[A-Za-z]+)` \|/gm), ([, operation]) => operation);
      expect(new Set(listed)).toEqual(new Set(declared));
    }
  });

  it("list every exit code with its number", () => {
    const page = read("docs/exit-codes.md");
    const named = Array.from(page.matchAll(/^\| ([\d, ]+) \|/gm), ([, codes = ""]) =>
      codes.split(",").map(Number),
    ).flat();
    expect(named.toSorted((left, right) => left - right)).toEqual(
      Object.values(EXIT).toSorted((left, right) => left - right),
    );
  });

  it("show only configuration that is accepted", async () => {
    const yaml = pages.flatMap((path) => blocks(read(path), "yaml").map((text) => [path, text] as const));
    expect(yaml.length).toBeGreaterThan(0);
    for (const [path, text] of yaml) await expect(accepted(text), path).resolves.toBe(true);
  });

  it("give every runtime dependency its reason, and no other", () => {
    const table = read("docs/decisions/2026-11-23-runtime-dependencies.md");
    const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
    const listed = Array.from(table.matchAll(/^\| `([^`]+)` \| ([^|]+) \|/gm), ([, name = "", licence = ""]) => [
      name,
      licence,
    ]);
    const installed = Object.keys(dependencies).map((name) => [
      name,
      (JSON.parse(read(`node_modules/${name}/package.json`)) as { license: string }).license,
    ]);
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(installed));
  });
});

/** A sentence may say "rollcall keeps"; a command stands in code. */
function isCommand(words: string): boolean {
  return !/^(is|reads|has|keeps|db`|only|says|speaks|user)\b/.test(words);
}

function problems(words: string, help: ReadonlyMap<string, string>): readonly string[] {
  const parts = words.split(/\s+/);
  const length = [2, 1].find(
    (count) =>
      help.has(`rollcall ${parts.slice(0, count).join(" ")}`) ||
      help.has(`rollcall ${parts.slice(0, count).join(" ")} list`),
  );
  if (length === undefined) return [`rollcall ${parts[0] ?? ""}`];
  const name = `rollcall ${parts.slice(0, length).join(" ")}`;
  const text = `${help.get(name) ?? ""}${help.get(`${name} list`) ?? ""}`;
  return parts
    .slice(length)
    .map((part) => /^--[a-z][a-z-]*/.exec(part)?.[0])
    .filter((flag) => flag !== undefined && !text.includes(flag))
    .map((flag) => `${name} ${flag}`);
}

async function accepted(yaml: string): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-config-"));
  try {
    const file = join(folder, "rollcall.yaml");
    writeFileSync(file, yaml);
    const around = { cwd: folder, environment: {} };
    const config = await loadConfig({ config: file }, around);
    if (config.sources.length > 0) await resolveSources(config, SCANNERS, [], around);
    resolveRules(config, RULES, around);
    return true;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("the examples", () => {
  it("pin every action to a commit", () => {
    const uses = Array.from(
      read("docs/examples/github-actions.yaml").matchAll(/uses: (\S+)(.*)/g),
      ([, action = "", rest = ""]) => [action, rest],
    );
    expect(uses.length).toBeGreaterThan(3);
    for (const [action, rest] of uses) {
      expect(action).toMatch(/^[\w.-]+\/[\w.-]+@[0-9a-f]{40}$/);
      expect(rest).toMatch(/^ # v\d+\.\d+\.\d+$/);
    }
  });

  it.each(examples.filter((name) => name.endsWith(".yaml")))("%s is YAML", (name) => {
    for (const document of parseAllDocuments(read(`docs/examples/${name}`))) expect(document.errors).toEqual([]);
  });

  it("hold a configuration that is accepted", async () => {
    const map = parseAllDocuments(read("docs/examples/kubernetes-cronjob.yaml"))
      .map((document) => document.toJS() as { kind: string; data?: Record<string, string> })
      .find(({ kind }) => kind === "ConfigMap");
    await expect(accepted(map?.data?.["rollcall.yaml"] ?? "")).resolves.toBe(true);
  });

  it.each(examples)("%s has no secret in it", (name) => {
    expect(read(`docs/examples/${name}`)).not.toMatch(
      /AKIA[A-Z0-9]{12}|aws_secret|secrets\.|password:|(?<!id-)token:/i,
    );
  });
});
