import { describe, expect, it } from "vitest";
import {
  CUSTODIES,
  FACTS,
  GAP_CLASSES,
  isFactName,
  MECHANISMS,
  NAMED_TYPES,
  NATURES,
  PARTIES,
  PRESENCES,
  RECORD_TYPES,
  SECRECIES,
  SEVERITIES,
  TIERS,
} from "../../src/model/index.ts";

const specs = RECORD_TYPES.flatMap((type) => Object.entries(FACTS[type]).map(([fact, spec]) => ({ type, fact, spec })));

/** Columns that every record view has beside its facts; a fact of that name would hide one. */
const OTHER_COLUMNS = new Set([
  "urn",
  "provider",
  "scope",
  "presence",
  "first_seen_at",
  "changed_at",
  "tags",
  "attributes",
  "last_used_at",
  "observed_from",
  "observed_through",
  "usage_known",
  "privilege",
  "privilege_certainty",
  "privilege_reason",
  "score",
]);

describe("the table of facts", () => {
  it("has one entry per record type", () => {
    expect([...RECORD_TYPES].sort()).toEqual([
      "anchor",
      "credential",
      "grant",
      "group",
      "identity",
      "membership",
      "owner",
      "permission-set",
      "scope",
      "trust",
    ]);
  });

  it("names each column once per type, in snake case, and none that a view has anyway", () => {
    for (const type of RECORD_TYPES) {
      const columns = Object.values(FACTS[type]).map((spec) => spec.column);
      expect(new Set(columns).size).toBe(columns.length);
      for (const column of columns) {
        expect(column).toMatch(/^[a-z]+(_[a-z]+)*$/);
        expect(column).not.toMatch(/_known$/);
        expect(OTHER_COLUMNS).not.toContain(column);
      }
    }
  });

  it("calls a column by its fact's name, but for the one that SQL reserves", () => {
    const renamed = specs
      .filter(({ fact, spec }) => spec.column !== fact.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
      .map(({ type, fact, spec }) => `${type}.${fact} → ${spec.column}`);
    expect(renamed).toEqual(["membership.group → group_urn"]);
  });

  it("says what each fact means", () => {
    expect(specs.filter(({ spec }) => spec.doc.length < 10)).toEqual([]);
  });

  it("keeps instants in facts that end in At, and only those", () => {
    expect(specs.filter(({ fact, spec }) => (spec.type === "instant") !== fact.endsWith("At"))).toEqual([]);
  });

  it("has no fact that could hold a secret", () => {
    expect(specs.map(({ fact }) => fact).filter((fact) => /secret$|token|password|private|value/i.test(fact))).toEqual(
      [],
    );
  });

  it("gives every type but the edges a kind, and every edge its ends, which are never unknown", () => {
    const always = Object.fromEntries(
      RECORD_TYPES.map((type) => [
        type,
        Object.entries(FACTS[type])
          .filter(([, spec]) => spec.always === true)
          .map(([fact]) => fact),
      ]),
    );
    expect(always).toEqual({
      scope: ["kind"],
      identity: ["kind"],
      credential: ["kind", "identity", "secrecy"],
      group: ["kind"],
      membership: ["member", "group"],
      "permission-set": ["kind"],
      grant: ["principal", "permissionSet", "effect"],
      trust: ["identity", "mechanism", "effect", "party", "principal"],
      anchor: ["kind"],
      owner: ["subject", "owner", "ownerKind", "source", "confidence"],
    });
    expect([...NAMED_TYPES].sort()).toEqual(["anchor", "credential", "group", "identity", "permission-set", "scope"]);
  });
});

describe("isFactName", () => {
  it("knows every fact, every type, the tags of named types, and usage", () => {
    for (const { type, fact } of specs) expect(isFactName(`${type}.${fact}`)).toBe(true);
    for (const type of RECORD_TYPES) {
      expect(isFactName(type)).toBe(true);
      expect(isFactName(`${type}.tags`)).toBe(NAMED_TYPES.includes(type));
    }
    expect(isFactName("usage")).toBe(true);
  });

  it.each([
    "",
    ".",
    "identity.",
    "identity.colour",
    "identity.name.x",
    "tags",
    "__proto__",
    "identity.__proto__",
    "identity.toString",
    "constructor",
    "usage.last",
  ])("does not know %j", (name) => {
    expect(isFactName(name)).toBe(false);
  });
});

describe("the closed lists", () => {
  it.each(
    Object.entries({ NATURES, CUSTODIES, SECRECIES, MECHANISMS, PARTIES, SEVERITIES, TIERS, PRESENCES, GAP_CLASSES }),
  )("%s has distinct words in lower case", (_name, words: readonly string[]) => {
    expect(new Set(words).size).toBe(words.length);
    for (const word of words) expect(word).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  it("order severities upwards and tiers downwards, with unknown claiming nothing", () => {
    expect(SEVERITIES).toEqual(["info", "low", "medium", "high", "critical"]);
    expect([TIERS[0], TIERS.at(-1)]).toEqual(["admin", "unknown"]);
  });
});
