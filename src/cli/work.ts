import type { Network, RuleSetting, Source } from "../engine/contract.ts";
import type { CallTrace } from "../engine/contract.ts";
import { readConfig } from "../config/index.ts";
import type { Config } from "../config/index.ts";
import { formatInstant, terminal } from "../sdk/index.ts";
import type { Context } from "./context.ts";
import type { GlobalFlags } from "./flags.ts";

/** What a command that speaks to providers needs: everything of the configuration, judged. */
export interface Work {
  readonly config: Config;
  readonly sources: readonly Source[];
  readonly rules: readonly RuleSetting[];
  readonly network: Network;
}

/** @throws {UserError} exit 2 before anything is contacted, with every problem of the configuration at once. */
export async function prepare(context: Context, flags: GlobalFlags, names: readonly string[]): Promise<Work> {
  const { config, problems: fileProblems } = await readConfig(flags, context);
  const [{ judgeSources }, { judgeRules }, { openNetwork }, { loadRules }, { configurationError }] = await Promise.all([
    import("../config/sources.ts"),
    import("../config/rules.ts"),
    import("../config/network.ts"),
    import("../plugins/rules.ts"),
    import("../config/problems.ts"),
  ]);
  const nothingLeft = fileProblems.length > 0 && config.sources.length === 0;
  const judged = nothingLeft ? { sources: [], problems: [] } : await judgeSources(config, context.scanners, names);
  const rules = judgeRules(config, await loadRules(config.ruleFolders));
  const problems = [...fileProblems, ...judged.problems, ...rules.problems];
  if (problems.length > 0) throw configurationError(config.file ?? "rollcall.yaml", problems, context.cwd);
  for (const { scanner } of judged.sources) {
    context.setEnvironment(config.sources.find((setting) => setting.scanner === scanner.id)?.environment ?? {});
  }
  return { config, sources: judged.sources, rules: rules.settings, network: openNetwork(config, context) };
}

/** `--debug`: one line per attempt. Names of operations, codes and times; nothing that was asked or answered. */
export function callLog(context: Context, flags: GlobalFlags): { readonly onCall?: (call: CallTrace) => void } {
  if (flags.debug !== true) return {};
  return {
    onCall: (call) => {
      const outcome = [call.outcome, call.status, call.class, call.code].filter((part) => part !== undefined).join(" ");
      const waited = call.waited >= 1 ? `, waited ${Math.round(call.waited)} ms` : "";
      context.note(
        terminal(
          `${formatInstant(call.at)} ${call.operation} ${call.bucket} #${call.attempt}: ${outcome}, ${Math.round(call.milliseconds)} ms, ${call.bytes} bytes${waited}`,
        ),
      );
    },
  };
}
