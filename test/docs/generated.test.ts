import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configKeys } from "../../scripts/docs/config-keys.ts";
import { stalePages, writePages } from "../../scripts/docs/files.ts";
import { GENERATED, page } from "../../scripts/docs/page.ts";
import { rulePages } from "../../scripts/docs/rules.ts";
import { permissionsPage, scannerPage } from "../../scripts/docs/scanner.ts";
import { viewsPage } from "../../scripts/docs/views.ts";
import {
  type Authorization,
  defineExamples,
  defineRule,
  defineScanner,
  type Estimate,
  type Scanner,
  urn,
} from "../../src/sdk/index.ts";

const key = urn({ provider: "x", namespace: "x", kind: "key", nativeId: "1" });

const rule = defineRule({
  id: "old-key",
  title: "Key is old",
  owasp: ["NHI7:2025"],
  severity: "medium",
  maturity: "stable",
  rationale: "Old keys | leak.",
  params: { maxAge: { default: 1, unit: "days", min: 1, max: 9, doc: "Days" } },
  subject: "credential",
  population: "secrecy = 'static-secret'",
  needs: ["credential.createdAt", "owner", { usage: "credential", window: "maxAge" }],
  settled: "enabled = 0",
  query: `
    select urn as subject
    from credential`,
  identity: ["kind"],
  explain: () => "It is old.",
  remediation: [{ for: "aws", steps: ["Make a new one.", "Delete the old one."], docs: "https://example.com/keys" }],
  resolvedBy: "The key is gone.",
  references: ["https://example.com/old"],
});

const examples = defineExamples(rule, [
  {
    name: "a key of unknown age",
    records: [{ type: "credential", urn: key, kind: "key", identity: key, secrecy: "static-secret" }],
    hidden: [{ facts: ["credential.createdAt"], reason: "denied" }],
    expect: { [key]: "unknown" },
  },
]);

const scanner = defineScanner({
  id: "x",
  title: "X Cloud",
  collections: [
    {
      id: "keys",
      title: "Keys of every user",
      emits: { facts: ["credential.enabled"], authoritative: { credential: ["key"] } },
      requires: {
        operations: ["x:ListKeys"],
        notReads: { "x:ListKeys": "makes a report" },
        docs: ["https://example.com"],
      },
      blindSpots: ["Keys of\n  tomorrow"],
      cost: (estimate: Estimate) => ({
        min: estimate.count("identity/user") ?? 1,
        max: estimate.count("identity/user") ?? 5_000,
        basis: "users",
      }),
      collect: async function* () {},
    },
    {
      id: "deep",
      title: "Deep things",
      after: ["keys"],
      optIn: { reason: "one call per user" },
      emits: { facts: ["usage"] },
      requires: { operations: ["x:GetDeep"], permissions: ["x:Deep"], docs: [] },
      cost: () => ({ min: 0, max: 0, basis: "none" }),
      collect: async function* () {},
    },
  ],
  requires: { operations: ["x:WhoAmI"], permissions: [], docs: [] },
  policy: (authorizations: readonly Authorization[]) => ({
    mediaType: "application/json",
    text: JSON.stringify(authorizations.flatMap(({ operations }) => operations)),
    howTo: "Attach it.",
  }),
} as unknown as Scanner);

describe("a generated page", () => {
  it("of a rule says what the rule asks, needs and shows", async () => {
    const [index, own] = rulePages([rule], [examples]);
    await expect(index?.text).toMatchFileSnapshot("./golden/rules-index.md");
    await expect(own?.text).toMatchFileSnapshot("./golden/rule.md");
  });

  it("of a scanner says what it reads, costs and cannot see", async () => {
    const keys = configKeys(
      [
        "const schema = z.strictObject({",
        "  /** A profile. */",
        "  profile: z.optional(text),",
        "  nested: z.optional(",
        "    z.strictObject({",
        "      /** Inside. */",
        "      role: text,",
        "    }),",
        "  ),",
        "});",
        "/** Not a key. */",
        "  other: text,",
      ].join("\n"),
      "schema",
    );
    expect(keys).toEqual([
      { path: "profile", doc: "A profile." },
      { path: "nested.role", doc: "Inside." },
    ]);
    await expect(scannerPage(scanner, keys).text).toMatchFileSnapshot("./golden/scanner.md");
  });

  it("of permissions leaves opt-in collections out of the policy and names what they need", () => {
    expect(permissionsPage(scanner).text).toBe(
      [
        GENERATED,
        "# Permissions for X Cloud",
        "Attach it.",
        "`rollcall permissions x` prints this with the choices of your configuration. It is made from the operations that the collections declare, which are the only ones that the door lets through.",
        '```json\n["x:WhoAmI","x:ListKeys"]\n```',
        "Collections that run only if asked for need more:",
        "- `deep`: `x:Deep`\n",
      ].join("\n\n"),
    );
  });

  it("of the views has a section and a row per view", () => {
    const { text } = viewsPage([
      { name: "thing", doc: "Things", columns: [{ name: "a", type: "text", doc: "x | y" }] },
    ]);
    expect(text).toContain("| [thing](#thing) | Things |");
    expect(text).toContain(
      "## thing\n\nThings.\n\n| column | type | what it is |\n| --- | --- | --- |\n| `a` | text | x \\| y |\n",
    );
  });
});

describe("writing and checking", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rollcall-docs-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const pages = [page("rules/a.md", ["# A"]), page("views.md", ["# Views", "", "text"])];

  it("finds what is missing, what differs and what is left over, and leaves other people's pages alone", () => {
    expect(stalePages(folder, pages)).toEqual(["rules/a.md", "views.md"]);
    expect(writePages(folder, pages)).toEqual(["rules/a.md", "views.md"]);
    expect(stalePages(folder, pages)).toEqual([]);
    expect(readFileSync(join(folder, "views.md"), "utf8")).toBe(`${GENERATED}\n\n# Views\n\ntext\n`);

    writeFileSync(join(folder, "rules/a.md"), `${GENERATED}\n\n# A, edited by hand\n`);
    writeFileSync(join(folder, "rules/gone.md"), `${GENERATED}\n\n# Gone\n`);
    mkdirSync(join(folder, "decisions"));
    writeFileSync(join(folder, "decisions/ours.md"), "# Ours\n");
    expect(stalePages(folder, pages)).toEqual(["rules/a.md", "rules/gone.md"]);
    expect(writePages(folder, pages)).toEqual(["rules/a.md", "rules/gone.md"]);
    expect(stalePages(folder, pages)).toEqual([]);
    expect(readFileSync(join(folder, "decisions/ours.md"), "utf8")).toBe("# Ours\n");
  });
});
