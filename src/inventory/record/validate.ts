import { parseUrn } from "../../model/index.ts";
import type { NhiRecord, UsageObservation } from "../../model/index.ts";
import { layoutFor, LAYOUTS } from "../schema/layout.ts";
import type { Layout } from "../schema/layout.ts";
import { encodeFacts, factsText } from "./encode.ts";
import type { Encoded, Facts } from "./encode.ts";
import { RecordFault } from "./fault.ts";

/** Why one record of a batch cannot be kept. */
export interface RecordProblem {
  /** Its place in the batch. */
  readonly index: number;
  readonly type: string;
  readonly urn: string | undefined;
  /** A sentence fragment without provider text: `createdAt is not an instant in whole milliseconds`. */
  readonly problem: string;
}

/**
 * A batch holds records that are not what the model says. Nothing of the batch was written: leave out the named
 * records, report each as a gap of class `schema`, and commit the rest.
 */
export class InvalidRecordError extends Error {
  override readonly name = "InvalidRecordError";
  readonly problems: readonly RecordProblem[];

  constructor(problems: readonly RecordProblem[]) {
    const [first] = problems;
    super(
      `${problems.length} invalid ${problems.length === 1 ? "record" : "records"}: ${first?.type ?? "record"}: ${first?.problem ?? ""}`,
    );
    this.problems = problems;
  }
}

/** What is wrong with a record or an observation, or `undefined`: what {@link InvalidRecordError} would say of it. */
export function checkRecord(record: NhiRecord | UsageObservation): string | undefined {
  try {
    if (record.type === "usage") checkUsage(record);
    else encodeRecord(outlineRecord(record));
    return undefined;
  } catch (error) {
    if (error instanceof RecordFault) return error.message;
    throw error;
  }
}

export interface EncodedRecord extends Encoded {
  readonly layout: Layout;
  readonly urn: string;
  readonly provider: string;
  readonly kind: string | null;
}

/** A record whose facts are canonical and otherwise unread: enough to tell whether it is stored as it is. */
export interface OutlinedRecord {
  readonly layout: Layout;
  readonly record: NhiRecord;
  readonly kind: string | null;
  readonly facts: string;
}

const TYPES: ReadonlySet<unknown> = new Set(LAYOUTS.map(({ type }) => type));
const BESIDE_FACTS: ReadonlySet<string> = new Set(["type", "urn", "aliases", "tags", "attributes"]);

/** Facts that name another record, by type and fact. A trust's `principal` is the provider's own text. */
const REFERENCES: Readonly<Record<string, readonly string[]>> = {
  scope: ["parent"],
  identity: ["boundary"],
  credential: ["identity"],
  membership: ["member", "group"],
  grant: ["principal", "permissionSet", "resource"],
  trust: ["identity", "partyScope"],
  owner: ["subject"],
};

/** @throws {RecordFault} saying what is wrong, as far as that shows at first sight. */
export function outlineRecord(record: NhiRecord): OutlinedRecord {
  if (typeof record !== "object" || record === null) throw new RecordFault("it is not a record");
  if (!TYPES.has(record.type)) throw new RecordFault("it has no type of the model");
  const layout = layoutFor(record.type);
  const facts = record as unknown as Facts;
  for (const key in facts) {
    if (!layout.byFact.has(key) && !BESIDE_FACTS.has(key))
      throw new RecordFault(`a record of type ${record.type} has no fact called ${JSON.stringify(key.slice(0, 100))}`);
  }
  const kind = layout.hasKind && typeof facts["kind"] === "string" ? facts["kind"] : null;
  return { layout, record, kind, facts: factsText(layout, facts) };
}

/** @throws {RecordFault} saying what is wrong. */
export function encodeRecord({ layout, record, kind, facts: outline }: OutlinedRecord): EncodedRecord {
  const provider = providerOf(record.urn, "urn");
  const facts = record as unknown as Facts;
  for (const fact of REFERENCES[record.type] ?? []) {
    const reference = facts[fact];
    if (typeof reference === "string") providerOf(reference, fact);
  }
  if (!layout.named && facts["attributes"] !== undefined)
    throw new RecordFault(`a record of type ${record.type} has no attributes`);
  const { facts: json, values, known, aliases, tags } = encodeFacts(layout, facts, outline);
  return { layout, urn: record.urn, provider, kind, facts: json, values, known, aliases, tags };
}

/** @throws {RecordFault} saying what is wrong. */
export function checkUsage(usage: UsageObservation): void {
  providerOf(usage.subject, "subject");
  if (typeof usage.source !== "string" || usage.source === "") throw new RecordFault("source is not text");
  if (usage.lastUsedAt !== null && !Number.isSafeInteger(usage.lastUsedAt))
    throw new RecordFault("lastUsedAt is not an instant in whole milliseconds");
  if (usage.observedFrom !== null && !Number.isSafeInteger(usage.observedFrom))
    throw new RecordFault("observedFrom is not an instant in whole milliseconds");
  if (!Number.isSafeInteger(usage.observedThrough))
    throw new RecordFault("observedThrough is not an instant in whole milliseconds");
  if (usage.where !== undefined && typeof usage.where !== "string") throw new RecordFault("where is not text");
}

/** Four segments, none empty; the decoder is only asked where something is encoded. */
const PLAIN_URN = /^nhi:([A-Za-z0-9\-_.!~*'():@+,=]+)(?:\/[A-Za-z0-9\-_.!~*'():@+,=]+){3}$/;

function providerOf(urn: unknown, fact: string): string {
  if (typeof urn !== "string") throw new RecordFault(`${fact} is not a URN`);
  const plain = PLAIN_URN.exec(urn);
  const provider = plain === null ? parseUrn(urn)?.provider : plain[1];
  if (provider === undefined) throw new RecordFault(`${fact} is not a URN`);
  return provider;
}
