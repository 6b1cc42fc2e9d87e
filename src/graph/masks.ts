/**
 * Sets of sentinel actions as bits, several sets side by side in one array, so that combining two policies is a
 * dozen machine operations whatever their length.
 *
 * What a policy allows is kept at four strengths, each containing the one before it in its direction: *wide* (on
 * resources of any name) or *some* (on at least one resource), *certain* or *possible* (under a condition that nobody
 * evaluates here). What it denies is kept by how much of an allowance it takes back.
 */
export const PLANES = {
  /** Allowed on any resource, unconditionally. */
  wideCertain: 0,
  /** Allowed on any resource, perhaps. Contains `wideCertain`. */
  widePossible: 1,
  /** Allowed on some resource, unconditionally. Contains `wideCertain`. */
  someCertain: 2,
  /** Allowed on some resource, perhaps. Contains all others. */
  somePossible: 3,
  /** Denied everywhere, always. */
  denied: 4,
  /** Denied everywhere but on named exceptions, always. */
  deniedMostly: 5,
  /** Denied under a condition. */
  deniedPerhaps: 6,
  /** Denied on named resources. */
  deniedSomewhere: 7,
} as const;

const PLANE_COUNT = Object.keys(PLANES).length;

export type Plane = (typeof PLANES)[keyof typeof PLANES];

/** The planes of one policy, or of several combined: `words` 32-bit words each. */
export type Masks = Int32Array;

export function emptyMasks(words: number): Masks {
  return new Int32Array(PLANE_COUNT * words);
}

export function setBit(masks: Masks, words: number, plane: Plane, bit: number): void {
  const at = plane * words + (bit >> 5);
  masks[at] = (masks[at] as number) | (1 << (bit & 31));
}

export function addInto(target: Masks, source: Masks): void {
  for (let at = 0; at < target.length; at += 1) target[at] = (target[at] as number) | (source[at] as number);
}

/** Adds a policy whose assignment depends on a condition: what it allows or denies is no more than possible. */
export function addConditionally(target: Masks, source: Masks, words: number): void {
  for (let word = 0; word < words; word += 1) {
    const from = (plane: Plane): number => source[plane * words + word] as number;
    const into = (plane: Plane, bits: number): void => {
      target[plane * words + word] = (target[plane * words + word] as number) | bits;
    };
    into(PLANES.widePossible, from(PLANES.widePossible));
    into(PLANES.somePossible, from(PLANES.somePossible));
    into(PLANES.deniedPerhaps, from(PLANES.denied) | from(PLANES.deniedMostly) | from(PLANES.deniedPerhaps));
    into(PLANES.deniedSomewhere, from(PLANES.deniedSomewhere));
  }
}

/** Adds a policy that is assigned in order to deny: what it would allow is taken back. */
export function addAsDenial(target: Masks, source: Masks, words: number, conditional: boolean): void {
  for (let word = 0; word < words; word += 1) {
    const from = (plane: Plane): number => source[plane * words + word] as number;
    const into = (plane: Plane, bits: number): void => {
      target[plane * words + word] = (target[plane * words + word] as number) | bits;
    };
    into(conditional ? PLANES.deniedPerhaps : PLANES.denied, from(PLANES.wideCertain));
    into(PLANES.deniedPerhaps, from(PLANES.widePossible));
    into(PLANES.deniedSomewhere, from(PLANES.somePossible));
  }
}

/** Takes the denials off the allowances, in place. The denying planes are left as they are. */
export function settle(masks: Masks, words: number): void {
  for (let word = 0; word < words; word += 1) {
    const at = (plane: Plane): number => masks[plane * words + word] as number;
    const denied = at(PLANES.denied);
    const mostly = denied | at(PLANES.deniedMostly);
    const perhaps = mostly | at(PLANES.deniedPerhaps);
    const wideCertain = at(PLANES.wideCertain) & ~perhaps;
    masks[PLANES.wideCertain * words + word] = wideCertain;
    masks[PLANES.widePossible * words + word] = at(PLANES.widePossible) & ~mostly;
    // A denial on named resources may hit exactly the named ones that are allowed; it cannot hit all of a wide grant.
    masks[PLANES.someCertain * words + word] =
      (at(PLANES.someCertain) & ~(perhaps | at(PLANES.deniedSomewhere))) | wideCertain;
    masks[PLANES.somePossible * words + word] = at(PLANES.somePossible) & ~denied;
  }
}

/** Caps settled allowances by a settled boundary, in place. Two named sets of resources may or may not overlap. */
export function intersect(masks: Masks, boundary: Masks, words: number): void {
  for (let word = 0; word < words; word += 1) {
    const mine = (plane: Plane): number => masks[plane * words + word] as number;
    const cap = (plane: Plane): number => boundary[plane * words + word] as number;
    const some =
      (mine(PLANES.wideCertain) & cap(PLANES.someCertain)) | (mine(PLANES.someCertain) & cap(PLANES.wideCertain));
    masks[PLANES.wideCertain * words + word] = mine(PLANES.wideCertain) & cap(PLANES.wideCertain);
    masks[PLANES.widePossible * words + word] = mine(PLANES.widePossible) & cap(PLANES.widePossible);
    masks[PLANES.someCertain * words + word] = some;
    masks[PLANES.somePossible * words + word] = mine(PLANES.somePossible) & cap(PLANES.somePossible);
  }
}

export function hasAll(masks: Masks, words: number, plane: Plane, needed: Int32Array): boolean {
  for (let word = 0; word < words; word += 1) {
    const bits = needed[word] as number;
    if (((masks[plane * words + word] as number) & bits) !== bits) return false;
  }
  return true;
}
