import { formatInstant } from "../../model/index.ts";
import type { Judgement, Row } from "../contract.ts";
import { layoutFor } from "../schema/layout.ts";
import type { Layout } from "../schema/layout.ts";
import { VIEWS } from "../schema/schema.ts";
import { readText } from "../text.ts";
import { evidenceMaker } from "./fingerprint.ts";
import type { Evidence } from "./fingerprint.ts";
import type { FindingContext } from "./findings.ts";

/** One subject as a rule's statement names it, with where it belongs. */
interface Named {
  readonly subject: string;
  readonly j_identity: string | null;
  readonly j_provider: string;
  readonly j_scope: string;
}

export type SubjectRow = Row & Named;

/** The rows of a statement with where their subjects belong, and how each becomes evidence. */
export function* answers(
  { reading }: FindingContext,
  judgement: Judgement,
  sql: string,
): Generator<{ readonly row: SubjectRow; readonly evidence: Evidence }> {
  const layout = layoutFor(judgement.subjectType);
  const statement = reading().prepare<
    [Judgement["params"]],
    SubjectRow
  >(`select j.*, ${identityColumn(layout)} as j_identity, r.provider as j_provider, r.scope as j_scope
    from (${sql}) j cross join ${layout.table} r on r.urn = j.subject`);
  const columns = statement.columns().map(({ name }) => name);
  const evidence = evidenceMaker(
    columns.filter((column) => !BESIDE_EVIDENCE.has(column)),
    isInstant,
    formatInstant,
  );
  for (const row of statement.iterate(judgement.params)) yield { row: decoded(row), evidence };
}

const BESIDE_EVIDENCE: ReadonlySet<string> = new Set(["subject", "now", "j_identity", "j_provider", "j_scope"]);

function decoded(row: SubjectRow): SubjectRow {
  let changed: Record<string, Row[string]> | undefined;
  for (const column in row) {
    const value = row[column];
    if (typeof value === "string" && value.includes("\uFDD0")) {
      changed ??= { ...row };
      changed[column] = readText(value);
    }
  }
  return changed === undefined ? row : (changed as SubjectRow);
}

/** The identity that a subject concerns. */
function identityColumn({ type }: Layout): string {
  switch (type) {
    case "identity":
      return "r.urn";
    case "credential":
    case "trust":
      return "r.f_identity";
    case "grant":
      return "(select i.urn from t_identity i where i.urn = r.f_principal)";
    case "membership":
      return "(select i.urn from t_identity i where i.urn = r.f_member)";
    case "owner":
      return "(select i.urn from t_identity i where i.urn = r.f_subject)";
    case "scope":
    case "group":
    case "permission-set":
    case "anchor":
      return "cast(null as text)";
  }
}

const INSTANTS: ReadonlySet<string> = new Set(
  VIEWS.flatMap(({ columns }) => columns.filter(({ type }) => type === "instant").map(({ name }) => name)),
);

function isInstant(column: string): boolean {
  return INSTANTS.has(column) || column.endsWith("_at");
}
