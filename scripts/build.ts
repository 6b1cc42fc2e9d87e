/**
 * Builds `dist/`: TypeScript emits every module (the public SDK with its types, scanners, rules, reports, scripts), and
 * esbuild joins the command line's own modules, so that `rollcall` starts in little more than the time of a bare Node:
 * one file with the routes, and one for everything that is loaded lazily. Packages stay outside.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundleCommandLine, INSIDE } from "./bundle.ts";
import type { runCommandLine as runCommandLineType } from "../src/cli/run.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const startedAt = Date.now();

const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
const compiled = spawnSync(process.execPath, [compiler, "-p", join(root, "tsconfig.build.json")], {
  cwd: root,
  stdio: "inherit",
});

await bundleCommandLine(root);
await writeHelp();
writeNotices();
removeOlder(join(root, "dist"));
process.exitCode = compiled.status ?? 1;

/** The first help text, rendered from the routes as `rollcall` itself would: `bin/rollcall.js` shows it without loading them. */
async function writeHelp(): Promise<void> {
  const { runCommandLine } = (await import(pathToFileURL(join(root, "dist/src/cli/run.js")).href)) as {
    readonly runCommandLine: typeof runCommandLineType;
  };
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

/** The licences of the packages that the bundle holds a copy of. */
function writeNotices(): void {
  const texts = Object.values(INSIDE).map((name) => {
    const folder = join(root, "node_modules", name);
    const { version, license, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<
      string,
      unknown
    >;
    const file = join(folder, "LICENSE");
    const text = existsSync(file)
      ? readFileSync(file, "utf8")
      : `Licensed under ${String(license)}; see LICENSE in this package.\n`;
    return `${name} ${String(version)}, ${JSON.stringify(author)}\n\n${text}`;
  });
  writeFileSync(join(root, "dist/cli/THIRD-PARTY.txt"), texts.join("\n---\n\n"));
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
