import { describe, expect, test } from "vitest";
import { viewCatalogue } from "../../src/inventory/schema/schema.ts";
import { EXAMPLES, RULES, RULE_VIEWS, checkRule } from "../../src/rules/index.ts";
import { sqlTokens, viewsRead } from "../../src/rules/sql.ts";
import { defineExamples, defineRule } from "../../src/sdk/index.ts";
import type { Rule } from "../../src/sdk/index.ts";

test("the built-in rules, by the ids under which they are published", () => {
  expect(RULES.map(({ id }) => id)).toEqual([
    "unused-identity",
    "unused-credential",
    "never-used-credential",
    "disabled-but-granted",
    "long-lived-static-credential",
    "two-active-keys",
    "service-user-console-without-mfa",
    "administrator",
    "wildcard-trust",
    "cross-account-trust-without-external-id",
    "oidc-trust-unbounded",
    "deleted-principal-residue",
    "shared-public-key",
    "expired-certificate-enabled",
    "crosses-production-boundary",
    "no-owner",
    "root-access-key",
  ]);
  expect(EXAMPLES.map(({ rule }) => rule)).toEqual(RULES);
});

test.each(RULES.map((rule) => [rule.id, rule] as const))("%s is sound", (_id, rule) => {
  const examples = EXAMPLES.find((candidate) => candidate.rule === rule);
  expect(checkRule(rule, examples, { remediationFor: ["aws"] })).toEqual([]);
});

test("the views that rules may read are documented", () => {
  const documented = viewCatalogue().map(({ name }) => name);
  expect(RULE_VIEWS.filter((view) => !documented.includes(view))).toEqual([]);
});

const sound = defineRule({
  id: "old-key",
  title: "A key is old",
  owasp: ["NHI7:2025"],
  severity: "low",
  maturity: "preview",
  rationale: "Because.",
  params: { maxAge: { default: 90, unit: "days", min: 1, max: 365, doc: "Days" } },
  subject: "credential",
  population: "kind = 'access-key' and secrecy = 'static-secret'",
  needs: ["credential.createdAt"],
  settled: "enabled = 0",
  query: "select urn as subject, created_at from credential where created_at < @now - @maxAge",
  explain: () => "It is old.",
  remediation: [{ for: "any", steps: ["Make another.", "Delete this one."], docs: "https://example.com/keys" }],
  resolvedBy: "It is replaced.",
  references: ["https://example.com/why"],
});
const KEY = {
  type: "credential",
  urn: "nhi:x/y/k/1",
  kind: "access-key",
  identity: "nhi:x/y/u/1",
  secrecy: "static-secret",
} as const;
const three = (rule: Rule) =>
  defineExamples(
    rule,
    (["fail", "pass", "unknown"] as const).map((verdict) => ({
      name: verdict,
      records: [KEY],
      expect: { [KEY.urn]: verdict },
    })),
  );

