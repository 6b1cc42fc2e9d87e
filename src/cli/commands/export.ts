import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { jsonLine, REPORT_TABLES, terminal, UserError } from "../../sdk/index.ts";
import type { Report, ReportTable } from "../../sdk/index.ts";
import { didYouMean } from "../../config/nearest.ts";
import { shortName } from "../../config/problems.ts";
import type { Context } from "../context.ts";
import type { AsOfFlag, GlobalFlags } from "../flags.ts";
import { reading } from "../inventory.ts";
import { reportView } from "../report-view.ts";

export interface ExportFlags extends GlobalFlags, AsOfFlag {
  readonly output?: string;
  readonly table?: readonly ReportTable[];
  readonly raw?: boolean;
}

/** `rollcall export [FORMAT]`: a report to stdout or a file; without a format, the list of formats. */
export async function exportReport(this: Context, flags: ExportFlags, format: string | undefined): Promise<void> {
  const { REPORTS } = await import("../../../reports/index.ts");
  if (format === undefined) {
    for (const report of REPORTS)
      await this.out.line(
        flags.json === true ? jsonLine(reportDocument(report)) : `${report.id.padEnd(12)}${report.title}`,
      );
    return;
  }
  const report = REPORTS.find(({ id }) => id === format);
  if (report === undefined) {
    const ids = REPORTS.map(({ id }) => id);
    throw new UserError(`There is no format "${format}"${didYouMean(format, ids) || `; there is ${ids.join(", ")}`}`);
  }
  await reading(this, flags, async (reader) => {
    const chunks = report.render(reportView(reader), {
      ...(flags.table === undefined || flags.table.length === 0 ? {} : { tables: flags.table }),
      ...(flags.raw === true ? { raw: true } : {}),
    });
    if (flags.output === undefined) {
      for await (const chunk of chunks)
        await this.out.text(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"));
      return;
    }
    const file = resolve(this.cwd, flags.output);
    await writeWhole(file, chunks, this.cwd);
    this.note(terminal(`wrote ${shortName(file, this.cwd)}`));
  });
}

function reportDocument({ id, title, mediaType, extension, audience }: Report): Record<string, string> {
  return { id, title, media_type: mediaType, extension, audience };
}

/** All of it or nothing: written beside, then put in place. */
async function writeWhole(file: string, chunks: AsyncIterable<string | Uint8Array>, cwd: string): Promise<void> {
  const draft = `${file}.${process.pid}.part`;
  try {
    const descriptor = openSync(draft, "wx", 0o600);
    try {
      for await (const chunk of chunks) {
        const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
        for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
      }
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    if ((error as NodeJS.ErrnoException).code === undefined || !(error instanceof Error) || !("syscall" in error))
      throw error;
    throw new UserError(`Cannot write ${shortName(file, cwd)} (${(error as NodeJS.ErrnoException).code})`, {
      exit: 7,
      next: "choose another place with --output FILE",
      cause: error,
    });
  }
}

export { REPORT_TABLES };
