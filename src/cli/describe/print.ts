import { terminalCut } from "../../sdk/text.ts";
import { table } from "../format/table.ts";
import { NONE, shortUrn, UNKNOWN } from "../format/values.ts";
import type { Output } from "../output.ts";
import type { Description, FactDescription, NotKept } from "./record.ts";

type Document = Readonly<Record<string, unknown>>;

const LONGEST = 1_000;

/** The description as text, most important first: who, how bad, why, what gets it there, then every fact. */
export async function printDescription(out: Output, thing: Description): Promise<void> {
  for (const line of lines(thing, out.width)) await out.line(line);
}

function* lines(thing: Description, width: number | undefined): Generator<string> {
  yield* heading(thing);
  yield* scoreLines(thing);
  yield* findingLines(thing);
  yield* section("CREDENTIALS", credentialTable(thing.credentials, width));
  yield* section("GRANTS", grantTable(thing.grants, width));
  yield* section("WHO CAN BECOME IT", trustTable(thing.trusted_by, width, "principal"));
  yield* section("WHAT IT CAN BECOME", trustTable(thing.trusts, width, "identity"));
  yield* section("USE", usageTable(thing, width));
  yield* section("OWNERS", ownerTable(thing.owners, width));
  yield* section("FACTS", factTable(thing.facts, width));
}

function* heading(thing: Description): Generator<string> {
  const words = [thing.kind, thing.type].filter((word) => word !== null && word !== undefined);
  yield safe(`${thing.name ?? shortUrn(thing.urn)}  (${[...new Set(words)].join(" ")}, ${thing.presence})`);
  yield safe(thing.urn);
  if (thing.scope !== null) {
    yield safe(
      `in ${thing.scope.name ?? shortUrn(thing.scope.urn)} (${shortUrn(thing.scope.urn)}): ${seen(thing.scope)}`,
    );
  }
  for (const alias of thing.aliases) if (alias !== thing.name) yield safe(`also known as ${alias}`);
  if (thing.first_seen_at !== null)
    yield safe(`first seen ${thing.first_seen_at}, last changed ${thing.changed_at ?? "never"}`);
}

function seen(scope: NonNullable<Description["scope"]>): string {
  if (scope.seen_at !== null)
    return `${scope.complete ? "read completely" : "not read completely"}, as of ${scope.seen_at}`;
  if (scope.last_complete_at === null) return "never read";
  const reason = scope.reason === null ? "" : ` (${scope.reason})`;
  return `not read by its latest scan${reason}; last read completely at ${scope.last_complete_at}`;
}

function* scoreLines(thing: Description): Generator<string> {
  const { privilege, score } = thing;
  if (privilege !== null) {
    yield "";
    yield safe(`PRIVILEGE  ${"state" in privilege ? privilege.reason : privilegeText(privilege)}`);
  }
  if (score === null) return;
  if ("state" in score) {
    yield `SCORE      ${score.reason}`;
    return;
  }
  yield `SCORE      ${score.score} of 100`;
  for (const part of score.parts) {
    const without = part.score_without === null ? "" : `; without it the score is ${part.score_without}`;
    const note = part.note === null ? "" : ` (${part.note})`;
    yield safe(`  ${String(part.points).padStart(3)}  ${part.label}: ${part.why}${without}${note}`);
  }
}

function privilegeText(privilege: Exclude<NonNullable<Description["privilege"]>, NotKept>): string {
  const certainty = privilege.certainty === "possible" ? " (possibly)" : "";
  return `${privilege.tier}${certainty}${privilege.reason === null ? "" : `: ${privilege.reason}`}`;
}

function* findingLines(thing: Description): Generator<string> {
  if (thing.findings.length === 0) return;
  yield "";
  yield "FINDINGS";
  for (const finding of thing.findings) {
    const verdict = finding.verdict === "unknown" ? ", not decided" : "";
    yield safe(
      `  ${finding.severity}  ${finding.rule} (${finding.state}${verdict}, since ${finding.first_seen_at.slice(0, 10)}, ${finding.fingerprint.slice(0, 12)})`,
    );
    yield safe(`      ${finding.message}`);
    if (finding.resolved_by !== null) yield safe(`      goes away when: ${finding.resolved_by}`);
    if (finding.first_step !== null) yield safe(`      first step: ${finding.first_step}`);
    for (const decision of finding.decisions)
      yield safe(
        `      ${decision.at}  ${decision.event} by ${decision.actor}${decision.reason === null ? "" : `: ${decision.reason}`}`,
      );
  }
}

function* section(title: string, body: readonly string[]): Generator<string> {
  if (body.length === 0) return;
  yield "";
  yield title;
  for (const line of body) yield `  ${line}`;
}

