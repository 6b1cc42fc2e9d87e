import { resolve } from "node:path";
import { EXIT, jsonLine, terminal, UserError } from "../../sdk/index.ts";
import { loadConfig } from "../../config/index.ts";
import { loadRuleFolder } from "../../plugins/rules.ts";
import type { FolderRule } from "../../plugins/rules.ts";
import type { Context } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { runExamples } from "../rule-examples.ts";

/**
 * `rollcall rules test [FOLDER]`: the form of each rule, and its examples on a real inventory. Without a folder, those
 * of the configuration.
 */
export async function testRules(this: Context, flags: GlobalFlags, folder: string | undefined): Promise<void> {
  const folders = folder === undefined ? (await loadConfig(flags, this)).ruleFolders : [resolve(this.cwd, folder)];
  if (folders.length === 0) {
    throw new UserError("No folder of rules to test", {
      next: "rollcall rules test FOLDER, or name it in rollcall.yaml: `ruleFolders: [./rules]`",
    });
  }
  let failures = 0;
  let count = 0;
  for (const item of folders) {
    for (const rule of await loadRuleFolder(item)) {
      const problems = await testRule(rule);
      count += 1;
      failures += problems.length > 0 ? 1 : 0;
      if (flags.json === true) await this.out.line(jsonLine({ rule: rule.rule.id, file: rule.file, problems }));
      else for (const line of verdictLines(rule, problems)) await this.out.line(terminal(line));
    }
  }
  this.note(`${count} rule${count === 1 ? "" : "s"}, ${failures} with problems`);
  if (failures > 0) this.setExit(EXIT.gate);
}

async function testRule(item: FolderRule): Promise<readonly string[]> {
  const { checkRule } = await import("../../rules/index.ts");
  const problems = checkRule(item.rule, item.examples).map(({ where, problem }) => `${where} ${problem}`);
  if (problems.length > 0 || item.examples === undefined) return problems;
  return runExamples(item.rule, item.examples);
}

function verdictLines(item: FolderRule, problems: readonly string[]): readonly string[] {
  if (problems.length === 0) return [`ok    ${item.rule.id}  ${item.examples?.examples.length ?? 0} examples`];
  return [`FAIL  ${item.rule.id}  ${item.file}`, ...problems.map((problem) => `      ${problem}`)];
}
