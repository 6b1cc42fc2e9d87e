import { describe, test } from "vitest";
import { reportChecks } from "./report-checks.ts";
import type { ReportKit } from "./report-checks.ts";

/**
 * The conformance kit for reports: empty, partial and hostile inventories, total order, the same bytes twice, flat
 * memory over a million rows, and (with a parser of yours) every cell back as it was.
 *
 * @example
 * describeReport("csv", { report: csv, exact: { raw: true }, parse: parseWithSomebodyElsesParser });
 */
export function describeReport(name: string, kit: ReportKit, options: { readonly timeout?: number } = {}): void {
  describe(`${name} conforms`, () => {
    for (const check of reportChecks(kit)) test(check.name, { timeout: options.timeout ?? 120_000 }, () => check.run());
  });
}
