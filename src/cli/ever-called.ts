import type { Reader } from "../inventory/contract.ts";
import { parseUrn } from "../sdk/index.ts";

/** Everything, dead or alive, that has or had the word as its URN, name or alias. Identities first. */
export function everCalled(reader: Reader, word: string): readonly string[] {
  const rows = reader.select(
    `select urn, min(case type when 'identity' then 0 when 'credential' then 1 else 2 end) as rank from (
       select urn, type from record_history where urn = @word or name = @word
       union all
       select h.urn, h.type from alias a join record_history h on h.urn = a.subject where a.alias = @word
     ) as found group by urn order by rank, urn limit 25`,
    { word },
  );
  const urns = rows.map((row) => String(row["urn"]));
  if (urns.length > 0) return urns;
  // An ARN or id of something withdrawn: its live aliases are gone, and its native id is in its URN.
  const tail = word.split(/[:/]/).at(-1) ?? word;
  const like = `%/${tail.replace(/[\\%_]/g, "\\$&")}`;
  const byId = reader.select(
    "select distinct urn from record_history where urn like @like escape '\\' order by urn limit 25",
    { like },
  );
  return byId.map((row) => String(row["urn"])).filter((urn) => parseUrn(urn)?.nativeId === tail);
}
