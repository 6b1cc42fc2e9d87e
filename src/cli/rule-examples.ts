import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Inventory } from "../inventory/contract.ts";
import { EXAMPLE_NOW, FACTS, NAMED_TYPES, parseUrn, urn } from "../sdk/index.ts";
import type {
  NhiRecord,
  RecordType,
  Rule,
  RuleExample,
  RuleExamples,
  RuleSubject,
  Urn,
  UsageObservation,
} from "../sdk/index.ts";

type ExampleRecord = NhiRecord | UsageObservation;
type Verdict = "fail" | "pass" | "unknown";

const VIEW: Readonly<Record<RuleSubject, string>> = {
  identity: "identity",
  credential: "credential",
  trust: "trust",
  grant: "access_grant",
  anchor: "anchor",
  "permission-set": "permission_set",
};

/**
 * Runs a rule's examples, each on a real inventory of its own, by the same judgement as a scan.
 *
 * @returns a sentence for every example that came out differently; none where all are as expected.
 */
export async function runExamples(rule: Rule, examples: RuleExamples): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-examples-"));
  try {
    const problems: string[] = [];
    for (const [index, example] of examples.examples.entries()) {
      const found = await judge(rule, example, join(folder, `${index}.db`));
      problems.push(...compare(example, found).map((difference) => `example "${example.name}": ${difference}`));
    }
    return problems;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function judge(rule: Rule, example: RuleExample, path: string): Promise<ReadonlyMap<Urn, Verdict>> {
  const [{ openInventory }, { evaluateRules }] = await Promise.all([
    import("../inventory/index.ts"),
    import("../engine/judge/evaluate.ts"),
  ]);
  const now = example.now ?? EXAMPLE_NOW;
  const inventory = openInventory({ path, mode: "write", now: () => now });
  try {
    const run = fill(inventory, example, now);
    const params = Object.fromEntries(Object.entries(rule.params).map(([name, param]) => [name, param.default]));
    const { broken } = evaluateRules(inventory, [{ rule, enabled: true, severity: rule.severity, params }], {
      run,
      now,
    });
    const [failure] = broken;
    if (failure !== undefined) throw new Error(failure.error);
    const verdicts = new Map<Urn, Verdict>();
    for (const row of inventory.reader.iterate(
      `select urn from ${VIEW[rule.subject]} where ${rule.population} order by urn`,
    ))
      verdicts.set(String(row["urn"]), "pass");
    for (const row of inventory.reader.iterate("select subject, verdict from finding where rule = @rule", {
      rule: rule.id,
    })) {
      verdicts.set(String(row["subject"]), row["verdict"] === "fail" ? "fail" : "unknown");
    }
    return verdicts;
  } finally {
    inventory.close();
  }
}

function compare(example: RuleExample, found: ReadonlyMap<Urn, Verdict>): readonly string[] {
  const subjects = [...new Set([...Object.keys(example.expect), ...found.keys()])].sort();
  return subjects.flatMap((subject) => {
    const expected = Object.hasOwn(example.expect, subject) ? example.expect[subject] : undefined;
    const actual = found.get(subject);
    if (expected === actual) return [];
    if (actual === undefined) return [`${subject} is expected to ${said(expected)} and is not judged at all`];
    return expected === undefined
      ? [`${subject} is judged (${said(actual)}) and not expected`]
      : [`${subject} is expected to ${said(expected)} and came out as ${said(actual)}`];
  });
}

function said(verdict: Verdict | undefined): string {
  return verdict === "unknown" ? "be unknown" : (verdict ?? "");
}

/** One scan that saw the records, completely but for what the example hides. */
function fill(inventory: Inventory, example: RuleExample, now: number): number {
  const writer = inventory.writer();
  const run = writer.startRun({
    planHash: "example",
    scanners: ["example"],
    startedAt: now,
    version: "example",
    acceptMassChange: false,
    resumeWithin: 0,
  });
  const scopes = groupByScope(example.records);
  const hidden = example.hidden ?? [];
  const hiddenFacts = new Set(hidden.flatMap(({ facts }) => facts));
  const counters = {
    asOf: now,
    startedAt: now,
    finishedAt: now,
    pages: 1,
    items: 0,
    requests: 1,
    retries: 0,
    throttled: 0,
    bytes: 0,
  };
  const common = { scanner: "example", startedAt: now, optIn: false, checkpointMaxAge: 0 };
  for (const [scope, records] of scopes) {
    const seen = run.openCollection({
      ...common,
      scope,
      collection: "seen",
      precedence: 0,
      facts: allFacts().filter((fact) => !hiddenFacts.has(fact)),
      authoritative: {},
    });
    seen.commit(records);
    seen.finish({ ...counters, items: records.length, status: "complete", gaps: [] });
    for (const [index, { facts, reason, status }] of hidden.entries()) {
      const collection = run.openCollection({
        ...common,
        scope,
        collection: `hidden-${index}`,
        precedence: index + 1,
        facts,
        authoritative: {},
      });
      collection.finish({ ...counters, status: status ?? "partial", gaps: [{ class: "denied", reason, facts }] });
    }
  }
  run.finishScopes("example", [...scopes.keys()], true);
  run.finish({ status: "finished", exitCode: 0, finishedAt: now });
  return run.run;
}

/**
 * A record belongs to the scope that its namespace names: `aws:111122223333` to the account 111122223333. Examples need
 * not spell their scopes out; one that is nowhere mentioned is made up.
 */
function groupByScope(records: readonly ExampleRecord[]): ReadonlyMap<Urn, readonly ExampleRecord[]> {
  const mentioned = new Map<string, Urn>();
  for (const record of records) {
    const name = record.type === "scope" ? record.urn : record.type === "trust" ? record.partyScope : undefined;
    const parts = typeof name === "string" ? parseUrn(name) : undefined;
    if (parts !== undefined) mentioned.set(parts.nativeId, name as Urn);
  }
  const groups = new Map<Urn, ExampleRecord[]>();
  for (const record of records) {
    const scope =
      record.type === "scope" ? record.urn : scopeOf(record.type === "usage" ? record.subject : record.urn, mentioned);
    const group = groups.get(scope);
    if (group === undefined) groups.set(scope, [record]);
    else group.push(record);
  }
  return groups;
}

function scopeOf(name: Urn, mentioned: ReadonlyMap<string, Urn>): Urn {
  const { provider = "example", namespace = name } = parseUrn(name) ?? {};
  const at = namespace.indexOf(":");
  const id = namespace.slice(at + 1);
  return (
    mentioned.get(id) ??
    urn({ provider, namespace: at < 0 ? namespace : namespace.slice(0, at), kind: "account", nativeId: id })
  );
}

function allFacts(): readonly string[] {
  const types = Object.keys(FACTS) as readonly RecordType[];
  const facts = types.flatMap((type) => [type, ...Object.keys(FACTS[type]).map((fact) => `${type}.${fact}`)]);
  return [...facts, ...NAMED_TYPES.map((type) => `${type}.tags`), "usage"];
}
