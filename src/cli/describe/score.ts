import type { Reader } from "../../inventory/contract.ts";
import type { Urn } from "../../sdk/index.ts";

export interface ScoreDescription {
  readonly score: number;
  readonly parts: readonly {
    readonly label: string;
    readonly points: number;
    readonly why: string;
    readonly fingerprint: string | null;
    /** The score if the finding behind the part were gone: a real re-score. */
    readonly score_without: number | null;
    /** What `score_without` does not mean. */
    readonly note: string | null;
  }[];
}

/** The rule whose finding says the same as the tier: the finding can be set aside, the tier is the policy's. */
const ADMINISTRATOR = "administrator";

/** The score with every point attributed; `null` for what was never judged. */
export async function describeScore(reader: Reader, urn: Urn): Promise<ScoreDescription | null> {
  const [{ scoreInput }, { scoreOf, scoreWithout }] = await Promise.all([
    import("../../engine/judge/score.ts"),
    import("../../graph/index.ts"),
  ]);
  const input = scoreInput(reader, urn);
  if (input === undefined) return null;
  const { score, parts } = scoreOf(input);
  const tier = parts.find((part) => part.label === "privilege");
  return {
    score,
    parts: parts.map(({ label, points, why, fingerprint }) => ({
      label,
      points,
      why,
      fingerprint: fingerprint ?? null,
      score_without: fingerprint === undefined ? null : scoreWithout(input, fingerprint).score,
      note:
        label === ADMINISTRATOR && tier !== undefined
          ? `the ${tier.points} points of its tier stay until the policy goes`
          : null,
    })),
  };
}
