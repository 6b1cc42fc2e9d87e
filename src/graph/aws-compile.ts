import { SENTINELS } from "./aws-actions.ts";
import { parseDocument } from "./aws-document.ts";
import type { Statement } from "./aws-document.ts";
import { reachOf } from "./aws-resources.ts";
import type { Reach } from "./aws-resources.ts";
import type { CompiledDocument, CompiledStatement } from "./dialect.ts";
import { PLANES, addInto, emptyMasks, setBit } from "./masks.ts";
import type { Masks } from "./masks.ts";
import { matchesWildcard } from "./wildcard.ts";

export const WORDS = Math.ceil(SENTINELS.length / 32);

const ACTIONS = SENTINELS.map((sentinel) => sentinel.action.toLowerCase());

/** Compiles one policy document. Pure; never throws on a document that makes no sense, but says so in `problem`. */
export function compileDocument(document: unknown): CompiledDocument {
  const parsed = parseDocument(document);
  const masks = emptyMasks(WORDS);
  const statements = parsed.statements.map((statement): CompiledStatement => {
    const compiled = { label: statement.label, masks: compileStatement(statement) };
    addInto(masks, compiled.masks);
    return compiled;
  });
  return { masks, statements, problem: parsed.problem };
}

function compileStatement(statement: Statement): Masks {
  const masks = emptyMasks(WORDS);
  for (const [bit, action] of ACTIONS.entries()) {
    const named = statement.actions.some((pattern) => matchesWildcard(pattern, action));
    if (named === statement.allActionsBut) continue;
    mark(masks, bit, statement);
  }
  return masks;
}

function mark(masks: Masks, bit: number, statement: Statement): void {
  const sentinel = SENTINELS[bit] as (typeof SENTINELS)[number];
  const reaches = statement.resources.map((pattern) => reachOf(pattern, sentinel));
  const reach: Reach = statement.allResourcesBut
    ? reaches.includes("wide")
      ? "none"
      : "wide"
    : reaches.includes("wide")
      ? "wide"
      : reaches.includes("narrow")
        ? "narrow"
        : "none";
  if (reach === "none") return;
  const set = (plane: (typeof PLANES)[keyof typeof PLANES]): void => setBit(masks, WORDS, plane, bit);
  if (statement.effect === "Deny") {
    if (reach === "narrow") return set(PLANES.deniedSomewhere);
    if (statement.conditional) return set(PLANES.deniedPerhaps);
    const exceptions = statement.allResourcesBut && reaches.includes("narrow");
    return set(exceptions ? PLANES.deniedMostly : PLANES.denied);
  }
  set(PLANES.somePossible);
  if (reach === "wide") set(PLANES.widePossible);
  if (statement.conditional) return;
  set(PLANES.someCertain);
  if (reach === "wide") set(PLANES.wideCertain);
}
