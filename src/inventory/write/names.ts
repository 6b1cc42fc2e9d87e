import { isUnknown } from "../../model/index.ts";
import { canonicalJson } from "../canonical.ts";
import type { Encoded, Facts } from "../record/encode.ts";
import type { Layout } from "../schema/layout.ts";
import { storeText } from "../text.ts";
import type { StoredRecord } from "./record-store.ts";
import type { RunState } from "./run-state.ts";

/** Enters the names of a record under which it is searched. */
export function writeNames({ statements }: RunState, layout: Layout, id: number, { aliases, tags }: Encoded): void {
  for (const alias of aliases)
    statements.run(
      "insert or ignore into t_alias (type, id, alias) values (?, ?, ?)",
      layout.code,
      id,
      storeText(alias),
    );
  for (const [key, value] of tags) {
    statements.run(
      "insert or replace into t_tag (type, id, key, value) values (?, ?, ?, ?)",
      layout.code,
      id,
      storeText(key),
      storeText(value),
    );
  }
}

/** The same for a record that had others before. */
export function rewriteNames(run: RunState, layout: Layout, row: StoredRecord, encoded: Encoded): void {
  if (!layout.named) return;
  const old = JSON.parse(row.facts) as Facts;
  const oldTags = old["tags"] ?? null;
  const sameAliases = canonicalJson(old["aliases"] ?? []) === canonicalJson(encoded.aliases);
  const sameTags =
    canonicalJson(isUnknown(oldTags) || oldTags === null ? [] : Object.entries(oldTags).sort(byKey)) ===
    canonicalJson(encoded.tags);
  if (!sameAliases) run.statements.run("delete from t_alias where type = ? and id = ?", layout.code, row.id);
  if (!sameTags) run.statements.run("delete from t_tag where type = ? and id = ?", layout.code, row.id);
  writeNames(run, layout, row.id, {
    ...encoded,
    aliases: sameAliases ? [] : encoded.aliases,
    tags: sameTags ? [] : encoded.tags,
  });
}

function byKey([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}
