import type { Tier } from "../model/index.ts";
import type { Masks } from "./masks.ts";

/**
 * What a provider teaches the privilege model: how its permission documents become bits, and which bits make a tier.
 * AWS is the first; a provider without a dialect gets the answer "unknown", never "low".
 */
export interface Dialect {
  /** 32-bit words per plane. */
  readonly words: number;
  /** Strongest tier first. */
  readonly rules: readonly CompiledTierRule[];
  /** Pure and total: a document that makes no sense is a `problem`. */
  compile(document: unknown): CompiledDocument;
  /** What an identity of this kind can do whatever it was granted (AWS's root user), or nothing. */
  inherent(kind: string): { readonly tier: Tier; readonly reason: string } | undefined;
  /** How an action is called in a sentence. */
  actionName(bit: number): string;
}

export interface CompiledTierRule {
  readonly tier: Tier;
  readonly needed: Int32Array;
  readonly bits: readonly number[];
  /** Certain only on resources of any name. */
  readonly wide: boolean;
  /** Not even possible on named resources. */
  readonly neverNarrow: boolean;
  readonly depends: string | undefined;
}

export interface CompiledDocument {
  readonly masks: Masks;
  readonly statements: readonly CompiledStatement[];
  readonly problem: string | undefined;
}

export interface CompiledStatement {
  readonly label: string;
  readonly masks: Masks;
}
