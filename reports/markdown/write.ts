import { markdown, markdownCode, type ReportValue } from "rollcall/sdk";

/** Longer texts are cut: a summary is read by people, and a stranger chose the length. */
const LONGEST = 200;

function shorten(text: string): string {
  if (text.length <= LONGEST) return text;
  // Code points, so that no character is cut in two; a text of a megabyte is not walked to its end for that.
  const characters = Array.from(text.slice(0, (LONGEST + 1) * 2));
  return characters.length <= LONGEST ? text : `${characters.slice(0, LONGEST).join("")}…`;
}

/** A stranger's sentence. */
export function prose(text: unknown): string {
  return markdown(shorten(String(text)));
}

/** A name or an id that people copy. */
export function code(text: unknown): string {
  return markdownCode(shorten(String(text)));
}

export function heading(level: number, escaped: string): string {
  return `\n${"#".repeat(level)} ${escaped}\n\n`;
}

export type Alignment = "left" | "right";

/** A table of cells that are escaped already. */
export function table(
  columns: readonly (readonly [title: string, alignment: Alignment])[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return [
    line(columns.map(([title]) => title)),
    line(columns.map(([, alignment]) => (alignment === "right" ? "--:" : "---"))),
    ...rows.map(line),
  ].join("");
}

/** `1,204`: the same digits in every locale. */
export function count(value: ReportValue | undefined): string {
  return String(value ?? 0).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 identity`, `2 identities`. */
export function counted(value: number, singular: string, plural = `${singular}s`): string {
  return `${count(value)} ${value === 1 ? singular : plural}`;
}
