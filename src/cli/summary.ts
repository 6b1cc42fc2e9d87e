import { relative } from "node:path";
import type { ScanResult, ScopeResult } from "../engine/contract.ts";
import type { Reader, Row } from "../inventory/contract.ts";
import { SEVERITIES, terminal } from "../sdk/index.ts";
import { bytes, count, counted, duration } from "./format/quantity.ts";
import { table } from "./format/table.ts";
import { shortUrn } from "./format/values.ts";
import { coverageSentence } from "./coverage-sentence.ts";
import type { ScopeState } from "./coverage-sentence.ts";
import { quoted } from "./resolve.ts";

export interface Where {
  readonly database: string;
  readonly config: string | undefined;
  readonly cwd: string;
}

/** Rules that a summary names, each with its worst case; the list of findings has the rest. */
const FINDINGS = 10;
const SCOPES = 8;

/**
 * The end of a scan for a person: first what was seen and what was not, then who is there, then what matters most, then
 * what to type next. An incomplete scan never begins with good news.
 */
export function* summaryLines(
  result: ScanResult,
  reader: Reader,
  where: Where,
  width: number | undefined,
): Generator<string> {
  yield coverageSentence(result.scopes.map((scope) => ({ name: shortUrn(scope.urn), state: stateOf(scope) })));
  for (const line of incomplete(result.scopes)) yield terminal(line);
  const { calls, changes } = result;
  yield `${duration(result.finishedAt - result.startedAt)}, ${counted(calls.logical, "call")} (predicted ${range(calls.predicted)}), ${count(calls.throttled)} throttled, ${bytes(calls.bytes)}`;
  yield `${count(changes.added)} new, ${count(changes.changed)} changed, ${count(changes.missing)} missing, ${count(changes.withdrawn)} gone${changes.suspected > 0 ? `, ${count(changes.suspected)} suspected gone` : ""}`;
  yield "";
  yield* identities(reader, width);
  yield* findings(result, reader, width);
  yield* next(result, reader, where);
}

function stateOf({ status, allowed }: ScopeResult): ScopeState {
  switch (status) {
    case "partial":
    case "failed":
      return allowed ? "accepted" : status;
    case "skipped":
      return "left-out";
    case "not-applicable":
      return "closed";
    case "complete":
      return status;
  }
}

function* incomplete(scopes: readonly ScopeResult[]): Generator<string> {
  const broken = scopes.filter(({ status }) => status === "partial" || status === "failed");
  for (const scope of broken.slice(0, SCOPES)) {
    const bad = scope.collections.filter(({ status }) => status === "partial");
    const gap = bad.flatMap(({ gaps }) => gaps)[0];
    const what = bad.map(({ collection }) => collection).join(", ");
    yield `  ${scope.title}: ${scope.status}${what === "" ? "" : ` (${what})`}${gap === undefined ? "" : `: ${gap.reason}`}${scope.allowed ? " [accepted]" : ""}`;
    if (gap?.remedy !== undefined) yield `    ${gap.remedy}`;
  }
  if (broken.length > SCOPES) yield `  and ${broken.length - SCOPES} more: rollcall coverage --status partial`;
}

function* identities(reader: Reader, width: number | undefined): Generator<string> {
  const rows = reader.select(
    "select provider, kind, nature, sum(live) as n from facet where type = 'identity' group by provider, kind, nature having sum(live) > 0 order by provider, kind, nature",
  );
  if (rows.length === 0) {
    yield "No identities.";
    return;
  }
  const natures = [...new Set(rows.map((row) => String(row["nature"] ?? "unknown")))].sort(
    (a, b) => ORDER.indexOf(a) - ORDER.indexOf(b),
  );
  const kinds = [...new Set(rows.map(kindOf))];
  const number = (kind: string | undefined, nature: string | undefined): number =>
    rows
      .filter(
        (row) =>
          (kind === undefined || kindOf(row) === kind) &&
          (nature === undefined || String(row["nature"] ?? "unknown") === nature),
      )
      .reduce((sum, row) => sum + Number(row["n"]), 0);
  const columns = [
    { title: "IDENTITIES" },
    ...[...natures.map((nature) => nature.toUpperCase()), "ALL"].map((title) => ({ title, right: true })),
  ];
  const line = (title: string, kind: string | undefined): readonly string[] => [
    title,
    ...natures.map((nature) => count(number(kind, nature))),
    count(number(kind, undefined)),
  ];
  const cells = kinds.map((kind) => line(kind, kind));
  yield* table(columns, kinds.length > 1 ? [...cells, line("all", undefined)] : cells, width);
  yield "";
}

