import type { GapDetail, Instant, Urn } from "../../model/index.ts";
import { isUnknown } from "../../model/index.ts";
import type { FactProvenance } from "../contract.ts";
import { provenanceOf, speaking } from "../record/merge.ts";
import type { Facts } from "../record/encode.ts";
import { LAYOUTS } from "../schema/layout.ts";
import type { Layout } from "../schema/layout.ts";
import type { Statements } from "../statements.ts";
import { bySourceOrder } from "../write/sources.ts";

interface Told {
  readonly source: {
    readonly id: number;
    readonly scanner: string;
    readonly scope: string;
    readonly collection: string;
    readonly precedence: number;
  };
  readonly stale: boolean;
  readonly facts: Facts;
}

interface RecordRow {
  readonly id: number;
  readonly source: number | null;
  readonly presence: number;
  readonly stale: number;
  readonly facts: string;
}

/** Where each fact of a record comes from. Empty for a URN that the inventory never saw. */
export function provenance(statements: Statements, urn: Urn): readonly FactProvenance[] {
  for (const layout of LAYOUTS) {
    const row = statements.one<RecordRow>(
      `select id, source, presence, stale, facts from ${layout.table} where urn = ?`,
      urn,
    );
    if (row !== undefined) return factsOf(statements, layout, row);
  }
  return [];
}

function factsOf(statements: Statements, layout: Layout, row: RecordRow): readonly FactProvenance[] {
  const told = contributions(statements, layout, row);
  const facts = [
    ...layout.facts.map(({ fact, column }) => ({ fact, column })),
    ...(layout.named ? [{ fact: "tags", column: "tags" }] : []),
  ];
  return facts.map(({ fact, column }) => {
    const winner = provenanceOf(fact, told);
    const from = winner === undefined ? undefined : told[winner.index];
    if (winner === undefined || from === undefined) {
      return {
        fact,
        column,
        value: null,
        state: "unknown",
        source: undefined,
        asOf: undefined,
        asOfNote: undefined,
        reason: "no collection told",
      };
    }
    const value = isUnknown(winner.value) ? null : winner.value;
    const always = layout.byFact.get(fact)?.always === true;
    const state = winner.known || always ? (value === null ? "absent" : "known") : "unknown";
    const seen = lastLook(statements, layout, row.id, from);
    return {
      fact,
      column,
      value,
      state,
      source: `${from.source.scanner}/${from.source.collection}`,
      asOf: seen?.as_of,
      asOfNote: seen?.as_of_note ?? undefined,
      reason: state === "unknown" ? reasonOf(statements, winner.value, from) : undefined,
    };
  });
}

function contributions(statements: Statements, layout: Layout, row: RecordRow): readonly Told[] {
  const stored =
    row.source === null
      ? speaking(
          statements.all<{ source: number; presence: number; stale: number; facts: string }>(
            "select source, presence, stale, facts from t_contribution where type = ? and id = ?",
            layout.code,
            row.id,
          ),
          row.presence,
        )
      : [{ source: row.source, stale: row.stale, facts: row.facts }];
  return stored
    .flatMap(({ source: id, stale, facts }): Told[] => {
      const source = statements.one<Told["source"]>(
        "select id, scanner, scope, collection, precedence from t_source where id = ?",
        id,
      );
      return source === undefined ? [] : [{ source, stale: stale === 1, facts: JSON.parse(facts) as Facts }];
    })
    .sort((left, right) => bySourceOrder(left.source, right.source));
}

/** The look that last saw the record: the latest, or the last one before the source lost sight of it. */
function lastLook(
  statements: Statements,
  layout: Layout,
  id: number,
  { source, stale }: Told,
): { readonly as_of: Instant; readonly as_of_note: string | null } | undefined {
  const before = stale
    ? (statements.one<{ run: number | null }>(
        "select max(since_run) as run from t_stale where type = ? and id = ? and source = ? and until_run is null",
        layout.code,
        id,
        source.id,
      )?.run ?? null)
    : null;
  return statements.one(
    `select as_of, as_of_note from t_coverage where source = ? ${before === null ? "" : `and run < ${before}`} order by run desc limit 1`,
    source.id,
  );
}

function reasonOf(statements: Statements, value: unknown, { source }: Told): string {
  if (isUnknown(value)) return value.unknown;
  const row = statements.one<{ gaps: string }>(
    "select gaps from t_coverage where source = ? order by run desc limit 1",
    source.id,
  );
  const [gap] = row === undefined ? [] : (JSON.parse(row.gaps) as GapDetail[]);
  return `${source.scanner}/${source.collection} could not look again${gap === undefined ? "" : `: ${gap.reason}`}`;
}
