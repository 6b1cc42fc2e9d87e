import { isUnknown } from "../../model/index.ts";
import type { Layout } from "../schema/layout.ts";
import { MISSING, PRESENT, SUSPECTED, WITHDRAWN } from "../schema/layout.ts";
import type { Facts } from "./encode.ts";

/** What one source says of a record, and how things stand between the two. */
export interface Contribution {
  readonly source: number;
  /** Whether this source decides that the record exists. */
  readonly authority: boolean;
  readonly presence: number;
  /** The source could not look again. */
  readonly stale: boolean;
  readonly createdRun: number;
  /** Canonical JSON. */
  readonly facts: string;
}

export interface Merged {
  readonly facts: Facts;
  /** Bits of the facts whose winner is known and not stale. */
  readonly known: number;
}

/**
 * A record out of its contributions, which stand in order of precedence: per fact the first known value of a source that
 * could look, else the first of one that could not look again (the value stays and loses its bit), else the first
 * reason why it is unknown. Aliases add up; of each attribute
 * the first stands. Order of arrival has no say: the same contributions give the same record.
 */
export function merge(
  layout: Layout,
  contributions: readonly { readonly facts: Facts; readonly stale: boolean }[],
): Merged {
  const facts: Record<string, unknown> = {};
  let known = 0;
  for (const { fact, bit } of layout.facts) {
    const winner = winnerOf(fact, contributions);
    if (winner === undefined) continue;
    facts[fact] = winner.value;
    if (bit >= 0 && winner.known) known |= 1 << bit;
  }
  const attributes = mergeAttributes(
    contributions.map((contribution) => contribution.facts["attributes"] as Facts | undefined),
  );
  if (attributes !== undefined) facts["attributes"] = attributes;
  if (!layout.named) return { facts, known };

  const aliases = new Set(
    contributions.flatMap((contribution) => (contribution.facts["aliases"] as readonly string[] | undefined) ?? []),
  );
  if (aliases.size > 0) facts["aliases"] = [...aliases].sort();
  const tags = winnerOf("tags", contributions);
  if (tags !== undefined) {
    facts["tags"] = tags.value;
    if (tags.known) known |= 1 << layout.tagsBit;
  }
  return { facts, known };
}

function winnerOf(
  fact: string,
  contributions: readonly { readonly facts: Facts; readonly stale: boolean }[],
): { readonly value: unknown; readonly known: boolean; readonly index: number } | undefined {
  let stale: ReturnType<typeof winnerOf>;
  let reason: ReturnType<typeof winnerOf>;
  for (const [index, contribution] of contributions.entries()) {
    const value = contribution.facts[fact];
    if (value === undefined) continue;
    if (isUnknown(value)) reason ??= { value, known: false, index };
    else if (contribution.stale) stale ??= { value, known: false, index };
    else return { value, known: true, index };
  }
  return stale ?? reason;
}

/** Which contribution a fact comes from, for people: its place, and whether it is known. */
export function provenanceOf(
  fact: string,
  contributions: readonly { readonly facts: Facts; readonly stale: boolean }[],
): ReturnType<typeof winnerOf> {
  return winnerOf(fact, contributions);
}

function mergeAttributes(all: readonly (Facts | undefined)[]): Facts | undefined {
  // Without a prototype, an attribute called `__proto__` is an attribute.
  const merged: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  let found = false;
  for (const attributes of all) {
    for (const [key, value] of Object.entries(attributes ?? {})) {
      found = true;
      if (!Object.hasOwn(merged, key)) merged[key] = value;
    }
  }
  return found ? merged : undefined;
}

/**
 * Whether a record is there: as far as its authorities say, the most hopeful of them; as far as anybody says where
 * none of its sources is an authority.
 */
export function presenceOf(contributions: readonly Pick<Contribution, "authority" | "presence">[]): number {
  const authorities = contributions.filter(({ authority }) => authority);
  const voices = authorities.length > 0 ? authorities : contributions;
  for (const presence of [PRESENT, MISSING, SUSPECTED]) {
    if (voices.some((voice) => voice.presence === presence)) return presence;
  }
  return WITHDRAWN;
}

/** Who still speaks for a record: those that did not withdraw it; all of them once it is withdrawn. */
export function speaking<One extends Pick<Contribution, "presence">>(
  contributions: readonly One[],
  presence: number,
): readonly One[] {
  return presence === WITHDRAWN
    ? contributions
    : contributions.filter((contribution) => contribution.presence !== WITHDRAWN);
}
