import { FACTS } from "../../model/index.ts";
import type { RecordType } from "../../model/index.ts";

/** Strings, quoted identifiers, parameters, words with an optional qualifier: whatever else there is passes through. */
const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|[@:$][A-Za-z_]\w*|(?:[A-Za-z_]\w*\.)?[A-Za-z_]\w*/g;

/**
 * A condition in which every column whose fact is unknown reads NULL. The views keep the last known value of an
 * unknown fact; a rule must not be settled by what nobody sees any more.
 */
export function knownOnly(condition: string, subjectType: RecordType): string {
  const columns = new Set(
    Object.values(FACTS[subjectType])
      .filter((fact) => fact.always !== true)
      .map((fact) => fact.column),
  );
  return condition.replace(TOKEN, (token) =>
    columns.has(token) ? `(case when ${token}_known = 1 then ${token} end)` : token,
  );
}
