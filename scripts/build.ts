/**
 * Builds `dist/`: TypeScript emits every module (the public SDK with its types, scanners, rules, reports, scripts), and
 * esbuild joins the command line's own modules, so that `rollcall` starts in little more than the time of a bare Node:
 * one file with the routes, and one for everything that is loaded lazily. Packages stay outside.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import type { Plugin } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const startedAt = Date.now();

const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
const compiled = spawnSync(process.execPath, [compiler, "-p", join(root, "tsconfig.build.json")], { cwd: root, stdio: "inherit" });

/** What is loaded lazily, found while bundling: each such module becomes a file of its own, and the only copy of itself. */
const entries = new Map<string, string>();
/** What is started by its file's name, beside the file that starts it. */
const programs = ["src/inventory/query/bridge.ts", "src/inventory/query/process.ts"];
for (const path of programs) entries.set(join(root, path), basename(path, ".ts"));
await bundle(join(root, "src/cli/main.ts"), "main");
// Entries may find further entries, and the map grows while it is walked.
for (const [path, name] of entries) await bundle(path, name);
// A module that became an entry late may stand inside an earlier file as well; now that all are known, nothing does.
const known = entries.size;
for (const [path, name] of [[join(root, "src/cli/main.ts"), "main"] as const, ...entries]) await bundle(path, name);
if (entries.size !== known) throw new Error("the second round found new entries");

await writeHelp();
removeOlder(join(root, "dist"));
process.exitCode = compiled.status ?? 1;

async function bundle(path: string, name: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: { [name]: path },
    outdir: "dist/cli",
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22",
    logLevel: "warning",
    // Built-in scanners and reports import the package by its own name; inside the bundle that is the same module.
    alias: { "rollcall/sdk": join(root, "src/sdk/index.ts") },
    plugins: [separateEntries(path, name === "main")],
  });
}

/**
 * Keeps lazily loaded modules, and packages, out of a bundle. Only the parser of the command line goes into the routes'
 * file: each further file of a start costs more than its size.
 */
function separateEntries(self: string, isMain: boolean): Plugin {
  return {
    name: "separate-entries",
    setup(bundler) {
      bundler.onResolve({ filter: /./ }, ({ kind, path, resolveDir }) => {
        if (kind === "entry-point") return undefined;
        if (!path.startsWith(".")) {
          if (path === "rollcall/sdk" || (isMain && path === "@stricli/core")) return undefined;
          return { path, external: true };
        }
        const target = resolve(resolveDir, path);
        if (kind === "dynamic-import") entries.set(target, entries.get(target) ?? entryName(target));
        const name = entries.get(target);
        return name === undefined || target === self ? undefined : { path: `./${name}.js`, external: true };
      });
    },
  };
}

/** `src/cli/commands/scan.ts` is `commands-scan`, `src/inventory/index.ts` is `inventory`. */
function entryName(path: string): string {
  const parts = relative(root, path).replace(/^src\/(?:cli\/)?/, "").replace(/(?:\/index)?\.ts$/, "");
  return parts.replaceAll("/", "-");
}

/** The first help text, rendered from the routes as `rollcall` itself would: `bin/rollcall.js` shows it without loading them. */
async function writeHelp(): Promise<void> {
  const { runCommandLine } = (await import(pathToFileURL(join(root, "dist/src/cli/run.js")).href)) as typeof import("../src/cli/run.ts");
  const text: string[] = [];
  const stream = { write: (part: string) => void text.push(part) };
  await runCommandLine(["--help"], {
    stdout: stream,
    stderr: stream,
    cwd: root,
    environment: {},
    setEnvironment: () => {},
    now: Date.now,
    scanners: {},
    version: () => "",
    actor: () => "",
    interruptible: () => new AbortController().signal,
  });
  writeFileSync(join(root, "dist/cli/help.js"), `export const help = ${JSON.stringify(text.join(""))};\n`);
}

/** What an earlier build left and this one did not write. Files in use by others are replaced, never missing. */
function removeOlder(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) removeOlder(path);
    else if (statSync(path).mtimeMs < startedAt - 1_000) rmSync(path);
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}
