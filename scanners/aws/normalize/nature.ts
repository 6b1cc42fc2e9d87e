import type { Custody, Nature, TrustRecord } from "rollcall/sdk";
import { matchingPattern, matchingTag } from "./patterns.ts";
import type { TagPatterns } from "./patterns.ts";

/** How a configuration tells machines from people by where they stand and what they are called. */
export interface NaturePatterns {
  readonly paths: readonly string[];
  readonly tags: TagPatterns;
  readonly names: readonly string[];
}

export interface NatureRules {
  readonly machine: NaturePatterns;
  readonly human: NaturePatterns;
}

export interface Verdict {
  readonly nature: Nature;
  /** The facts that decided. No dates: a reason that changes each day would make a version each day. */
  readonly natureReason: string;
}

export interface Face {
  readonly name: string;
  readonly path: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** What the configured patterns say: tags first, then the path, then the name. */
export function configuredNature(rules: NatureRules, face: Face): Verdict | undefined {
  const natures = ["machine", "human"] as const;
  for (const nature of natures) {
    const tag = matchingTag(rules[nature].tags, face.tags);
    if (tag !== undefined) return { nature, natureReason: `tag ${tag}` };
  }
  for (const nature of natures) {
    if (matchingPattern(rules[nature].paths, face.path) !== undefined)
      return { nature, natureReason: `path ${face.path}` };
  }
  for (const nature of natures) {
    const pattern = matchingPattern(rules[nature].names, face.name);
    if (pattern !== undefined) return { nature, natureReason: `name like ${pattern}` };
  }
  return undefined;
}

export interface UserCredentials {
  readonly password: boolean;
  /** Access keys, active or not. */
  readonly keys: number;
  readonly certificates: number;
}

/** A user's nature from what it signs in with, where no pattern says it. */
export function userNature(rules: NatureRules, face: Face, credentials: UserCredentials): Verdict {
  const configured = configuredNature(rules, face);
  if (configured !== undefined) return configured;
  const programmatic = credentials.keys + credentials.certificates > 0;
  if (credentials.password && !programmatic)
    return { nature: "human", natureReason: "a console password and no access key" };
  if (!credentials.password && programmatic)
    return { nature: "machine", natureReason: "access keys and no console password" };
  if (credentials.password) return { nature: "unknown", natureReason: "a console password and access keys" };
  return { nature: "unknown", natureReason: "neither a console password nor an access key" };
}

const SERVICE_LINKED = "/aws-service-role/";
const IDENTITY_CENTER = "/aws-reserved/sso.amazonaws.com/";

export type RoleCare = "account" | "service-linked" | "identity-center";

/** Who looks after a role: its path tells (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html). */
export function roleCare(path: string): RoleCare {
  if (path.startsWith(SERVICE_LINKED)) return "service-linked";
  return path.startsWith(IDENTITY_CENTER) ? "identity-center" : "account";
}

/** Only AWS itself can assume a service-linked role; every other role is assumed by whom its trust policy names. */
export function roleCustody(care: RoleCare): Custody {
  return care === "service-linked" ? "platform-held" : "assumed";
}

/** A role's nature from its path and from who may assume it. */
export function roleNature(rules: NatureRules, face: Face, trusts: readonly TrustRecord[]): Verdict {
  switch (roleCare(face.path)) {
    case "service-linked":
      return {
        nature: "machine",
        natureReason: `linked to ${face.path.slice(SERVICE_LINKED.length).replace(/\/.*$/s, "")}, which alone can assume it`,
      };
    case "identity-center":
      return { nature: "human", natureReason: "people assume it through IAM Identity Center" };
    case "account":
    default:
      return configuredNature(rules, face) ?? natureOfWays(trusts.filter((trust) => trust.effect === "allow"));
  }
}

function natureOfWays(ways: readonly TrustRecord[]): Verdict {
  if (ways.length === 0) return { nature: "unknown", natureReason: "its trust policy lets nobody in" };
  if (ways.every(isWorkload)) return { nature: "machine", natureReason: `assumed by ${summary(ways)}` };
  if (ways.every((way) => way.mechanism === "saml-federation"))
    return { nature: "human", natureReason: `people sign in through ${summary(ways)}` };
  return { nature: "unknown", natureReason: `assumed by ${summary(ways)}: who stands behind is not visible here` };
}

function isWorkload(way: TrustRecord): boolean {
  return way.party === "service" || way.mechanism === "oidc-federation" || way.mechanism === "roles-anywhere";
}

function summary(ways: readonly TrustRecord[]): string {
  const names = [...new Set(ways.map((way) => way.principal))].toSorted();
  return names.length <= 3 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
}
