import { redact } from "../transport/redact.ts";
import { EXIT, isProviderError, isUserError, terminal } from "../sdk/index.ts";
import { EXIT_CLOSED_PIPE, OutputClosed } from "./output.ts";

export function exitCodeOf(error: unknown): number {
  if (error instanceof OutputClosed) return EXIT_CLOSED_PIPE;
  if (isUserError(error)) return error.exit;
  return isProviderError(error) ? EXIT.nothingRead : EXIT.bug;
}

/** The sentence, and the next thing to do. Every line is escaped: parts of it may be a stranger's words. */
export function failureText(error: unknown, version: () => string): string {
  if (error instanceof OutputClosed) return "";
  if (isUserError(error)) return withNext(error.message, error.next);
  if (isProviderError(error)) return withNext(error.message, error.details.remedy ?? "rollcall doctor");
  const report = writeReport(error, version());
  return withNext(
    redact(`An unexpected error; this is a bug in rollcall: ${error instanceof Error ? error.message : String(error)}`),
    report === undefined
      ? "run it again with --debug"
      : `look at ${report} (secrets are taken out) and send it with a bug report`,
  );
}

function withNext(message: string, next: string | undefined): string {
  const lines = message.split("\n").map(terminal);
  const hint =
    next === undefined
      ? []
      : next.split("\n").map((line, index) => `${index === 0 ? "next: " : "      "}${terminal(line)}`);
  return [`rollcall: ${lines.join("\n")}`, ...hint].join("\n");
}

function writeReport(error: unknown, version: string): string | undefined {
  const text = [
    `rollcall ${version}, node ${process.versions.node}, ${process.platform} ${process.arch}`,
    ...chain(error).map((item) => (item instanceof Error ? (item.stack ?? item.message) : String(item))),
  ].join("\n\n");
  // Importing node:fs takes longer than everything else of a start; a command that does not fail never needs it here.
  const fs = process.getBuiltinModule("node:fs");
  const path = process.getBuiltinModule("node:path");
  try {
    const file = path.join(
      fs.mkdtempSync(path.join(process.getBuiltinModule("node:os").tmpdir(), "rollcall-crash-")),
      "report.txt",
    );
    fs.writeFileSync(file, `${text.split("\n").map(redact).join("\n")}\n`, { mode: 0o600, flag: "wx" });
    return file;
  } catch {
    return undefined;
  }
}

/** Stacks only: an error's other properties may be a whole request with its headers. */
function chain(error: unknown): readonly unknown[] {
  const found: unknown[] = [];
  for (let current = error; current !== undefined && found.length < 5;) {
    found.push(current);
    current = current instanceof Error ? current.cause : undefined;
  }
  return found;
}
