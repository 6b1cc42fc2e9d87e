import { isOf, readExport } from "./exports.ts";
import type { ExportedRecord, ReadExport } from "./exports.ts";

/**
 * The promise that every fault leaves standing (P0), as sentences about what broke it; an empty list: kept. All three
 * arguments are canonical exports: before the fault, after it, and of an inventory that saw the same hours without it.
 */
export interface PromiseInput {
  readonly before: string;
  readonly after: string;
  readonly undisturbed: string;
  /** Accounts that the fault was aimed at; everything in any other must be as if there had been none. */
  readonly struck: readonly string[];
  /** Records that may change all the same, because the fault itself is a change of the world: by URN. */
  readonly changing?: (record: ExportedRecord) => boolean;
}

/** Rules whose verdict about one account's record rests on records of another. */
const ACROSS: readonly string[] = ["shared-public-key"];

/** Whether an exported line is a finding of such a rule. */
export function isAcross(line: string): boolean {
  return line.includes('"finding":') && ACROSS.some((rule) => line.includes(`"rule":"${rule}"`));
}

export function brokenPromises({ before, after, undisturbed, struck, changing }: PromiseInput): readonly string[] {
  const was = readExport(before);
  const is = readExport(after);
  const would = readExport(undisturbed);
  const excused = changing ?? (() => false);
  return [
    ...lostRecords(was, is, would, excused),
    ...lostUse(was, is),
    ...worseVerdicts(would, is, excused),
    ...closedFindings(was, is, would),
    ...(struck.length === 0 ? [] : strangersTouched(undisturbed, after, struck)),
  ];
}

/** Nothing stored is lost, and nothing alive is withdrawn, missing or suspected because somebody could not look. */
function lostRecords(
  was: ReadExport,
  is: ReadExport,
  would: ReadExport,
  excused: (record: ExportedRecord) => boolean,
): readonly string[] {
  const broken: string[] = [];
  for (const [key, old] of was.records) {
    if (excused(old)) continue;
    const now = is.records.get(key);
    if (now === undefined) {
      broken.push(`${key} is no longer stored`);
      continue;
    }
    if (now.presence !== old.presence && now.presence !== would.records.get(key)?.presence)
      broken.push(`${key} was ${old.presence} and is ${now.presence}`);
    broken.push(...lostFacts(key, old, now, would.records.get(key)));
    for (const fact of now.known) {
      if (!old.known.includes(fact) && would.records.get(key)?.known.includes(fact) !== true)
        broken.push(`${key} claims to know ${fact}, which nobody knew`);
    }
  }
  return broken;
}

/** A fact that is not known for now may come without its last value; one that counts as known, and all else, may not. */
function lostFacts(
  key: string,
  old: ExportedRecord,
  now: ExportedRecord,
  would: ExportedRecord | undefined,
): readonly string[] {
  return Object.entries(old.facts).flatMap(([fact, value]) => {
    // No facts, and so without a word on what is known of them: see `across.test.ts`.
    if (fact === "attributes" || fact === "aliases") return [];
    if (old.known.includes(fact) && !now.known.includes(fact)) return [];
    const [was, is] = [parts(value), parts(now.facts[fact])];
    const without = parts(would?.facts[fact]);
    const lost = [...was].filter((part) => !is.has(part) && without.has(part));
    return lost.map((part) => `${key} had ${fact} ${part.slice(0, 200)} and has it no longer`);
  });
}

/** A list or an object of attributes by its members, anything else as it is. */
function parts(value: unknown): ReadonlySet<string> {
  if (Array.isArray(value)) return new Set(value.map((part) => JSON.stringify(part)));
  if (typeof value === "object" && value !== null)
    return new Set(Object.entries(value).map((part) => JSON.stringify(part)));
  return new Set(value === undefined ? [] : [JSON.stringify(value)]);
}

/** The latest use known never moves back, and no look is forgotten. */
function lostUse(was: ReadExport, is: ReadExport): readonly string[] {
  return [...was.usage].flatMap(([key, old]) => {
    const now = is.usage.get(key);
    if (now === undefined) return [`the use ${key} is forgotten`];
    if ((now.last_used_at ?? -Infinity) < (old.last_used_at ?? -Infinity))
      return [`the use ${key} went back from ${old.last_used_at} to ${now.last_used_at}`];
    return (now.observed_through ?? -Infinity) < (old.observed_through ?? -Infinity)
      ? [`the look ${key} went back`]
      : [];
  });
}

/** Not seeing never makes a verdict: who fails after the fault fails without it too. */
function worseVerdicts(
  would: ReadExport,
  is: ReadExport,
  excused: (record: ExportedRecord) => boolean,
): readonly string[] {
  const excusedSubjects = new Set([...is.records.values()].filter(excused).map(({ urn }) => urn));
  return [...is.findings.values()].flatMap((finding) => {
    if (finding.verdict !== "fail" || finding.state === "resolved" || excusedSubjects.has(finding.subject)) return [];
    const without = would.findings.get(finding.finding);
    return without?.verdict === "fail" && without.state !== "resolved"
      ? []
      : [`${finding.rule} fails ${finding.subject}, which it does not without the fault`];
  });
}

/** Not seeing never mends anything either. */
function closedFindings(was: ReadExport, is: ReadExport, would: ReadExport): readonly string[] {
  return [...was.findings].flatMap(([key, old]) => {
    // Judged across accounts: a promise of its own, see `across.test.ts`.
    if (old.state !== "open" || ACROSS.includes(old.rule)) return [];
    const now = is.findings.get(key);
    if (now?.state === "open" || (would.findings.get(key)?.state ?? "gone") === (now?.state ?? "gone")) return [];
    return [`the finding ${old.rule} about ${old.subject} was open and is ${now?.state ?? "gone"}`];
  });
}

/** Everything of the other accounts is, byte for byte, what it would be without the fault. */
function strangersTouched(undisturbed: string, after: string, struck: readonly string[]): readonly string[] {
  const [would, is] = [strangers(undisturbed, struck), strangers(after, struck)];
  return [
    ...[...would]
      .filter((line) => !is.has(line))
      .map((line) => `of another account, and not there: ${line.slice(0, 400)}`),
    ...[...is]
      .filter((line) => !would.has(line))
      .map((line) => `of another account, and only there: ${line.slice(0, 400)}`),
  ];
}

function strangers(text: string, struck: readonly string[]): ReadonlySet<string> {
  return new Set(
    text.split("\n").filter((line) => {
      if (line === "") return false;
      const value = JSON.parse(line) as {
        readonly rule?: string;
        readonly urn?: string;
        readonly scope?: string;
        readonly subject?: string;
      };
      if (value.rule !== undefined && ACROSS.includes(value.rule)) return false;
      const places = [value.urn, value.scope, value.subject].filter((place) => place !== undefined);
      return !struck.some((account) => places.some((place) => isOf(account, place)));
    }),
  );
}