function credentialTable(rows: readonly Document[], width: number | undefined): readonly string[] {
  const columns = ["ID", "KIND", "ENABLED", "CREATED", "EXPIRES", "LAST USED"].map((title, index) => ({
    title,
    flexible: index === 0,
  }));
  const cells = rows.map((row) => [
    shortUrn(String(row["urn"])),
    text(row["kind"]),
    text(row["enabled"]),
    date(row["created_at"]),
    row["expires_at"] === null ? "never" : date(row["expires_at"]),
    row["last_used_at"] === null ? "never seen" : date(row["last_used_at"]),
  ]);
  return tableOf(columns, cells, width);
}

function grantTable(rows: readonly Document[], width: number | undefined): readonly string[] {
  const columns = [
    { title: "PERMISSIONS", flexible: true },
    { title: "KIND" },
    { title: "EFFECT" },
    { title: "VIA", flexible: true },
  ];
  const cells = rows.map((row) => [
    text(row["name"] ?? shortUrn(String(row["permission_set"]))),
    text(row["kind"]),
    text(row["effect"]),
    typeof row["via"] === "string" ? viaText(row["via"], row["via_name"]) : "direct",
  ]);
  return tableOf(columns, cells, width);
}

function viaText(via: string, name: unknown): string {
  if (!via.startsWith("nhi:")) return via;
  return `group ${typeof name === "string" ? name : shortUrn(via)}`;
}

function trustTable(
  rows: readonly Document[],
  width: number | undefined,
  far: "principal" | "identity",
): readonly string[] {
  const columns = [
    { title: "HOW" },
    { title: far === "principal" ? "WHO" : "WHAT", flexible: true },
    { title: "WHOSE" },
    { title: "LIMITS", flexible: true },
  ];
  const cells = rows.map((row) => [
    `${row["effect"] === "deny" ? "deny " : ""}${text(row["mechanism"])}`,
    far === "principal" ? text(row["principal"]) : shortUrn(String(row["identity"])),
    text(row["party_relation"] ?? row["party"]),
    limits(row),
  ]);
  return tableOf(columns, cells, width);
}

function limits(row: Document): string {
  const parts: string[] = [];
  if (Array.isArray(row["subjects"])) parts.push(`subjects ${row["subjects"].join(" ")}`);
  if (Array.isArray(row["audiences"])) parts.push(`audiences ${row["audiences"].join(" ")}`);
  if (row["external_id"] === true) parts.push("external id");
  if (row["pinned"] === true) parts.push("pinned");
  if (parts.length === 0 && typeof row["conditions"] === "object" && row["conditions"] !== null)
    parts.push("conditions");
  return parts.length === 0 ? NONE : parts.join("; ");
}

function usageTable(thing: Description, width: number | undefined): readonly string[] {
  const columns = [
    { title: "OF" },
    { title: "SOURCE" },
    { title: "LAST USE" },
    { title: "WHERE", flexible: true },
    { title: "LOOKED FROM" },
    { title: "UP TO" },
  ];
  const cells = thing.usage.map((row) => [
    row["subject"] === thing.urn ? "itself" : shortUrn(String(row["subject"])),
    text(row["source"]),
    row["last_used_at"] === null ? "none seen" : text(row["last_used_at"]),
    text(row["place"]),
    row["observed_from"] === null ? "creation" : text(row["observed_from"]),
    text(row["observed_through"]),
  ]);
  return tableOf(columns, cells, width);
}

function ownerTable(rows: readonly Document[], width: number | undefined): readonly string[] {
  const columns = [
    { title: "OWNER", flexible: true },
    { title: "KIND" },
    { title: "SOURCE" },
    { title: "CONFIDENCE", right: true },
  ];
  return tableOf(
    columns,
    rows.map((row) => ["owner", "owner_kind", "source", "confidence"].map((name) => text(row[name]))),
    width,
  );
}

function factTable(facts: readonly FactDescription[], width: number | undefined): readonly string[] {
  const columns = [
    { title: "FACT" },
    { title: "VALUE", flexible: true },
    { title: "SOURCE" },
    { title: "AS OF" },
    { title: "NOTE", flexible: true },
  ];
  const cells = facts.map((fact) => [
    fact.fact,
    fact.state === "unknown" ? UNKNOWN : fact.state === "absent" ? NONE : text(fact.value),
    fact.source ?? NONE,
    fact.as_of ?? NONE,
    fact.reason ?? fact.note ?? "",
  ]);
  return tableOf(columns, cells, width);
}

/** One line for the terminal. A name may be a megabyte; JSON has all of it. */
function safe(line: string): string {
  return terminalCut(line, LONGEST);
}

function tableOf(
  columns: Parameters<typeof table>[0],
  cells: readonly (readonly string[])[],
  width: number | undefined,
): readonly string[] {
  return cells.length === 0 ? [] : table(columns, cells, width === undefined ? undefined : width - 2);
}

function text(value: unknown): string {
  if (value === null || value === undefined) return NONE;
  if (typeof value === "string") return value;
  if (typeof value !== "object") return JSON.stringify(value);
  if ((value as Document)["state"] === "unknown") return UNKNOWN;
  return JSON.stringify(value);
}

function date(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 10) : text(value);
}
