import { formatInstant, type GapDetail, type ReportView } from "rollcall/sdk";
import { type CoverageEnd, coverageEnd, coverageGaps, isIncomplete, noCoverage } from "../shared/coverage.ts";
import type { ReportRow } from "../shared/facts.ts";
import { code, count, counted, heading, prose, table } from "./write.ts";

/** Scopes and gaps that are listed; the rest is a number and a command. */
const SCOPES = 50;
const GAPS = 50;
/** Kinds of gap and of note that are told apart. An estate that has more is told the number. */
const DISTINCT = 1_000;

interface ScopeCoverage {
  readonly scope: string;
  /** Collections, by how they ended. */
  readonly ended: Record<CoverageEnd, number>;
  /** The oldest time that the scope's facts speak of; `undefined` where nothing was read. */
  asOf: number | undefined;
}

interface GapGroup {
  readonly collection: string;
  readonly end: CoverageEnd;
  readonly gap: Partial<GapDetail>;
  scopes: number;
  hidden: number;
}

interface Ledger {
  readonly scopes: Map<string, ScopeCoverage>;
  readonly gaps: Map<string, GapGroup>;
  /** Why facts of a collection are older than the scan. */
  readonly notes: Set<string>;
  ungrouped: number;
}

/** One pass over the coverage: the first section of the summary and the last. */
export function coverageSections(view: ReportView): { readonly summary: string; readonly notSeen: string } {
  const ledger: Ledger = { scopes: new Map(), gaps: new Map(), notes: new Set(), ungrouped: 0 };
  for (const row of view.rows("coverage")) enter(ledger, row);
  return { summary: summary(ledger), notSeen: notSeen(ledger) };
}

function enter(ledger: Ledger, row: ReportRow): void {
  const end = coverageEnd(row);
  const collection = `${String(row["scanner"])}/${String(row["collection"])}`;
  const note = row["as_of_note"];
  if (typeof note === "string" && ledger.notes.size < DISTINCT) ledger.notes.add(`${code(collection)}: ${prose(note)}`);
  countScope(ledger.scopes, row, end);
  if (end === "complete" || end === "not-applicable") return;
  const gaps = coverageGaps(row);
  for (const gap of gaps.length > 0 ? gaps : [{}]) countGap(ledger, { collection, end, gap });
}

function countScope(scopes: Map<string, ScopeCoverage>, row: ReportRow, end: CoverageEnd): void {
  const scope = String(row["scope"]);
  const entry: ScopeCoverage = scopes.get(scope) ?? { scope, ended: noCoverage(), asOf: undefined };
  scopes.set(scope, entry);
  entry.ended[end] += 1;
  const asOf = row["as_of"];
  const read = end === "complete" || end === "partial";
  if (read && typeof asOf === "number") entry.asOf = Math.min(entry.asOf ?? asOf, asOf);
}

function countGap(ledger: Ledger, { collection, end, gap }: Omit<GapGroup, "scopes" | "hidden">): void {
  const key = JSON.stringify([collection, end, gap.class, gap.operation, gap.reason, gap.remedy]);
  const group = ledger.gaps.get(key) ?? { collection, end, gap, scopes: 0, hidden: 0 };
  if (!ledger.gaps.has(key) && ledger.gaps.size >= DISTINCT) {
    ledger.ungrouped += 1;
    return;
  }
  ledger.gaps.set(key, group);
  group.scopes += 1;
  group.hidden += gap.count ?? 0;
}

function summary({ scopes, notes }: Ledger): string {
  const title = heading(2, "Coverage");
  const all = [...scopes.values()];
  if (all.length === 0) return `${title}Nothing was scanned: this report says nothing about what exists.\n`;
  const incomplete = all.filter(isIncompleteScope);
  const shown = [...incomplete, ...all.filter((scope) => !isIncompleteScope(scope))].slice(0, SCOPES);
  const columns = [
    ["Scope", "left"],
    ["Complete", "right"],
    ["Partial", "right"],
    ["Not attempted", "right"],
    ["Left out", "right"],
    ["Not applicable", "right"],
    ["Facts from", "left"],
  ] as const;
  const rows = shown.map(({ scope, ended, asOf }) => [
    code(scope),
    count(ended.complete),
    count(ended.partial),
    count(ended["not-attempted"]),
    count(ended["left-out"]),
    count(ended["not-applicable"]),
    asOf === undefined ? "never" : formatInstant(asOf),
  ]);
  const older = notes.size === 0 ? "" : `\nOlder than the scan:\n\n${[...notes].map((note) => `- ${note}\n`).join("")}`;
  return [
    title,
    firstSentence(all, incomplete),
    "\n\n",
    table(columns, rows),
    more(all.length - shown.length, "scope", "rollcall coverage"),
    older,
  ].join("");
}

function isIncompleteScope({ ended }: ScopeCoverage): boolean {
  return (Object.keys(ended) as CoverageEnd[]).some((end) => isIncomplete(end) && ended[end] > 0);
}

function firstSentence(all: readonly ScopeCoverage[], incomplete: readonly ScopeCoverage[]): string {
  const total = (end: CoverageEnd) => all.reduce((sum, scope) => sum + scope.ended[end], 0);
  const complete = counted(total("complete"), "collection");
  if (incomplete.length === 0) {
    return `Everything that was configured was seen: ${counted(all.length, "scope")}, ${complete} complete.`;
  }
  return `**${counted(incomplete.length, "scope")} of ${count(all.length)} not seen completely:** ${complete} complete, ${count(total("partial"))} partial, ${count(total("not-attempted"))} not attempted. What they hide is unknown here, not absent; see "What was not seen".`;
}

function notSeen({ gaps, ungrouped }: Ledger): string {
  if (gaps.size === 0) return "";
  const all = [...gaps.values()];
  // What nobody asked for comes behind what somebody was refused.
  const ordered = [
    ...all.filter((group) => isIncomplete(group.end)),
    ...all.filter((group) => !isIncomplete(group.end)),
  ];
  const lines = ordered.slice(0, GAPS).map(({ collection, end, gap, scopes, hidden }) => {
    const operation = gap.operation === undefined ? "" : ` (${code(gap.operation)})`;
    const extent = hidden === 0 ? counted(scopes, "scope") : `${counted(scopes, "scope")}, ${count(hidden)} hidden`;
    const remedy = gap.remedy === undefined ? "" : ` *To close it:* ${prose(gap.remedy)}.`;
    return `- ${code(collection)}, ${end}${operation}: ${prose(gap.reason ?? "no reason was recorded")}; ${extent}.${remedy}\n`;
  });
  return `${heading(2, "What was not seen")}${lines.join("")}${more(all.length - lines.length + ungrouped, "gap", "rollcall coverage")}`;
}

function more(left: number, what: string, command: string): string {
  return left > 0 ? `\nand ${counted(left, `more ${what}`)}: \`${command}\`\n` : "";
}
