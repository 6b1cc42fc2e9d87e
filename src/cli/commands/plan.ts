import { jsonLine, terminal } from "../../sdk/index.ts";
import type { CallRange } from "../../sdk/index.ts";
import type { ScanPlan } from "../../engine/contract.ts";
import type { Context } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { count } from "../format/quantity.ts";
import { table } from "../format/table.ts";
import { planning } from "../inventory.ts";
import { callLog, prepare } from "../work.ts";

export interface PlanFlags extends GlobalFlags {
  readonly scope?: readonly string[];
}

/** `rollcall plan [source…]`: what a scan would ask, and for how long, before it asks. */
export async function plan(this: Context, flags: PlanFlags, ...names: readonly string[]): Promise<void> {
  const { sources, network, config } = await prepare(this, flags, names);
  const { plan: predict, permissions } = await import("../../engine/index.ts");
  const result = await planning(this, config.database, (inventory) =>
    predict({
      inventory,
      sources,
      network,
      now: this.now,
      signal: this.interruptible(),
      ...callLog(this, flags),
      ...(flags.scope === undefined || flags.scope.length === 0 ? {} : { onlyScopes: flags.scope }),
    }),
  );
  const needed = sources.map((source) => ({
    scanner: source.scanner.id,
    operations: operationsOf(source.scanner, source.deep),
    policy: permissions(source.scanner, { deep: source.deep, config: source.config }),
  }));
  if (flags.json === true) {
    await this.out.line(
      jsonLine({ ...result, permissions: needed.map(({ scanner, operations }) => ({ scanner, operations })) }),
    );
    return;
  }
  for (const line of planLines(result, this.out.width)) await this.out.line(line);
  for (const { scanner, operations } of needed) {
    await this.out.line("");
    await this.out.line(
      `${count(operations.length)} permissions for ${scanner} (rollcall permissions ${scanner} prints the policy):`,
    );
    for (const operation of operations) await this.out.line(`  ${terminal(operation)}`);
  }
}

function operationsOf(
  scanner: {
    readonly requires: Authorized["requires"];
    readonly collections: readonly (Authorized & { readonly id: string; readonly optIn?: unknown })[];
  },
  deep: readonly string[],
): readonly string[] {
  const chosen = scanner.collections.filter(({ id, optIn }) => optIn === undefined || deep.includes(id));
  const all = [scanner.requires, ...chosen.map(({ requires }) => requires)].flatMap(
    ({ permissions, operations }) => permissions ?? operations,
  );
  return [...new Set(all)].sort();
}

interface Authorized {
  readonly requires: { readonly operations: readonly string[]; readonly permissions?: readonly string[] };
}

function* planLines(result: ScanPlan, width: number | undefined): Generator<string> {
  const entered = result.scopes.filter(({ scope }) => scope.skip === undefined);
  yield `${count(entered.length)} of ${count(result.scopes.length)} scopes, ${range(result.calls)} calls, ${minutes(result.minutes)}`;
  yield terminal(`calls: ${result.calls.basis}`);
  yield terminal(`minutes: ${result.minutes.basis}`);
  yield "";
  const columns = [
    { title: "SCOPE", flexible: true },
    { title: "COLLECTION" },
    { title: "CALLS", right: true },
    { title: "BASIS", flexible: true },
  ];
  const cells = result.scopes.flatMap(({ scope, collections }) =>
    scope.skip === undefined
      ? collections.map(({ collection, calls, selected }) => [
          scope.title,
          collection,
          selected ? range(calls) : "-",
          selected ? calls.basis : "opt-in, not selected",
        ])
      : [[scope.title, "-", "-", `${scope.skip.status}: ${scope.skip.gap.reason}`]],
  );
  yield* table(columns, cells, width);
}

function range(calls: Pick<CallRange, "min" | "max">): string {
  return calls.min === calls.max ? count(calls.min) : `${count(calls.min)} to ${count(calls.max)}`;
}

function minutes(span: ScanPlan["minutes"]): string {
  if (span.max < 1) return "less than a minute";
  const [min, max] = [Math.floor(span.min), Math.ceil(span.max)];
  return min === max ? `${max} minutes` : `${min} to ${max} minutes`;
}
