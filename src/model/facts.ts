import type { RecordType } from "./records.ts";

/**
 * The table of facts: for each record type, every fact, its type, its column, and whether it can be unknown.
 * Tables, views, merging, the documentation of the views, a rule's `needs` and a collection's `emits` all derive
 * from it, so a fact that is not here does not exist.
 */
export type FactType = "text" | "integer" | "boolean" | "instant" | "json" | "list";

export interface FactSpec {
  readonly type: FactType;
  readonly column: string;
  /**
   * `true`: every record of the type has it from its first contribution on (a record without it is refused), so it
   * is never unknown. Only such facts may decide a rule's population.
   */
  readonly always?: true;
  /** What it means, for the generated page of views. */
  readonly doc: string;
}

type Specs = Readonly<Record<string, FactSpec>>;

const text = (column: string, doc: string): FactSpec => ({ type: "text", column, doc });
const always = (column: string, doc: string): FactSpec => ({ type: "text", column, always: true, doc });
const instant = (column: string, doc: string): FactSpec => ({ type: "instant", column, doc });
const boolean = (column: string, doc: string): FactSpec => ({ type: "boolean", column, doc });
const list = (column: string, doc: string): FactSpec => ({ type: "list", column, doc });
const json = (column: string, doc: string): FactSpec => ({ type: "json", column, doc });

const name = text("name", "The provider's name for it; may change and be used again");
const kind = always("kind", "The provider's word for what it is");
const createdAt = instant("created_at", "When the provider says it was created");

export const FACTS: Readonly<Record<RecordType, Specs>> = {
  scope: {
    kind,
    name,
    status: text("status", "The provider's word for its state"),
    parent: text("parent", "URN of the scope above it"),
    environment: text("environment", "`production` or another environment, by configuration or tag"),
  },
  identity: {
    kind,
    name,
    nature: text("nature", "`machine`, `agent`, `human` or `unknown`"),
    natureReason: text("nature_reason", "The facts that decided the nature"),
    custody: text("custody", "`self-held`, `assumed` or `platform-held`"),
    enabled: boolean("enabled", "Whether the provider lets it act at all"),
    createdAt,
    environment: text("environment", "`production` or another environment, by configuration or tag"),
    path: text("path", "Its place in the provider's own hierarchy"),
    description: text("description", "The provider's free text"),
    mfaEnabled: boolean("mfa_enabled", "Whether interactive sign-in needs a second factor"),
    boundary: text("boundary", "URN of the permission set that caps it"),
  },
  credential: {
    kind,
    identity: always("identity", "URN of what it authenticates as"),
    secrecy: always("secrecy", "`static-secret`, `private-key`, `certificate` or `federated`"),
    name,
    enabled: boolean("enabled", "Whether it is accepted now"),
    createdAt,
    rotatedAt: instant("rotated_at", "When the secret itself was last set; says nothing about use"),
    expiresAt: instant("expires_at", "When it stops being accepted; NULL and known: never"),
    fingerprint: text("fingerprint", "Public fingerprint of the key or certificate"),
  },
  group: { kind, name, createdAt },
  membership: {
    member: always("member", "URN of the member"),
    group: always("group_urn", "URN of the group"),
  },
  "permission-set": {
    kind,
    name,
    document: json("document", "The provider's document as JSON"),
    createdAt,
    updatedAt: instant("updated_at", "When the document last changed"),
  },
  grant: {
    principal: always("principal", "URN of the identity or group that holds it"),
    permissionSet: always("permission_set", "URN of the permission set"),
    effect: always("effect", "`allow` or `deny`"),
    resource: text("resource", "URN of the scope that it reaches"),
    conditions: json("conditions", "Conditions of the assignment, verbatim"),
  },
  trust: {
    identity: always("identity", "URN of the identity that can be become"),
    mechanism: always("mechanism", "How: `assume-role`, `oidc-federation`, …"),
    effect: always("effect", "`allow` or `deny`"),
    party: always("party", "What stands at the far end: `account`, `identity`, `service`, `issuer`, `anyone`, …"),
    principal: always("principal", "The provider's own text for the far end"),
    partyScope: text("party_scope", "URN of the account, tenant or organization of the far end"),
    partyRelation: text("party_relation", "`same-scope`, `own`, `partner` or `outside`"),
    issuer: text("issuer", "Token issuer of a federation"),
    subjects: list("subjects", "Subject patterns that are admitted; NULL and known: every subject"),
    audiences: list("audiences", "Audiences that are admitted; NULL and known: every audience"),
    externalId: boolean("external_id", "Whether an agreed external id must be presented"),
    pinned: boolean("pinned", "Whether conditions pin the caller to named accounts, an organization or a source"),
    conditions: json("conditions", "Conditions, verbatim"),
  },
  anchor: {
    kind,
    name,
    issuer: text("issuer", "The issuer's URL or entity id"),
    audiences: list("audiences", "Audiences that it accepts"),
    enabled: boolean("enabled", "Whether it is accepted now"),
    createdAt,
    expiresAt: instant("expires_at", "When its certificate or metadata expires"),
    fingerprint: text("fingerprint", "Fingerprint of its certificate"),
  },
  owner: {
    subject: always("subject", "URN of what is owned"),
    owner: always("owner", "The person or team"),
    ownerKind: always("owner_kind", "`person`, `team` or `unknown`"),
    source: always("source", "Where the claim comes from"),
    confidence: { type: "integer", column: "confidence", always: true, doc: "0 (a hint) to 100" },
  },
};

export const RECORD_TYPES = Object.keys(FACTS) as readonly RecordType[];

/** The types whose records carry aliases, tags and attributes. */
export const NAMED_TYPES: readonly RecordType[] = [
  "scope",
  "identity",
  "credential",
  "group",
  "permission-set",
  "anchor",
];

/**
 * The name of one fact, as in `emits` and `needs`: `identity.enabled`, `identity.tags`; `grant` alone stands for
 * the existence of the type's records; `usage` for observations of use.
 */
export type FactName = string;

export function isFactName(name: FactName): boolean {
  if (name === "usage") return true;
  const [type, fact, ...rest] = name.split(".");
  if (type === undefined || !Object.hasOwn(FACTS, type) || rest.length > 0) return false;
  if (fact === undefined) return true;
  const recordType = type as RecordType;
  return Object.hasOwn(FACTS[recordType], fact) || (fact === "tags" && NAMED_TYPES.includes(recordType));
}
