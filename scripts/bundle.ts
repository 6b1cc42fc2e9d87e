/** How esbuild joins the command line's modules: one file with the routes, and one for everything that is loaded lazily. */
import { isBuiltin } from "node:module";
import { basename, join, relative, resolve } from "node:path";
import { build } from "esbuild";
import type { Plugin } from "esbuild";

/** Started by their files' names, beside the file that starts them. */
const PROGRAMS = ["src/inventory/query/bridge.ts", "src/inventory/query/process.ts"];

/** What the inventory needs only when it writes or answers somebody's own query, and what takes a third of a bare start to load. */
const LATE = ["node:crypto", "node:worker_threads"];

/**
 * Packages that go inside one file, because each further file of a start costs more than its size: the parser of the
 * command line with the routes, and SQLite's few modules (not its binary) with the inventory.
 */
export const INSIDE: Readonly<Record<string, string>> = { main: "@stricli/core", inventory: "better-sqlite3" };

/** SQLite's own code looks for its binary beside itself, with `require`. */
const SQLITE = {
  banner: {
    js: [
      'const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);',
      'const sqliteFolder = process.getBuiltinModule("node:path").dirname(require.resolve("better-sqlite3"));',
    ].join("\n"),
  },
  define: { __dirname: "sqliteFolder" },
};

/** Writes `dist/cli` below `root`. */
export async function bundleCommandLine(root: string): Promise<void> {
  const main = join(root, "src/cli/main.ts");
  /** Each lazily loaded module becomes a file of its own, and the only copy of itself. */
  const entries = new Map(PROGRAMS.map((path): [string, string] => [join(root, path), basename(path, ".ts")]));
  const bundle = async (path: string, name: string): Promise<void> => {
    await build({
      absWorkingDir: root,
      entryPoints: { [name]: path },
      outdir: "dist/cli",
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node22",
      logLevel: "warning",
      minifyWhitespace: true,
      // Built-in scanners and reports import the package by its own name; inside the bundle that is the same module.
      alias: { "rollcall/sdk": join(root, "src/sdk/index.ts") },
      ...(name === "inventory" ? SQLITE : {}),
      plugins: [
        quickBuiltins(name === "inventory"),
        separateEntries({ root, self: path, inside: INSIDE[name], entries }),
      ],
    });
  };
  // Entries are found while bundling, and the map grows while it is walked. A module that became an entry late may stand
  // inside an earlier file as well, so everything is bundled again once all are known.
  await bundle(main, "main");
  for (const [path, name] of entries) await bundle(path, name);
  const known = entries.size;
  await bundle(main, "main");
  for (const [path, name] of entries) await bundle(path, name);
  if (entries.size !== known) throw new Error("the second round of bundling found new entries");
}

/**
 * Takes Node's own modules from `process.getBuiltinModule`. A static `import` of `node:fs` also loads everything that
 * its namespace could ever give (promises, streams), which costs more than the rest of a short command.
 */
function quickBuiltins(isInventory: boolean): Plugin {
  return {
    name: "quick-builtins",
    setup(bundler) {
      bundler.onResolve({ filter: /./ }, ({ kind, path }) => {
        if (!isBuiltin(path)) return undefined;
        return kind === "dynamic-import" ? { path, external: true } : { path, namespace: "builtin" };
      });
      bundler.onLoad({ filter: /./, namespace: "builtin" }, ({ path }) => ({
        contents:
          isInventory && LATE.includes(path)
            ? lazyFunctions(path)
            : `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
      }));
    },
  };
}

/** The module's functions and classes, each of which fetches the module when it is first called. */
function lazyFunctions(path: string): string {
  const found = `process.getBuiltinModule(${JSON.stringify(path)})`;
  return Object.entries(process.getBuiltinModule(path) as object)
    .filter(([name, value]) => typeof value === "function" && /^[A-Za-z]\w*$/.test(name))
    .map(([name]) =>
      /^[A-Z]/.test(name)
        ? `export const ${name} = function (...inputs) { return Reflect.construct(${found}.${name}, inputs); };`
        : `export const ${name} = (...inputs) => ${found}.${name}(...inputs);`,
    )
    .join("\n");
}

interface Separation {
  readonly root: string;
  readonly self: string;
  /** The package that belongs inside. */
  readonly inside: string | undefined;
  /** Paths and names of what has been found so far; grows. */
  readonly entries: Map<string, string>;
}

/** Keeps lazily loaded modules, and packages, out of a bundle. */
function separateEntries({ root, self, inside, entries }: Separation): Plugin {
  return {
    name: "separate-entries",
    setup(bundler) {
      bundler.onResolve({ filter: /./ }, ({ kind, path, resolveDir }) => {
        if (kind === "entry-point") return undefined;
        if (!path.startsWith(".")) {
          if (path === "rollcall/sdk" || path === inside) return undefined;
          return { path, external: true };
        }
        const target = resolve(resolveDir, path);
        if (kind === "dynamic-import") entries.set(target, entries.get(target) ?? entryName(root, target));
        const name = entries.get(target);
        return name === undefined || target === self ? undefined : { path: `./${name}.js`, external: true };
      });
    },
  };
}

/** `src/cli/commands/scan.ts` is `commands-scan`, `src/inventory/index.ts` is `inventory`. */
function entryName(root: string, path: string): string {
  const parts = relative(root, path)
    .replace(/^src\/(?:cli\/)?/, "")
    .replace(/(?:\/index)?\.ts$/, "");
  return parts.replaceAll("/", "-");
}
