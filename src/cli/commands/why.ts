import { jsonLine, terminalCut } from "../../sdk/text.ts";
import type { Context } from "../context.ts";
import type { AsOfFlag, GlobalFlags } from "../flags.ts";
import { reading } from "../inventory.ts";
import { quoted, suggestions } from "../resolve.ts";
import { explainAbsence } from "../explain/explain.ts";
import { answerText } from "../explain/text.ts";

export type WhyFlags = GlobalFlags & AsOfFlag;

/**
 * `rollcall why NAME`: whether the thing is there, and if not, which of the things that look alike it is: deleted,
 * missing, held as suspected, not seen, out of a lost scope, renamed, or never known.
 */
export async function why(this: Context, flags: WhyFlags, name: string): Promise<void> {
  await reading(this, flags, async (reader) => {
    const answers = await explainAbsence(reader, this.scanners, name);
    const meant = answers.length === 0 ? suggestions(reader, name) : [];
    if (flags.json === true) {
      if (answers.length === 0) await this.out.line(jsonLine({ name, verdict: "never-known", did_you_mean: meant }));
      for (const answer of answers) await this.out.line(jsonLine({ name, ...answer }));
      return;
    }
    if (answers.length === 0) {
      await this.out.line(
        terminalCut(
          `NEVER KNOWN  "${name.slice(0, 200)}": no completed scan has ever seen anything by this name.`,
          1_000,
        ),
      );
      for (const item of meant) await this.out.line(terminalCut(`  perhaps: rollcall why ${quoted(item)}`, 1_000));
      return;
    }
    for (const [index, answer] of answers.entries()) {
      if (index > 0) await this.out.line("");
      for (const line of answerText(answer)) await this.out.line(terminalCut(line, 1_000));
    }
  });
}
