import { isIP } from "node:net";
import { isUnknown, unknown } from "rollcall/sdk";
import type { Known, Unknown } from "rollcall/sdk";
import { glob } from "./patterns.ts";
import { isObject, listOf } from "./documents.ts";

/**
 * One test of a statement's `Condition` block: one operator, one key. All tests of a block must hold; one of a test's
 * values is enough (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html).
 */
export interface Test {
  /** As written, for reasons. */
  readonly operator: string;
  readonly sense: "is" | "is-not" | "null" | "other" | "unmodelled";
  /** Whether `*` and `?` in values are wildcards. */
  readonly wildcards: boolean;
  /** Holds where the request does not have the key at all: `…IfExists`, `ForAllValues:…`. */
  readonly optional: boolean;
  /** Lower case: condition keys' case does not count. */
  readonly key: string;
  readonly values: readonly string[];
}

interface Operator {
  readonly sense: Test["sense"];
  readonly wildcards?: boolean;
}

const OPERATORS: Readonly<Record<string, Operator>> = {
  stringequals: { sense: "is" },
  stringequalsignorecase: { sense: "is" },
  stringlike: { sense: "is", wildcards: true },
  arnequals: { sense: "is", wildcards: true },
  arnlike: { sense: "is", wildcards: true },
  ipaddress: { sense: "is" },
  bool: { sense: "is" },
  stringnotequals: { sense: "is-not" },
  stringnotequalsignorecase: { sense: "is-not" },
  stringnotlike: { sense: "is-not", wildcards: true },
  arnnotequals: { sense: "is-not", wildcards: true },
  arnnotlike: { sense: "is-not", wildcards: true },
  notipaddress: { sense: "is-not" },
  null: { sense: "null" },
  ...Object.fromEntries(
    ["numeric", "date"].flatMap((type) =>
      ["equals", "notequals", "lessthan", "lessthanequals", "greaterthan", "greaterthanequals"].map((name) => [
        `${type}${name}`,
        { sense: "other" } satisfies Operator,
      ]),
    ),
  ),
  binaryequals: { sense: "other" },
};

/** Reads a `Condition` block. Unknown where it is not what IAM documents. */
export function parseConditions(block: unknown): readonly Test[] | Unknown {
  if (block === undefined || block === null) return [];
  if (!isObject(block)) return unknown("the Condition block is not an object");
  const tests: Test[] = [];
  for (const [operator, keys] of Object.entries(block)) {
    if (!isObject(keys)) return unknown(`the condition ${operator} is not an object`);
    for (const [key, value] of Object.entries(keys)) {
      const values = listOf(value);
      if (!values.every(isScalar)) return unknown(`the condition ${operator} on ${key} has a value that is not text`);
      tests.push(test(operator, key, values.map(String)));
    }
  }
  return tests;
}

