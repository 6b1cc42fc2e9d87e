import * as fc from "fast-check";
import { expect, test } from "vitest";
import { scoreOf, scoreWithout } from "../../src/graph/index.ts";
import type { ScoreInput } from "../../src/graph/index.ts";
import { SEVERITIES, TIERS } from "../../src/model/index.ts";

const finding = fc.record({
  fingerprint: fc.stringMatching(/^[0-9a-f]{8}$/),
  rule: fc.constantFrom("administrator", "no-owner", "unused-identity"),
  severity: fc.constantFrom(...SEVERITIES),
  verdict: fc.constantFrom("fail" as const, "unknown" as const),
});
const input: fc.Arbitrary<ScoreInput> = fc.record({
  identity: fc.record({
    enabled: fc.constantFrom(true, false, null),
    environment: fc.constantFrom("production", "staging", null),
  }),
  findings: fc.uniqueArray(finding, { maxLength: 8, selector: ({ fingerprint }) => fingerprint }),
  privilege: fc.record({
    tier: fc.constantFrom(...TIERS),
    certainty: fc.constantFrom("certain" as const, "possible" as const),
  }),
  exposure: fc.record({ staticCredentials: fc.nat(30), openTrusts: fc.nat(3), outsideTrusts: fc.nat(3) }),
});

test("the score is 0 to 100, whole, and exactly the sum of its parts", () => {
  fc.assert(
    fc.property(input, (one) => {
      const { score, parts } = scoreOf(one);
      expect(Number.isInteger(score) && score >= 0 && score <= 100).toBe(true);
      expect(parts.reduce((sum, part) => sum + part.points, 0)).toBe(score);
      expect(parts.every((part) => part.points > 0 && part.why !== "")).toBe(true);
    }),
  );
});

test("a further finding, a graver one, a stronger tier and more exposure never lower it", () => {
  fc.assert(
    fc.property(input, finding, fc.nat(), (one, extra, pick) => {
      const before = scoreOf(one).score;
      const worse: ScoreInput[] = [{ ...one, findings: [...one.findings, extra] }];
      const at = one.findings.length === 0 ? -1 : pick % one.findings.length;
      worse.push({
        ...one,
        findings: one.findings.map((item, index) => (index === at ? { ...item, severity: "critical" as const } : item)),
      });
      const tier = TIERS.indexOf(one.privilege.tier);
      for (const stronger of TIERS.slice(0, tier)) {
        for (const certainty of ["certain", "possible"] as const)
          worse.push({ ...one, privilege: { tier: stronger, certainty } });
      }
      worse.push({ ...one, privilege: { ...one.privilege, certainty: "certain" } });
      const { staticCredentials = 0, openTrusts = 0, outsideTrusts = 0 } = one.exposure;
      worse.push({
        ...one,
        exposure: {
          staticCredentials: staticCredentials + 1,
          openTrusts: openTrusts + 1,
          outsideTrusts: outsideTrusts + 1,
        },
      });
      for (const other of worse) expect(scoreOf(other).score).toBeGreaterThanOrEqual(before);
    }),
    { numRuns: 300 },
  );
});

test("the order of the findings does not show", () => {
  fc.assert(
    fc.property(input, (one) => {
      expect(scoreOf({ ...one, findings: one.findings.toReversed() })).toEqual(scoreOf(one));
    }),
  );
});

test("without a finding is a real re-score, not a subtraction", () => {
  const findings = ["a", "b", "c"].map((fingerprint) => ({
    fingerprint,
    rule: "administrator",
    severity: "critical" as const,
  }));
  const one: ScoreInput = { identity: {}, findings, privilege: { tier: "low", certainty: "certain" }, exposure: {} };
  expect([
    scoreOf(one).score,
    scoreWithout(one, "a").score,
    scoreWithout({ ...one, findings: findings.slice(1) }, "b").score,
  ]).toEqual([40, 40, 20]);
});

test("every point is attributed", () => {
  expect(
    scoreOf({
      identity: { enabled: true, environment: "production" },
      findings: [
        { fingerprint: "f1", rule: "no-owner", severity: "low" },
        { fingerprint: "f2", rule: "administrator", severity: "critical" },
        { fingerprint: "f3", rule: "unused-identity", severity: "medium", verdict: "unknown" },
      ],
      privilege: { tier: "admin", certainty: "certain" },
      exposure: { openTrusts: 1, outsideTrusts: 2, staticCredentials: 3 },
    }),
  ).toEqual({
    score: 82,
    parts: [
      { label: "privilege", points: 40, why: "privilege tier admin" },
      { label: "administrator", points: 20, why: "open finding, critical", fingerprint: "f2" },
      { label: "no-owner", points: 2, why: "open finding, low", fingerprint: "f1" },
      { label: "open to anyone", points: 10, why: "1 way in" },
      { label: "reachable from outside", points: 6, why: "2 ways in" },
      { label: "static credentials", points: 4, why: "3 enabled static credentials (of 6 points, cut at 20 in all)" },
    ],
  });
});

test("a disabled identity is not exposed", () => {
  const exposure = { openTrusts: 1, staticCredentials: 1 };
  expect(
    scoreOf({
      identity: { enabled: false, environment: "production" },
      findings: [],
      privilege: { tier: "low", certainty: "certain" },
      exposure,
    }),
  ).toEqual({ score: 0, parts: [] });
});
