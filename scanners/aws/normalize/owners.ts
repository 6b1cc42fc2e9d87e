import type { OwnerRecord, Urn } from "rollcall/sdk";
import { entityUrn } from "./urns.ts";
import type { Place } from "./urns.ts";

/** A tag is somebody's word, and often an old one. */
const CONFIDENCE = 60;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** Owners that tags name. `keys` in the order of the configuration; a key's case does not count. */
export function tagOwners(
  place: Place,
  subject: { readonly urn: Urn; readonly nativeId: string; readonly tags: Readonly<Record<string, string>> },
  keys: readonly string[],
): readonly OwnerRecord[] {
  const wanted = new Set(keys.map((key) => key.toLowerCase()));
  return Object.entries(subject.tags).flatMap(([key, value]) => {
    const owner = value.trim();
    if (!wanted.has(key.toLowerCase()) || owner === "") return [];
    return [
      {
        type: "owner",
        urn: entityUrn(place, "owner", `${subject.nativeId}:tag:${key}`),
        subject: subject.urn,
        owner,
        ownerKind: ownerKind(key, owner),
        source: `tag:${key}`,
        confidence: CONFIDENCE,
      } satisfies OwnerRecord,
    ];
  });
}

function ownerKind(key: string, owner: string): OwnerRecord["ownerKind"] {
  if (/team|squad|group|department/i.test(key)) return "team";
  return EMAIL.test(owner) ? "person" : "unknown";
}
