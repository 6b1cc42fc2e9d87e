import { equal, ok } from "node:assert/strict";
import type { Strangeness } from "../../../fixtures/emulators/aws/index.ts";
import { ACCOUNTS } from "../../support/aws-bench.ts";
import { isOf, readExport } from "../support/exports.ts";
import type { ExportedRecord } from "../support/exports.ts";
import type { FaultRow, Seen } from "../support/fault-row.ts";
import { always, BULK } from "./common.ts";

/** H38–H42: hostile, odd and huge data. */
export const DATA: readonly FaultRow[] = [
  {
    id: "H38",
    title: "one account answers with another's ids",
    strike: always({ kind: "same-id", as: ACCOUNTS.beside }, { operation: BULK, account: ACCOUNTS.struck }),
    outcome: "changed",
    // A thing with another id is another thing: the old one is missed, rightly.
    changing: inStruck,
    check({ after, undisturbed }) {
      const of = (text: string) =>
        new Set(
          [...readExport(text).records.values()]
            .filter(({ record, presence }) => record === "identity" && presence === "present")
            .map(({ urn }) => urn),
        );
      const [is, would] = [of(after), of(undisturbed)];
      for (const urn of would) if (urn.includes(ACCOUNTS.beside)) ok(is.has(urn), `${urn} is gone`);
      const strangers = [...is].filter((urn) => !would.has(urn));
      ok(
        strangers.length >= 1 && strangers.every((urn) => urn.includes(ACCOUNTS.struck)),
        `the foreign ids became ${strangers.join(", ")}`,
      );
    },
    convergesAfter: 0,
  },
  strange("H39-name", "a name of one megabyte", "huge-name", ({ after }) =>
    ok(after.includes("x".repeat(1_000)) || after.length > 1_000_000, "the name is not whole"),
  ),
  strange("H39-tags", "ten thousand tags", "many-tags"),
  strange("H39-policy", "a policy of 64 KiB", "huge-policy", undefined, 5),
  strange("H39-deep", "a policy ten thousand levels deep", "deep-json", undefined, 5),
  strange("H40-utf8", "bytes that are no UTF-8", "invalid-utf8"),
  strange("H40-nul", "a NUL in a name", "nul"),
  strange("H40-bidi", "control characters and text direction in a name", "bidi"),
  strange("H40-emoji", "emoji and right-to-left text in a name", "emoji"),
  strange("H40-surrogate", "half a character in a name", "lone-surrogate"),
  strange("H40-twin", "a name in another normalization", "normalization-twin"),
  strange("H41", "__proto__ as a key", "proto-keys", () => {
    equal(({} as { polluted?: unknown }).polluted, undefined);
    equal((Object.prototype as { yes?: unknown }).yes, undefined);
  }),
  {
    id: "H42",
    title: "a body of 400 MiB",
    strike: always({ kind: "huge" }, { operation: BULK, account: ACCOUNTS.struck }),
    outcome: "partial",
    classes: ["limit"],
    operation: BULK,
  },
  {
    id: "H42-bomb",
    title: "400 MiB in a small gzip",
    strike: always({ kind: "huge", gzip: true }, { operation: BULK, account: ACCOUNTS.struck }),
    outcome: "partial",
    classes: ["limit"],
    operation: BULK,
  },
];

function inStruck(record: ExportedRecord): boolean {
  return isOf(ACCOUNTS.struck, record.scope) || isOf(ACCOUNTS.struck, record.urn);
}

/**
 * The entry is stored as it came, or set aside with a gap; which of the two is for the provider's own format to say.
 * Either way it does no harm, and the next honest answer is believed.
 */
function strange(id: string, title: string, how: Strangeness, check?: (seen: Seen) => void, item = 0): FaultRow {
  return {
    id,
    title,
    strike: always({ kind: "strange", how, item }, { operation: BULK, account: ACCOUNTS.struck }),
    outcome: "changed",
    changing: inStruck,
    check(seen) {
      ok(seen.result.exit.code === 0 || seen.result.exit.code === 4, seen.result.exit.reason);
      const { before, after } = seen;
      const now = readExport(after);
      for (const [key, record] of readExport(before).records)
        if (record.record !== "owner")
          equal(now.records.get(key)?.presence, record.presence, `${key} because of ${title}`);
      check?.(seen);
    },
  };
}
