import { NOBODYS_NAME } from "./aws-actions.ts";
import type { Sentinel } from "./aws-actions.ts";
import { matchesWildcard } from "./wildcard.ts";

/**
 * How much of an action's resources a pattern covers: `wide` is all of them (the pattern covers a resource that
 * nobody would name on purpose), `narrow` is some, `none` is none that the action works on.
 *
 * A partition, region or account that the pattern spells out does not make it narrow: `arn:aws:iam::111122223333:role/*`
 * is every role that there is where the policy lives.
 */
export type Reach = "wide" | "narrow" | "none";

export function reachOf(pattern: string, sentinel: Sentinel): Reach {
  if (/^\*+$/.test(pattern)) return "wide";
  const own = /\$\{aws:username\}/i.test(pattern);
  // A variable is one value at a time: in place of the account it is one's own, in a name it is not everybody's.
  const text = pattern.replace(/\$\{[^}]*\}/g, "VARIABLE");
  const segments = text.split(":");
  if (segments.length >= 6) {
    const [, partition = "", , region = "", account = ""] = segments;
    if (
      matchesWildcard(
        text,
        arn(sentinel, literal(partition, "aws"), literal(region, "any-region-1"), literal(account, "000000000000")),
      )
    ) {
      return "wide";
    }
  } else if (SHAPES.some(([region, account]) => matchesWildcard(text, arn(sentinel, "aws", region, account)))) {
    return "wide";
  }
  if (!reachesService(segments, sentinel)) return "none";
  if (own && sentinel.ownIsHarmless) return "none";
  return "narrow";
}

/** Global services leave the region out of their ARNs, and S3 the account as well. */
const SHAPES: readonly (readonly [string, string])[] = [
  ["", ""],
  ["", "000000000000"],
  ["any-region-1", "000000000000"],
];

function arn(sentinel: Sentinel, partition: string, region: string, account: string): string {
  return `arn:${partition}:${sentinel.service}:${region}:${account}:${sentinel.witness}`;
}

function literal(segment: string, otherwise: string): string {
  return /[*?]/.test(segment) ? otherwise : segment;
}

function reachesService(segments: readonly string[], sentinel: Sentinel): boolean {
  const service = segments[2];
  if (service === undefined || segments.slice(0, 2).some((segment) => segment.includes("*"))) return true;
  if (!matchesWildcard(service, sentinel.service)) return false;
  const type = /^[^/:*?]+(?=[/:])/.exec(segments.slice(5).join(":"))?.[0];
  const expected = sentinel.witness.split(/[/:]/)[0];
  return type === undefined || expected === NOBODYS_NAME || type === expected;
}