function kindOf(row: Row): string {
  return `${String(row["provider"])} ${String(row["kind"])}`;
}

const ORDER = ["machine", "agent", "human", "unknown"];

function* findings(result: ScanResult, reader: Reader, width: number | undefined): Generator<string> {
  const { open, unknown } = result.findings;
  const parts = SEVERITIES.toReversed()
    .filter((severity) => open[severity] > 0)
    .map((severity) => `${count(open[severity])} ${severity}`);
  const undecided = unknown === 0 ? "" : `; ${count(unknown)} could not be decided`;
  if (parts.length === 0) {
    yield `No open findings${undecided}.`;
    return;
  }
  yield `Open findings: ${parts.join(", ")}${undecided}`;
  const rows = reader.select(
    `select severity, rule, n, message, scope, name, urn from (
       select f.severity, f.severity_rank, f.rule, f.message, f.scope, i.name, i.urn,
              count(*) over (partition by f.rule, f.severity) as n,
              row_number() over (partition by f.rule, f.severity order by i.score desc, f.fingerprint) as place
         from finding f left join identity i on i.urn = f.identity
        where f.verdict = 'fail' and f.state in ('open', 'reopened')
     ) as worst where place = 1 order by severity_rank desc, n desc, rule limit ${FINDINGS}`,
  );
  const columns = [
    { title: "SEVERITY" },
    { title: "COUNT", right: true },
    { title: "RULE" },
    { title: "WORST", flexible: true },
    { title: "WHAT IT IS THERE", flexible: true },
  ];
  yield* table(
    columns,
    rows.map((row) => [
      String(row["severity"]),
      count(Number(row["n"])),
      String(row["rule"]),
      who(row),
      String(row["message"]),
    ]),
    width,
  );
  yield "";
}

function who(row: Row): string {
  const name =
    typeof row["name"] === "string" ? row["name"] : typeof row["urn"] === "string" ? shortUrn(row["urn"]) : "-";
  return `${name} in ${shortUrn(String(row["scope"]))}`;
}

function* next(result: ScanResult, reader: Reader, where: Where): Generator<string> {
  const db = `--db ${quoted(shorter(where.database, where.cwd))}`;
  const worst = reader.select(
    "select f.identity from finding f join identity i on i.urn = f.identity where f.verdict = 'fail' and f.state in ('open', 'reopened') order by f.severity_rank desc, i.score desc, f.rule, f.fingerprint limit 1",
  )[0]?.["identity"];
  yield "Next:";
  if (result.scopes.some(({ status }) => status === "partial" || status === "failed"))
    yield `  rollcall coverage ${db}`;
  yield `  rollcall findings ${db}`;
  if (typeof worst === "string") yield terminal(`  rollcall show ${quoted(worst)} ${db}`);
  yield `  rollcall identities --nature machine --sort score:desc ${db}`;
  yield `  rollcall export markdown ${db}`;
}

function range(calls: { readonly min: number; readonly max: number }): string {
  return calls.min === calls.max ? count(calls.min) : `${count(calls.min)} to ${count(calls.max)}`;
}

function shorter(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short === "" || short.startsWith("..") ? path : short;
}
