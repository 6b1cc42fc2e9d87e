import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkDatabase } from "../../src/inventory/index.ts";
import type { Mutations } from "../../src/inventory/write/run-state.ts";
import { HOUR } from "../../src/model/index.ts";
import { START } from "./support/estate.ts";
import type { Estate } from "./support/estate.ts";
import { ID_COUNT, Model } from "./support/model.ts";
import type { History, ModelLook, ModelRun } from "./support/model.ts";
import { play, snapshot } from "./support/player.ts";

/** How many histories each property sees; `ROLLCALL_HISTORIES=2000` for a long run. */
const HISTORIES = Number(process.env["ROLLCALL_HISTORIES"] ?? 20);
/** A planted bug must be found within so many. */
const WITHIN = 1_000;

const ids = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 2 ** ID_COUNT - 1 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 2 ** ID_COUNT - 1) },
);

function look(scope: 0 | 1, collection: 0 | 1): fc.Arbitrary<ModelLook | undefined> {
  return fc.option(
    fc.record({
      scope: fc.constant(scope),
      collection: fc.constant(collection),
      status: fc.constantFrom("complete", "complete", "partial"),
      ids,
      variant: fc.integer({ min: 0, max: 3 }),
      usedAt: fc.integer({ min: 0, max: 100 }),
    }),
    { nil: undefined, freq: 4 },
  );
}

/** What is not listed is not scanned either. */
const run: fc.Arbitrary<ModelRun> = fc
  .record({
    looks: fc.tuple(look(0, 0), look(0, 1), look(1, 0), look(1, 1)),
    listed: fc.constantFrom<readonly (0 | 1)[]>([0, 1], [0, 1], [0], [1]),
    listedCompletely: fc.boolean(),
    acceptMassChange: fc.boolean(),
  })
  .map(({ looks, ...rest }) => ({
    ...rest,
    looks: looks.filter((one) => one !== undefined).filter(({ scope }) => rest.listed.includes(scope)),
  }));

const history: fc.Arbitrary<History> = fc.array(run, { minLength: 1, maxLength: 5 });

const seed = fc.integer({ min: 0, max: 1_000_000 });
const crash = fc.record({
  look: fc.integer({ min: 0, max: 3 }),
  batch: fc.integer({ min: 0, max: 3 }),
  checkpointed: fc.boolean(),
});

function shuffled(from: number): <Item>(items: readonly Item[]) => readonly Item[] {
  return (items) => {
    let state = from;
    const next = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648);
    return items
      .map((item) => ({ item, key: next() }))
      .sort((left, right) => left.key - right.key)
      .map(({ item }) => item);
  };
}

type Property = (mutations: Mutations) => fc.IProperty<[History, ...unknown[]]>;

/** Runs, and throws away, an inventory per history. */
function played<Result>(estate: Estate, work: (estate: Estate) => Result): Result {
  try {
    return work(estate);
  } finally {
    estate[Symbol.dispose]();
  }
}

/** I4, I5, I8, I11, I15, I19: after each run the views say what a plain model says. */
const modelled: Property = (mutations) =>
  fc.property(history, (runs) => {
    const model = new Model();
    const findings = new Map<string, string>();
    const afterRun = (estate: Estate, index: number) => {
      const current = runs[index];
      if (current !== undefined) model.apply(current, estate.now);
      const expected = model.identities();
      const live = expected.filter(({ presence }) => presence !== "withdrawn");
      expect(
        estate.select(
          "select urn, scope, presence, path, path_known, enabled, enabled_known from identity order by urn",
        ),
      ).toEqual(live);
      expect(estate.select("select urn from record_history where valid_to is null order by urn")).toEqual(
        expected.map(({ urn }) => ({ urn })),
      );
      expect(estate.select("select subject, last_used_at, observed_through from usage order by subject")).toEqual(
        model.usage(),
      );
      for (const { subject, verdict, state } of estate.select(
        "select subject, verdict, state from finding",
      ) as readonly Readonly<Record<"subject" | "verdict" | "state", string>>[]) {
        const record = live.find(({ urn }) => urn === subject);
        const decided = record === undefined || record.path_known === 1;
        const fails = record?.path_known === 1 && record.path === "/bad/";
        expect({ subject, open: state !== "resolved", verdict: state === "resolved" ? "-" : verdict }).toEqual({
          subject,
          open: fails || !decided,
          verdict: fails ? "fail" : decided ? "-" : "unknown",
        });
        findings.set(subject, state);
      }
      for (const { urn, path, path_known: known } of live)
        if (known === 0 || path === "/bad/") expect(findings.has(urn)).toBe(true);
    };
    played(play(runs, { mutations, afterRun }), (estate) => {
      expect(checkDatabase(estate.path).filter(({ ok }) => !ok)).toEqual([]);
    });
  });

