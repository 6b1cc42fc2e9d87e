import { DAY, FACTS, type NhiRecord, type RecordType, urn, type UsageObservation } from "../../src/model/index.ts";

/** How many of each; at most one in twenty fails any rule. */
export interface SyntheticSize {
  readonly identities: number;
  readonly credentials: number;
  readonly grants: number;
}

export const NOW = Date.UTC(2026, 10, 23);
export const SCOPE = urn({ provider: "aws", namespace: "aws", kind: "account", nativeId: "111122223333" });
export const BATCH = 5_000;

/** What one collection of the synthetic account emits. */
export interface SyntheticCollection {
  readonly id: string;
  readonly facts: readonly string[];
  readonly authoritative: Partial<Readonly<Record<RecordType, "all">>>;
  batches(): Iterable<readonly (NhiRecord | UsageObservation)[]>;
}

export function syntheticCollections(size: SyntheticSize): readonly SyntheticCollection[] {
  const policies = Math.max(20, Math.ceil(size.grants / 1_500));
  return [
    {
      id: "identities",
      facts: [...factsOf("scope"), ...factsOf("identity"), ...factsOf("owner"), "usage"],
      authoritative: { scope: "all", identity: "all", owner: "all" },
      batches: () => batches(identities(size.identities)),
    },
    {
      id: "policies",
      facts: factsOf("permission-set"),
      authoritative: { "permission-set": "all" },
      batches: () => batches(permissionSets(policies)),
    },
    {
      id: "grants",
      facts: [
        ...factsOf("grant"),
        ...factsOf("membership"),
        ...factsOf("group"),
        ...factsOf("trust"),
        ...factsOf("anchor"),
      ],
      authoritative: { grant: "all" },
      batches: () => batches(grants(size, policies)),
    },
    {
      id: "credentials",
      facts: [...factsOf("credential"), "usage"],
      authoritative: { credential: "all" },
      batches: () => batches(credentials(size)),
    },
  ];
}

function factsOf(type: RecordType): string[] {
  return [type, `${type}.tags`, ...Object.keys(FACTS[type]).map((fact) => `${type}.${fact}`)];
}

/** What a privilege model would say of each identity, so that a benchmark of judging does not measure the model. */
export function* privileges(count: number) {
  for (let index = 0; index < count; index += 1) {
    const admin = bad(index + 5);
    yield {
      urn: one("user", id("AIDA", index)),
      privilege: admin ? ("admin" as const) : ("low" as const),
      certainty: "certain" as const,
      reason: admin ? "policy-0 allows everything" : "policies allow little",
      score: admin ? 60 : 5,
    };
  }
}

const one = (kind: string, nativeId: string) => urn({ provider: "aws", namespace: "aws:111122223333", kind, nativeId });
const id = (prefix: string, index: number) => `${prefix}${index.toString(36).toUpperCase().padStart(17, "0")}`;

/** One in twenty, spread evenly. */
const bad = (index: number) => index % 20 === 7;

function* identities(count: number): Generator<NhiRecord | UsageObservation> {
  yield {
    type: "scope",
    urn: SCOPE,
    kind: "account",
    name: "synthetic",
    status: "ACTIVE",
    parent: null,
    environment: null,
  };
  for (let index = 0; index < count; index += 1) {
    const subject = one("user", id("AIDA", index));
    const createdAt = NOW - (200 + (index % 900)) * DAY;
    yield {
      type: "identity",
      urn: subject,
      kind: "user",
      name: `svc-${index}`,
      nature: "machine",
      natureReason: "it has access keys and no password",
      custody: "self-held",
      enabled: true,
      createdAt,
      environment: index % 3 === 0 ? "production" : null,
      path: "/service/",
      mfaEnabled: null,
      boundary: null,
      aliases: [`arn:aws:iam::111122223333:user/service/svc-${index}`],
      tags: { team: `team-${index % 40}` },
    };
    yield {
      type: "usage",
      subject,
      source: "own",
      lastUsedAt: NOW - (bad(index) ? 150 : 1 + (index % 40)) * DAY,
      observedFrom: null,
      observedThrough: NOW,
    };
    if (!bad(index + 3)) {
      yield {
        type: "owner",
        urn: one("owner", id("AIDA", index)),
        subject,
        owner: `team-${index % 40}`,
        ownerKind: "team",
        source: "tag:team",
        confidence: 70,
      };
    }
  }
}

function* permissionSets(count: number): Generator<NhiRecord> {
  for (let index = 0; index < count; index += 1) {
    const Action = index === 0 ? "*" : [`s3:Get${index}*`, "s3:ListBucket", "sqs:SendMessage"];
    yield {
      type: "permission-set",
      urn: one("managed-policy", id("ANPA", index)),
      kind: "managed-policy",
      name: `policy-${index}`,
      document: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action, Resource: index === 0 ? "*" : `arn:aws:s3:::bucket-${index}/*` }],
      },
      createdAt: NOW - 900 * DAY,
      updatedAt: NOW - 100 * DAY,
      aliases: [`arn:aws:iam::111122223333:policy/policy-${index}`],
    };
  }
}

function* grants(size: SyntheticSize, policies: number): Generator<NhiRecord> {
  for (let index = 0; index < size.grants; index += 1) {
    const holder = index % Math.max(1, size.identities);
    const policy = index === holder && bad(holder + 5) ? 0 : 1 + (index % (policies - 1));
    yield {
      type: "grant",
      urn: one("attachment", `${id("AIDA", holder)}:${index}`),
      principal: one("user", id("AIDA", holder)),
      permissionSet: one("managed-policy", id("ANPA", policy)),
      effect: "allow",
      resource: SCOPE,
    };
  }
}

function* credentials(size: SyntheticSize): Generator<NhiRecord | UsageObservation> {
  for (let index = 0; index < size.credentials; index += 1) {
    const subject = one("access-key", id("AKIA", index));
    const age = bad(index + 11) ? 300 : 5 + (index % 60);
    const createdAt = NOW - age * DAY;
    yield {
      type: "credential",
      urn: subject,
      kind: "access-key",
      identity: one("user", id("AIDA", index % Math.max(1, size.identities))),
      secrecy: "static-secret",
      name: id("AKIA", index),
      enabled: true,
      createdAt,
      rotatedAt: createdAt,
      expiresAt: null,
      fingerprint: null,
      aliases: [id("AKIA", index)],
    };
    yield {
      type: "usage",
      subject,
      source: "credential-report",
      lastUsedAt: bad(index + 13) ? null : NOW - (bad(index) ? 150 : 2) * DAY,
      observedFrom: null,
      observedThrough: NOW,
    };
  }
}

function* batches<Item>(items: Iterable<Item>): Generator<readonly Item[]> {
  let batch: Item[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length >= BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
