import { FACTS, NAMED_TYPES, RECORD_TYPES } from "../../model/index.ts";
import type { FactType, RecordType } from "../../model/index.ts";

/**
 * How each record type lies in the store, derived from the table of facts. A fact's bit in `known` is its place among
 * the facts that can be unknown; `tags` takes the last one. A schema version fixes these places: a migration that adds
 * a fact merges every record of the type again.
 */
export interface Layout {
  readonly type: RecordType;
  /** Stands for the type in the store; never reused. */
  readonly code: number;
  readonly view: string;
  readonly table: string;
  readonly facts: readonly FactColumn[];
  /** Facts with a column of their own; JSON documents are read out of `facts`. */
  readonly stored: readonly FactColumn[];
  readonly named: boolean;
  /** The bit of `tags`; -1 for types without tags. */
  readonly tagsBit: number;
  readonly byFact: ReadonlyMap<string, FactColumn>;
  readonly hasKind: boolean;
  readonly hasName: boolean;
}

export interface FactColumn {
  readonly fact: string;
  readonly column: string;
  readonly type: FactType;
  readonly always: boolean;
  /** -1 for a fact that is always there. */
  readonly bit: number;
  /** What stands before its value in canonical JSON. */
  readonly prefix: string;
  readonly doc: string;
}

const CODES: Readonly<Record<RecordType, number>> = {
  scope: 1,
  identity: 2,
  credential: 3,
  group: 4,
  membership: 5,
  "permission-set": 6,
  grant: 7,
  trust: 8,
  anchor: 9,
  owner: 10,
};

const VIEWS: Readonly<Record<RecordType, string>> = {
  scope: "scope",
  identity: "identity",
  credential: "credential",
  group: "identity_group",
  membership: "membership",
  "permission-set": "permission_set",
  grant: "access_grant",
  trust: "trust",
  anchor: "anchor",
  owner: "owner",
};

function layoutOf(type: RecordType): Layout {
  let bits = 0;
  const facts = Object.entries(FACTS[type]).map(([fact, spec]): FactColumn => {
    const always = spec.always === true;
    return {
      fact,
      column: spec.column,
      type: spec.type,
      always,
      bit: always ? -1 : bits++,
      prefix: `,${JSON.stringify(fact)}:`,
      doc: spec.doc,
    };
  });
  const named = NAMED_TYPES.includes(type);
  return {
    type,
    code: CODES[type],
    view: VIEWS[type],
    table: `t_${VIEWS[type]}`,
    facts,
    stored: facts.filter((column) => column.type !== "json"),
    named,
    tagsBit: named ? bits : -1,
    byFact: new Map(facts.map((column) => [column.fact, column])),
    hasKind: facts.some(({ column }) => column === "kind"),
    hasName: facts.some(({ column }) => column === "name"),
  };
}

export const LAYOUTS: readonly Layout[] = RECORD_TYPES.map(layoutOf).sort((left, right) => left.code - right.code);

const BY_TYPE = new Map(LAYOUTS.map((layout) => [layout.type, layout]));
const BY_CODE = new Map(LAYOUTS.map((layout) => [layout.code, layout]));

export function layoutFor(type: RecordType): Layout {
  const layout = BY_TYPE.get(type);
  if (layout === undefined) throw new TypeError(`${type} is not a type of record`);
  return layout;
}

export function layoutOfCode(code: number): Layout {
  const layout = BY_CODE.get(code);
  if (layout === undefined) throw new TypeError(`No type of record has the code ${code}`);
  return layout;
}

/** Presence as it is stored, for a contribution and for a record. */
export const PRESENT = 0;
export const MISSING = 1;
export const SUSPECTED = 2;
export const WITHDRAWN = 3;
export const PRESENCE_NAMES = ["present", "missing", "suspected", "withdrawn"] as const;

/** What a change was, as it is stored. */
export const CHANGE_NAMES = ["added", "changed", "missing", "suspected", "withdrawn", "returned"] as const;
export type ChangeName = (typeof CHANGE_NAMES)[number];