/** I1: looking again at the same world writes nothing but that one has looked. */
const unchanged: Property = (mutations) =>
  fc.property(history, (runs) => {
    const last = runs.at(-1);
    if (last === undefined) return;
    const again = { ...last, looks: last.looks.map((one) => ({ ...one, status: "complete" as const })) };
    const versions: number[] = [];
    const afterRun = (estate: Estate) =>
      versions.push(Number(estate.select("select count(*) as n from record_history")[0]?.["n"]));
    // Two misses after the last change everything has settled.
    const settled = [...runs, again, again, again];
    play(settled, { mutations, afterRun })[Symbol.dispose]();
    expect(versions.at(-1)).toBe(versions.at(-2));
  });

/** I2: the order of collections and records does not show, in the present or in the history. */
const orderless: Property = (mutations) =>
  fc.property(history, seed, (runs, from) => {
    const straight = played(play(runs), ({ inventory }) => snapshot(inventory));
    const mixed = played(play(runs, { mutations, arrange: shuffled(from) }), ({ inventory }) => snapshot(inventory));
    expect(mixed).toEqual(straight);
  });

/** I3: killed after any batch and taken up again is never killed. */
const resumable: Property = (mutations) =>
  fc.property(history, crash, fc.integer({ min: 0, max: 4 }), (runs, where, at) => {
    const whole = played(play(runs), ({ inventory }) => snapshot(inventory));
    const killed = played(
      play(runs, { mutations, crash: (index) => (index === at ? where : undefined) }),
      ({ inventory }) => snapshot(inventory),
    );
    expect(killed).toEqual(whole);
  });

/** I6, I7: the history only grows, and any past state is what it was. */
const remembered: Property = (mutations) =>
  fc.property(history, (runs) => {
    const then: Readonly<Record<string, unknown>>[] = [];
    played(play(runs, { mutations, afterRun: ({ inventory }) => then.push(snapshot(inventory)) }), (estate) => {
      for (const [index, state] of then.entries()) {
        const past = estate.at(START + (index + 1) * HOUR);
        try {
          expect(snapshot(past)).toEqual(state);
        } finally {
          past.close();
        }
      }
      const changes = then.map(({ changes }) => changes as readonly unknown[]);
      for (const [index, before] of changes.entries())
        expect(changes[index + 1]?.slice(0, before.length) ?? before).toEqual(before);
    });
  });

/** I14: scanning scope by scope, in runs of their own, is scanning them together. Findings are judged in between. */
const splittable: Property = (mutations) =>
  fc.property(history, (runs) => {
    const records = (estate: Estate) =>
      estate
        .canonical()
        .split("\n")
        .filter((line) => line.includes('"record":'));
    const together = played(play(runs), records);
    const apart = played(play(runs, { mutations, split: true }), records);
    expect(apart).toEqual(together);
  });

describe("any history of scans", () => {
  it.each([
    ["ends where the model ends", modelled],
    ["writes nothing for a world that does not change", unchanged],
    ["does not depend on order", orderless],
    ["survives being killed anywhere", resumable],
    ["is remembered exactly", remembered],
    ["may be scanned in parts", splittable],
  ] satisfies readonly (readonly [string, Property])[])("%s", (_name, property) => {
    fc.assert(property({}), { numRuns: HISTORIES });
  });
});

describe("a planted bug is found:", () => {
  it.each([
    ["withdraw what a partial look did not see", modelled, { withdrawOnPartial: true }],
    ["withdraw at the first miss", modelled, { withdrawAtOnce: true }],
    ["let the last answer move use back", modelled, { usageMovesBack: true }],
    ["end scopes on a short listing", modelled, { shortListingEnds: true }],
    ["resolve what could not be judged", modelled, { resolveUndecided: true }],
    ["write a version for nothing", unchanged, { alwaysChanged: true }],
    ["merge by arrival", orderless, { mergeByArrival: true }],
    ["forget over a crash what was seen", resumable, { forgetSeen: true }],
    ["show the run after the one asked for", remembered, { asOfNext: true }],
    ["overwrite without a version", remembered, { forgetVersion: true }],
    ["withdraw on partial, in parts", splittable, { withdrawOnPartial: true }],
  ] satisfies readonly (readonly [string, Property, Mutations])[])("%s", (_name, property, mutations) => {
    const { failed, numRuns } = fc.check(property(mutations), { numRuns: WITHIN, endOnFailure: true });
    expect({ failed, within: numRuns <= WITHIN }).toEqual({ failed: true, within: true });
  });
});
