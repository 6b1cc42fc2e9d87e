import type { Urn } from "../model/index.ts";
import type { CompiledTierRule, Dialect } from "./dialect.ts";
import { PLANES } from "./masks.ts";
import type { Masks, Plane } from "./masks.ts";
import type { HeldGrant, PermissionSet } from "./privilege.ts";

/**
 * Why an identity has its tier: the actions, and for each the first policy and statement that allow it at the
 * strength in question. `allows iam:PassRole and ec2:RunInstances (managed-policy "deploy", statement 1, statement 3)`.
 */
export function explainTier(
  rule: CompiledTierRule,
  certain: boolean,
  grants: readonly HeldGrant[],
  sets: ReadonlyMap<Urn, PermissionSet>,
  dialect: Dialect,
): string {
  const plane = certain ? (rule.wide ? PLANES.wideCertain : PLANES.someCertain) : PLANES.somePossible;
  // An administrator allows everything; which policy action that happens to include explains nothing further.
  const bits = rule.tier === "admin" ? rule.bits.slice(0, 1) : rule.bits;
  const places = new Map<string, Set<string>>();
  let wide = true;
  let unconditional = true;
  for (const bit of bits) {
    const place = placeOf(bit, certain ? [plane] : BEST_FIRST, grants, sets, dialect.words);
    if (place === undefined) continue;
    wide &&= place.plane === PLANES.wideCertain || place.plane === PLANES.widePossible;
    unconditional &&= place.plane === PLANES.wideCertain || place.plane === PLANES.someCertain;
    const labels = places.get(place.title) ?? new Set();
    places.set(place.title, labels.add(place.label));
  }
  const where = [...places].map(([title, labels]) => `${title}, ${[...labels].join(", ")}`).join("; ");
  const what = `allows ${listed(bits.map((bit) => dialect.actionName(bit)))}`;
  const on = rule.wide && wide ? " on every resource" : "";
  if (certain) return `${what}${on} (${where})`;
  return `${what}${on} (${where}), ${doubts(rule, wide, unconditional).join(" and ")}`;
}

/** Strongest first, so that the place named is the one that comes closest. */
const BEST_FIRST: readonly Plane[] = [PLANES.wideCertain, PLANES.someCertain, PLANES.widePossible, PLANES.somePossible];

function placeOf(
  bit: number,
  planes: readonly Plane[],
  grants: readonly HeldGrant[],
  sets: ReadonlyMap<Urn, PermissionSet>,
  words: number,
): { readonly title: string; readonly label: string; readonly plane: Plane } | undefined {
  for (const plane of planes) {
    for (const grant of grants) {
      if (grant.effect === "deny") continue;
      const set = sets.get(grant.permissionSet);
      for (const statement of set?.document?.statements ?? []) {
        if (has(statement.masks, words, plane, bit)) {
          return { title: set?.title ?? grant.permissionSet, label: statement.label, plane: weakened(plane, grant) };
        }
      }
    }
  }
  return undefined;
}

function weakened(plane: Plane, grant: HeldGrant): Plane {
  if (grant.conditional !== true) return plane;
  if (plane === PLANES.wideCertain) return PLANES.widePossible;
  return plane === PLANES.someCertain ? PLANES.somePossible : plane;
}

function has(masks: Masks, words: number, plane: Plane, bit: number): boolean {
  return ((masks[plane * words + (bit >> 5)] as number) & (1 << (bit & 31))) !== 0;
}

function doubts(rule: CompiledTierRule, wide: boolean, unconditional: boolean): readonly string[] {
  const found: string[] = [];
  if (!unconditional) found.push("under conditions that are not evaluated");
  if (rule.wide && !wide) found.push("on named resources only");
  if (rule.depends !== undefined) found.push(`where ${rule.depends}`);
  return found.length > 0 ? found : ["unless a denial or the permissions boundary takes it back"];
}

function listed(names: readonly string[]): string {
  if (names.length <= 1) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
