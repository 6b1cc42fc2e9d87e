import { closeSync, openSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { jsonLine, terminal, UserError } from "../../sdk/index.ts";
import { shortName } from "../../config/problems.ts";
import type { Context } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";

/** `rollcall init`: a commented configuration from what this machine already has. Never overwrites. */
export async function init(this: Context, flags: GlobalFlags): Promise<void> {
  const file = resolve(this.cwd, flags.config ?? (this.environment["ROLLCALL_CONFIG"] || "rollcall.yaml"));
  const suggestions: string[] = [];
  const found: string[] = [];
  for (const [id, load] of Object.entries(this.scanners)) {
    const block = await (await load()).suggest?.(this.environment);
    if (block === undefined) continue;
    found.push(id);
    suggestions.push(block);
  }
  write(file, configurationText(suggestions), this.cwd);
  const name = shortName(file, this.cwd);
  if (flags.json === true) await this.out.line(jsonLine({ file, sources: found }));
  else
    this.note(
      terminal(
        `wrote ${name}${found.length === 0 ? "; no credentials were found on this machine, so its sources are examples" : ` with ${found.join(", ")}`}`,
      ),
    );
  this.note(`next: read it, then rollcall doctor${name === "rollcall.yaml" ? "" : ` --config ${name}`}`);
}

function write(file: string, text: string, cwd: string): void {
  let descriptor: number;
  try {
    // Exclusive: whoever wrote the file first keeps it.
    descriptor = openSync(file, "wx", 0o600);
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === "EEXIST";
    throw new UserError(
      exists
        ? `${shortName(file, cwd)} is there already, and init overwrites nothing`
        : `Cannot write ${shortName(file, cwd)}`,
      {
        next: exists
          ? "edit it, or write another: rollcall init --config other.yaml"
          : `ls -ld ${shortName(resolve(file, ".."), cwd)}`,
        cause: error,
      },
    );
  }
  try {
    writeSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

const EXAMPLE = `  # - scanner: aws
  #   profile: audit            # a profile of ~/.aws/config (SSO, role, …); never a key
  #   account: "111122223333"   # refuse to scan with the credentials of any other account
`;

/** A source's block comes with its comments, indented or not: a scanner writes it as a list item at the left margin. */
function configurationText(blocks: readonly string[]): string {
  const sources = blocks.map((block) => indented(block)).join("\n");
  return `# Rollcall: which sources to read, and how to judge them. Checked by \`rollcall doctor\`.
# There are no secrets in this file: each provider's own credential chain finds them.

database: rollcall.db

sources:${blocks.length === 0 ? " []" : ""}
${blocks.length === 0 ? EXAMPLE : sources}
# How to reach the network. HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS are honoured.
# network:
#   proxy: http://proxy.example.com:3128
#   noProxy: [internal.example.com]
#   ca: ./company-ca.pem
#   share: 0.5                  # of the provider's quota; polite by default
#   deadline: 60                # seconds for one call

# Change or switch off a rule; \`rollcall rules\` lists them, \`rollcall rules show ID\` explains one.
# rules:
#   unused-identity:
#     severity: high
#   two-active-keys:
#     enabled: false

# Rules of your own, in the same form; \`rollcall rules test\` checks them.
# ruleFolders: [./rules]
`;
}

function indented(block: string): string {
  const lines = block.trimEnd().split("\n");
  const margin = Math.min(
    ...lines.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length),
  );
  return `${lines.map((line) => (line.trim() === "" ? "" : `  ${line.slice(margin)}`)).join("\n")}\n`;
}
