/**
 * A fact has three states, and Rollcall never folds two of them together:
 *
 * - a value: somebody saw it;
 * - `null`: somebody looked, and it is established that there is none
 *   (a key that never expires, a role that was never used in the observed window);
 * - {@link Unknown}: nobody could look, or the answer did not say.
 *
 * A fact that a record simply does not mention is unknown as well: nobody contributed it.
 */
export type Known<T> = T | null | Unknown;

export interface Unknown {
  /** Why we do not know, as a sentence fragment a person can act on: `"iam:GetCredentialReport was denied"`. */
  readonly unknown: string;
}

export function unknown(reason: string): Unknown {
  return { unknown: reason };
}

export function isUnknown(fact: unknown): fact is Unknown {
  return typeof fact === "object" && fact !== null && typeof (fact as { unknown?: unknown }).unknown === "string";
}

/** The value if there is one; `undefined` when the fact is absent, unknown or unmentioned. */
export function valueOf<T>(fact: Known<T> | undefined): T | undefined {
  return fact === null || fact === undefined || isUnknown(fact) ? undefined : fact;
}
