import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { GENERATED, type Page } from "./page.ts";

/** Pages whose file is missing, differs, or describes something that is not there any more. Sorted. */
export function stalePages(folder: string, pages: readonly Page[]): readonly string[] {
  const wanted = new Map(pages.map((page) => [page.path, page.text]));
  const differing = pages.filter((page) => read(join(folder, page.path)) !== page.text).map((page) => page.path);
  const orphans = generatedFiles(folder).filter((path) => !wanted.has(path));
  return [...differing, ...orphans].sort();
}

/** Writes what differs and removes generated pages that nothing generates. Returns what it touched. */
export function writePages(folder: string, pages: readonly Page[]): readonly string[] {
  const stale = stalePages(folder, pages);
  const wanted = new Map(pages.map((page) => [page.path, page.text]));
  for (const path of stale) {
    const file = join(folder, path);
    const text = wanted.get(path);
    if (text === undefined) {
      rmSync(file);
      continue;
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return stale;
}

function generatedFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => read(join(folder, path))?.startsWith(GENERATED) === true);
}

function read(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