function test(operator: string, key: string, values: readonly string[]): Test {
  const [, qualifier = "", rest = ""] = /^(?:(ForAnyValue|ForAllValues):)?(.*)$/is.exec(operator) ?? [];
  const base = rest.replace(/IfExists$/i, "");
  const known = Object.hasOwn(OPERATORS, base.toLowerCase()) ? OPERATORS[base.toLowerCase()] : undefined;
  return {
    operator,
    sense: known?.sense ?? "unmodelled",
    wildcards: known?.wildcards ?? false,
    optional: base !== rest || qualifier.toLowerCase() === "forallvalues",
    key: key.toLowerCase(),
    values,
  };
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/**
 * The values that the tests admit for a key that is in every request (a token's subject or audience). `null`: every
 * value. A `*` that its operator takes literally is written as IAM does, `${*}`.
 */
export function admitted(tests: readonly Test[], key: string): Known<readonly string[]> {
  const relevant = tests.filter((candidate) => candidate.key === key.toLowerCase());
  const strange = relevant.find(
    (candidate) => candidate.sense === "unmodelled" || candidate.sense === "other" || isNullTrue(candidate),
  );
  if (strange !== undefined) return unknown(`the condition ${strange.operator} on ${key} is not modelled`);
  const lists = relevant.filter((candidate) => candidate.sense === "is").map(patternsOf);
  const [first, ...others] = lists.toSorted((a, b) => looseness(a) - looseness(b) || a.length - b.length);
  if (first === undefined) return null;
  // Every list must admit the value: what is written out in the tightest one still has to pass the others.
  return first.filter(
    (pattern) => isLoose(pattern) || others.every((list) => list.some((other) => glob(other, pattern))),
  );
}

function patternsOf(candidate: Test): readonly string[] {
  return candidate.wildcards
    ? candidate.values
    : candidate.values.map((value) => value.replace(/[*?]/g, (sign) => `\${${sign}}`));
}

function isLoose(pattern: string): boolean {
  return /[*?]/.test(pattern.replace(/\$\{[*?]\}/g, ""));
}

function looseness(patterns: readonly string[]): number {
  return patterns.filter(isLoose).length;
}

function isNullTrue(candidate: Test): boolean {
  return candidate.sense === "null" && candidate.values.some((value) => value.toLowerCase() === "true");
}

const EXTERNAL_ID = "sts:externalid";

/**
 * Whether the tests of an `Allow` make the caller present an external id that was agreed: a value, not just any
 * (`*`), and not only "if there is one".
 */
export function demandsExternalId(tests: readonly Test[]): Known<boolean> {
  const relevant = tests.filter((candidate) => candidate.key === EXTERNAL_ID);
  if (relevant.some((candidate) => candidate.sense === "is" && !candidate.optional && areAgreed(candidate)))
    return true;
  const strange = relevant.find((candidate) => candidate.sense === "unmodelled" || candidate.sense === "other");
  return strange === undefined ? false : unknown(`the condition ${strange.operator} on sts:ExternalId is not modelled`);
}

function areAgreed(candidate: Test): boolean {
  return candidate.values.length > 0 && candidate.values.every((value) => isAgreed(value, candidate));
}

function isAgreed(value: string, candidate: Test): boolean {
  return value !== "" && (!candidate.wildcards || /[^*?]/.test(value));
}

/** Keys that say who calls or from where, and how specific a value must be to pin the caller. */
const PINS: Readonly<
  Record<string, { readonly specific: (value: string, wildcards: boolean) => boolean; readonly always?: true }>
> = {
  "aws:principalorgid": { specific: isExact },
  "aws:principalorgpaths": { specific: (value, wildcards) => isExact(value.split("/")[0] ?? "", wildcards) },
  "aws:principalaccount": { specific: isExact, always: true },
  "aws:principalarn": { specific: namesAccount, always: true },
  "aws:userid": { specific: (value) => /^A(?:ID|RO)A[A-Z0-9]{12,}/.test(value) || /^\d{12}/.test(value), always: true },
  "aws:sourceaccount": { specific: isExact },
  "aws:sourceorgid": { specific: isExact },
  "aws:sourceorgpaths": { specific: (value, wildcards) => isExact(value.split("/")[0] ?? "", wildcards) },
  "aws:sourceowner": { specific: isExact },
  "aws:sourcearn": { specific: namesAccount },
  "aws:sourceip": { specific: isNetwork },
  "aws:vpcsourceip": { specific: isNetwork },
  "aws:sourcevpc": { specific: isExact },
  "aws:sourcevpce": { specific: isExact },
  "aws:sourcevpcarn": { specific: namesAccount },
  "aws:principalisawsservice": { specific: (value) => value.toLowerCase() === "true" },
  "aws:principalservicename": { specific: isExact },
};

/** Claims that every token of an issuer shares, or that say nothing about who holds it. */
const COMMON_CLAIMS = ["aud", "amr", "iss", "oaud"];

/**
 * Whether the tests of an `Allow` pin the caller to named accounts, an organization, a network or a source, or, behind
 * an issuer, to named claims of its tokens. `claims` is the prefix of the issuer's condition keys.
 */
export function pins(tests: readonly Test[], claims?: string): Known<boolean> {
  if (tests.some((candidate) => pinsCaller(candidate) || pinsClaim(candidate, claims))) return true;
  const strange = tests.find(
    (candidate) => candidate.sense === "unmodelled" && (isPinKey(candidate.key) || isClaim(candidate.key, claims)),
  );
  return strange === undefined ? false : unknown(`the condition ${strange.operator} on ${strange.key} is not modelled`);
}

function pinsCaller(candidate: Test): boolean {
  const pin = Object.hasOwn(PINS, candidate.key) ? PINS[candidate.key] : undefined;
  if (pin === undefined || candidate.sense !== "is" || candidate.values.length === 0) return false;
  if (candidate.optional && pin.always !== true) return false;
  return candidate.values.every((value) => pin.specific(value, candidate.wildcards));
}

function pinsClaim(candidate: Test, claims: string | undefined): boolean {
  return (
    isClaim(candidate.key, claims) &&
    candidate.sense === "is" &&
    candidate.values.length > 0 &&
    candidate.values.every((value) => !candidate.wildcards || /[^*?]/.test(value))
  );
}

function isClaim(key: string, claims: string | undefined): boolean {
  if (claims === undefined || !key.startsWith(`${claims.toLowerCase()}:`)) return false;
  return !COMMON_CLAIMS.includes(key.slice(claims.length + 1));
}

export function isPinKey(key: string): boolean {
  return Object.hasOwn(PINS, key);
}

/**
 * What a `Deny` takes from everybody else: with a single negative test on a pinning key ("deny unless from this
 * organization") it pins as an `Allow` with the positive test would. Unknown where it touches such a key and is more
 * than that.
 */
export function deniesAllBut(tests: readonly Test[], what: "pinned" | "externalId"): Known<boolean> {
  const concerns = (key: string) => (what === "pinned" ? isPinKey(key) : key === EXTERNAL_ID);
  const [only, ...more] = tests;
  if (only === undefined || !tests.some((candidate) => concerns(candidate.key))) return false;
  if (more.length > 0 || only.sense === "unmodelled")
    return unknown("a Deny statement with conditions of its own applies as well");
  if (what === "externalId" && isNullTrue(only)) return false;
  if (only.sense !== "is-not") return false;
  const mirrored: Test = { ...only, sense: "is", optional: false };
  return what === "pinned" ? pinsCaller(mirrored) : areAgreed(only);
}

function isExact(value: string, wildcards: boolean): boolean {
  return value !== "" && !(wildcards && /[*?]/.test(value));
}

/** The largest networks that are somebody's: wider ones are a part of the internet, and two of them may be all of it. */
const WIDEST = { 4: 8, 6: 16 } as const;

function isNetwork(value: string): boolean {
  const [address = "", length, ...more] = value.split("/");
  const family = isIP(address);
  if (more.length > 0 || (family !== 4 && family !== 6)) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) >= WIDEST[family]);
}

function namesAccount(value: string, wildcards: boolean): boolean {
  const [, , service = "", , account = ""] = value.split(":");
  // A bucket's ARN has no account, and its name is unique in the world.
  if (service === "s3" && account === "") return isExact(value.split(":")[5]?.split("/")[0] ?? "", wildcards);
  return /^\d{12}$/.test(account);
}

/** The first known-true answer; else unknown where one is; else false. */
export function anyOf(answers: readonly Known<boolean>[]): Known<boolean> {
  if (answers.includes(true)) return true;
  return answers.find(isUnknown) ?? false;
}
