import { scanWith } from "../../../src/engine/index.ts";
import type { RuleSetting, ScanEvent, ScanOptions, ScanResult, Source } from "../../../src/engine/index.ts";
import type { Inventory } from "../../../src/inventory/contract.ts";
import { defineRule } from "../../../src/sdk/index.ts";
import type { Collection, Rule, Scanner } from "../../../src/sdk/index.ts";
import { tinyScanner } from "./tiny-scanner.ts";

/** A source for a tiny server; `change` bends the scanner. */
export function tinySource(
  url: string,
  change: Partial<Scanner> = {},
  deep: readonly string[] = [],
  skip: readonly string[] = [],
): Source {
  return { scanner: { ...(tinyScanner as unknown as Scanner), ...change }, config: { url, skip }, deep };
}

/** The tiny scanner's collections with one replaced. */
export function withCollection(id: string, change: Partial<Collection>): Partial<Scanner> {
  const collections = (tinyScanner as unknown as Scanner).collections.map((collection) =>
    collection.id === id ? { ...collection, ...change } : collection,
  );
  return { collections };
}

export interface TinyScan extends Partial<Omit<ScanOptions, "inventory" | "sources" | "now">> {
  readonly inventory: Inventory;
  readonly sources: readonly Source[];
  readonly now: () => number;
}

/** One scan in which waiting takes no time. */
export async function tinyScan(options: TinyScan): Promise<ScanResult & { readonly events: readonly ScanEvent[] }> {
  const events: ScanEvent[] = [];
  const result = await scanWith(
    {
      rules: [],
      network: { share: 1 },
      version: "test",
      signal: new AbortController().signal,
      ...options,
      onEvent(event) {
        events.push(event);
        options.onEvent?.(event);
      },
    },
    { sleep: () => new Promise((resolve) => setImmediate(resolve)) },
  );
  return { ...result, events };
}

export const staleKey: Rule = defineRule({
  id: "stale-key",
  title: "A key that nobody used",
  owasp: ["NHI1:2025"],
  severity: "high",
  maturity: "stable",
  rationale: "An unused key is only good for somebody else.",
  params: { window: { default: 90, unit: "days", min: 1, max: 400, doc: "How long without use" } },
  subject: "credential",
  population: "kind = 'key'",
  needs: ["credential.enabled", { usage: "credential", window: "window" }],
  settled: "enabled = 0",
  query:
    "select urn as subject, last_used_at from credential where enabled = 1 and (last_used_at is null or last_used_at < @now - @window)",
  explain: (row, params) => `not used for ${params["window"]} days (last: ${String(row["last_used_at"])})`,
  remediation: [{ for: "any", steps: ["disable it", "delete it"], docs: "https://tiny.example/keys" }],
  resolvedBy: "the key is used or gone",
  references: [],
});

export function ruleSetting(rule: Rule, change: Partial<RuleSetting> = {}): RuleSetting {
  return {
    rule,
    enabled: true,
    severity: rule.severity,
    params: Object.fromEntries(Object.entries(rule.params).map(([name, param]) => [name, param.default])),
    ...change,
  };
}
