/**
 * Writes the pages that follow from the code (scanners, permissions, rules, views) into `docs/`. With `--check` it
 * writes nothing, names the pages that are stale and ends with 1.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SCANNERS } from "../../src/cli/catalog.ts";
import { viewCatalogue } from "../../src/inventory/index.ts";
import { EXAMPLES, RULES } from "../../src/rules/index.ts";
import { configKeys } from "./config-keys.ts";
import { stalePages, writePages } from "./files.ts";
import type { Page } from "./page.ts";
import { rulePages } from "./rules.ts";
import { permissionsPage, scannerPage } from "./scanner.ts";
import { viewsPage } from "./views.ts";

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });

// npm scripts run in the package's folder, from the sources and from `dist` alike.
const root = process.cwd();
const folder = join(root, "docs");
const pages = await allPages();

if (values.check) {
  const stale = stalePages(folder, pages);
  for (const path of stale) console.error(`stale: docs/${path}`);
  if (stale.length > 0) {
    console.error("next: npm run docs");
    process.exitCode = 1;
  }
} else {
  for (const path of writePages(folder, pages)) console.log(`wrote docs/${path}`);
}

async function allPages(): Promise<readonly Page[]> {
  const scanners = await Promise.all(Object.values(SCANNERS).map((load) => load()));
  return [
    ...scanners.flatMap((scanner) => {
      const source = readFileSync(join(root, "scanners", scanner.id, "config.ts"), "utf8");
      return [scannerPage(scanner, configKeys(source, "schema")), permissionsPage(scanner)];
    }),
    ...rulePages(RULES, EXAMPLES),
    viewsPage(viewCatalogue()),
  ];
}
