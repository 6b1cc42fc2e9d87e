import type { Severity, Tier } from "../model/index.ts";

/** What is known of the identity itself. `null` and left out both mean: not established, and earns no points. */
interface ScoredIdentity {
  /** `false`: the provider lets it do nothing, so nobody can reach it. */
  readonly enabled?: boolean | null;
  readonly environment?: string | null;
}

export interface ScoredFinding {
  readonly fingerprint: string;
  readonly rule: string;
  readonly severity: Severity;
  /** Only failures weigh; an unknown is not held against anybody. `fail` if left out. */
  readonly verdict?: "fail" | "unknown";
}

interface ScoredPrivilege {
  readonly tier: Tier;
  readonly certainty: "certain" | "possible";
}

/** How somebody could come to act as the identity. */
interface Exposure {
  /** Enabled credentials that are a secret or key somebody holds. */
  readonly staticCredentials?: number;
  /** Ways in for anyone at all. */
  readonly openTrusts?: number;
  /** Ways in from accounts outside the organization that are not known partners. */
  readonly outsideTrusts?: number;
}

export interface ScoreInput {
  readonly identity: ScoredIdentity;
  readonly findings: readonly ScoredFinding[];
  readonly privilege: ScoredPrivilege;
  readonly exposure: Exposure;
}

interface ScorePart {
  readonly label: string;
  readonly points: number;
  readonly why: string;
  /** The finding that gives the points, where one does. */
  readonly fingerprint?: string;
}

export interface Score {
  /** 0 to 100, the sum of the parts. */
  readonly score: number;
  readonly parts: readonly ScorePart[];
}

/** Certain, then possible: every step up in tier is a step up in points, whatever the certainties. */
const PRIVILEGE: Readonly<Record<Tier, readonly [certain: number, possible: number]>> = {
  admin: [40, 35],
  "can-escalate": [31, 26],
  secrets: [23, 19],
  "data-write": [15, 12],
  "data-read": [9, 6],
  low: [0, 0],
  unknown: [0, 0],
};

const FINDING: Readonly<Record<Severity, number>> = { critical: 20, high: 12, medium: 6, low: 2, info: 0 };
const FINDINGS_AT_MOST = 40;
const EXPOSURE_AT_MOST = 20;

/**
 * How urgently an identity wants attention, 0 to 100, whole points, each of them in exactly one part:
 *
 * - **privilege**, at most 40: by tier and certainty (admin 40, possibly admin 35, …, low and unknown 0);
 * - **findings**, at most 40: every open failure gives critical 20, high 12, medium 6, low 2, info 0, gravest first
 *   and then by rule and fingerprint, until the 40 are used up;
 * - **exposure**, at most 20: open to anyone 10, a way in from outside 6, an enabled static credential 4 and each
 *   further one 1, production 4, in this order until the 20 are used up. A disabled identity is not exposed.
 *
 * Pure and monotone: a further finding, a graver one, a stronger tier or more exposure never lowers it.
 */
export function scoreOf(input: ScoreInput): Score {
  const parts = [
    ...privilegeParts(input.privilege),
    ...findingParts(input.findings),
    ...exposureParts(input.identity, input.exposure),
  ];
  return { score: parts.reduce((sum, part) => sum + part.points, 0), parts };
}

/** The score as it would be if the finding were gone: computed anew, not by taking its points off. */
export function scoreWithout(input: ScoreInput, fingerprint: string): Score {
  return scoreOf({ ...input, findings: input.findings.filter((finding) => finding.fingerprint !== fingerprint) });
}

function privilegeParts(privilege: ScoredPrivilege): readonly ScorePart[] {
  const [certain, possible] = PRIVILEGE[privilege.tier];
  const points = privilege.certainty === "certain" ? certain : possible;
  if (points === 0) return [];
  const why = `privilege tier ${privilege.tier}${privilege.certainty === "possible" ? ", possibly" : ""}`;
  return [{ label: "privilege", points, why }];
}

function findingParts(findings: readonly ScoredFinding[]): readonly ScorePart[] {
  const ordered = findings
    .filter((finding) => finding.verdict !== "unknown")
    .sort(
      (one, other) =>
        FINDING[other.severity] - FINDING[one.severity] ||
        compare(one.rule, other.rule) ||
        compare(one.fingerprint, other.fingerprint),
    );
  return upTo(
    FINDINGS_AT_MOST,
    ordered.map((finding) => ({
      label: finding.rule,
      points: FINDING[finding.severity],
      why: `open finding, ${finding.severity}`,
      fingerprint: finding.fingerprint,
    })),
  );
}

function exposureParts(identity: ScoredIdentity, exposure: Exposure): readonly ScorePart[] {
  if (identity.enabled === false) return [];
  const { staticCredentials = 0, openTrusts = 0, outsideTrusts = 0 } = exposure;
  const parts: ScorePart[] = [];
  if (openTrusts > 0)
    parts.push({ label: "open to anyone", points: 10, why: counted(openTrusts, "way in", "ways in") });
  if (outsideTrusts > 0)
    parts.push({ label: "reachable from outside", points: 6, why: counted(outsideTrusts, "way in", "ways in") });
  if (staticCredentials > 0) {
    parts.push({
      label: "static credentials",
      points: 3 + staticCredentials,
      why: counted(staticCredentials, "enabled static credential", "enabled static credentials"),
    });
  }
  if (identity.environment === "production")
    parts.push({ label: "production", points: 4, why: "belongs to production" });
  return upTo(EXPOSURE_AT_MOST, parts);
}

/** Cuts the parts where the points are used up; a part that gets none is left out. */
function upTo(limit: number, parts: readonly ScorePart[]): readonly ScorePart[] {
  let left = limit;
  return parts.flatMap((part) => {
    const points = Math.min(left, part.points);
    left -= points;
    if (points === 0) return [];
    return [
      points === part.points
        ? part
        : { ...part, points, why: `${part.why} (of ${part.points} points, cut at ${limit} in all)` },
    ];
  });
}

function counted(count: number, one: string, many: string): string {
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