describe("checkRule finds what is wrong", () => {
  test("and nothing where nothing is", () => {
    expect(checkRule(sound, three(sound), { remediationFor: ["aws", "gcp"] })).toEqual([]);
  });

  test.each<[string, Partial<Rule>, string, string]>([
    ["an id with capitals", { id: "OldKey" }, "id", "is not lower-case words joined by hyphens"],
    ["no rationale", { rationale: " " }, "rationale", "is empty"],
    [
      "a risk that is not in the list",
      { owasp: ["NHI11:2025" as never] },
      "owasp",
      "NHI11:2025 is not one of NHI1:2025 to NHI10:2025",
    ],
    ["no risk", { owasp: [] }, "owasp", "names no risk of the OWASP NHI Top 10"],
    [
      "an invented severity",
      { severity: "urgent" as never },
      "severity",
      "urgent is not one of info, low, medium, high, critical",
    ],
    [
      "a reference that is no page",
      { references: ["see the wiki"] },
      "references",
      "see the wiki is not an https page",
    ],
    [
      "a default out of range",
      { params: { maxAge: { ...sound.params["maxAge"]!, default: 400 } } },
      "params.maxAge",
      "the default 400 is not between 1 and 365",
    ],
    [
      "a fraction",
      { params: { maxAge: { ...sound.params["maxAge"]!, default: 1.5 } } },
      "params.maxAge",
      "is not a whole number",
    ],
    [
      "a parameter that nothing uses",
      { params: { ...sound.params, most: { ...sound.params["maxAge"]! } } },
      "params.most",
      "is used by no statement and no need",
    ],
    [
      "a parameter that is not there",
      { settled: "created_at > @now - @grace" },
      "settled",
      "@grace is not a parameter",
    ],
    ["no needs", { needs: [] }, "needs", "is empty: a rule that needs nothing to have been seen cannot pass anybody"],
    ["a need that is no fact", { needs: ["credential.colour"] }, "needs", "credential.colour is not a fact"],
    [
      "a window that is no parameter",
      { needs: [{ usage: "credential", window: "ages" }] },
      "needs",
      "the window ages is not a parameter",
    ],
    [
      "a population over a fact",
      { population: "enabled = 1" },
      "population",
      "enabled may be unknown or is not a column of the credential view",
    ],
    [
      "a population over another view's column",
      { population: "nature = 'machine'" },
      "population",
      "nature may be unknown or is not a column of the credential view",
    ],
    [
      "a table",
      { query: "select urn as subject from t_credential where @now > @maxAge" },
      "query",
      "t_credential is not a view that rules read",
    ],
    [
      "the findings",
      { query: "select urn as subject from credential c join finding f on f.subject = c.urn where @now > @maxAge" },
      "query",
      "finding is not a view that rules read",
    ],
    [
      "an old-fashioned list of tables",
      { query: "select c.urn as subject from credential c, sqlite_master m where @now > @maxAge" },
      "query",
      "sqlite_master is not a view that rules read",
    ],
    [
      "a function of one database",
      { query: "select urn as subject from credential where instr(name, 'x') > @now - @maxAge" },
      "query",
      "instr is not in the SQL that SQLite and PostgreSQL share",
    ],
    [
      "two statements",
      { query: "select urn as subject from credential where @now > @maxAge; select 1 as one" },
      "query",
      "is more than one statement",
    ],
    [
      "a quoted name",
      { query: 'select urn as subject from credential where kind = "access-key" and @now > @maxAge' },
      "query",
      '"access-key" is a quoted name: SQLite reads it as a text where no such column exists',
    ],
    ["no subject", { query: "select urn from credential where @now > @maxAge" }, "query", "has no column `subject`"],
    [
      "something else than a select",
      { query: "delete from credential where urn as subject = @now - @maxAge" },
      "query",
      "is not a select",
    ],
    ["a doubt without a reason", { doubt: "select urn as subject from credential" }, "doubt", "has no column `reason`"],
    [
      "a single step",
      { remediation: [{ for: "any", steps: ["Delete it."], docs: "https://example.com" }] },
      "remediation",
      "for any has fewer than two steps",
    ],
    [
      "nothing for a provider",
      { remediation: [{ ...sound.remediation[0]!, for: "gcp" }] },
      "remediation",
      "has nothing for aws",
    ],
  ])("%s", (_name, change, where, problem) => {
    const rule = defineRule({ ...sound, ...change });
    expect(checkRule(rule, three(rule), { remediationFor: ["aws"] })).toEqual([{ rule: rule.id, where, problem }]);
  });

  test("missing, foreign and one-sided examples", () => {
    expect(checkRule(sound, undefined)).toEqual([{ rule: "old-key", where: "examples", problem: "are missing" }]);
    expect(checkRule(sound, three(defineRule({ ...sound })))).toEqual([
      { rule: "old-key", where: "examples", problem: "are those of another rule" },
    ]);
    expect(
      checkRule(
        sound,
        defineExamples(sound, [
          { name: "a", records: [KEY], expect: { "nhi:x/y/k/2": "fail" } },
          {
            name: "a",
            records: [KEY],
            hidden: [{ facts: ["colour"], reason: "denied" }],
            expect: { [KEY.urn]: "pass" },
          },
        ]),
      ),
    ).toEqual([
      { rule: "old-key", where: "examples", problem: "none expects unknown" },
      {
        rule: "old-key",
        where: "examples: a",
        problem: "nhi:x/y/k/2 is expected but is no credential among the records",
      },
      { rule: "old-key", where: "examples: a", problem: "the name is used twice" },
      { rule: "old-key", where: "examples: a", problem: "colour is hidden but is not a fact" },
    ]);
  });
});

test("texts and comments are not names", () => {
  expect(sqlTokens("select 'from t_x' -- from t_y\n/* join t_z */ from a").map(({ text }) => text)).toEqual([
    "select",
    "'from t_x'",
    "from",
    "a",
  ]);
  expect([
    ...viewsRead(
      "with recent as (select 1 from usage) select * from recent r join owner o on o.subject = r.x where exists (select 1 from trust)",
    ),
  ]).toEqual(["usage", "owner", "trust"]);
});
