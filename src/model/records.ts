import type { Instant } from "./instant.ts";
import type { Custody, Mechanism, Nature, Party, Secrecy } from "./kinds.ts";
import type { Known } from "./known.ts";
import type { Urn } from "./urn.ts";

/**
 * What a collection yields about one thing. A record is a *contribution*: it says what this collection learned,
 * and leaves out what it did not ask. The inventory merges contributions by the order in which the scanner lists
 * its collections; an unmentioned fact takes nothing from another contribution, and an unknown one yields to any
 * known one. `facts.ts` is the table of every fact, its type and its column.
 *
 * There is no field that can hold a secret.
 */
export type NhiRecord =
  | ScopeRecord
  | IdentityRecord
  | CredentialRecord
  | GroupRecord
  | MembershipRecord
  | PermissionSetRecord
  | GrantRecord
  | TrustRecord
  | AnchorRecord
  | OwnerRecord;

export type RecordType = NhiRecord["type"];

interface Named {
  readonly urn: Urn;
  /** ARNs, e-mails, native ids and names under which people know it. Indexed and searchable; never a key. */
  readonly aliases?: readonly string[];
  readonly tags?: Known<Readonly<Record<string, string>>>;
  /** Provider details that no rule reads: shown, kept, never interpreted. Plain JSON. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** An account, tenant, project or organization: itself a record, so that its end is seen like any other. */
export interface ScopeRecord extends Named {
  readonly type: "scope";
  readonly kind: string;
  readonly name?: Known<string>;
  /** The provider's own word: `ACTIVE`, `SUSPENDED`, … */
  readonly status?: Known<string>;
  readonly parent?: Known<Urn>;
  readonly environment?: Known<string>;
}

export interface IdentityRecord extends Named {
  readonly type: "identity";
  /** The provider's word: `user`, `role`, `root`, `app-installation`, … */
  readonly kind: string;
  readonly name?: Known<string>;
  readonly nature?: Nature;
  /** The facts that decided the nature, as a sentence. */
  readonly natureReason?: string;
  readonly custody?: Custody;
  readonly enabled?: Known<boolean>;
  readonly createdAt?: Known<Instant>;
  readonly environment?: Known<string>;
  readonly path?: Known<string>;
  readonly description?: Known<string>;
  /** Whether an interactive sign-in needs a second factor. `null` where the identity cannot sign in at all. */
  readonly mfaEnabled?: Known<boolean>;
  /** The permission set that caps what the identity may ever do. */
  readonly boundary?: Known<Urn>;
}

export interface CredentialRecord extends Named {
  readonly type: "credential";
  /** The provider's word: `access-key`, `password`, `deploy-key`, … */
  readonly kind: string;
  /** What the credential authenticates as; a scope where it belongs to the account itself. */
  readonly identity: Urn;
  readonly secrecy: Secrecy;
  readonly name?: Known<string>;
  readonly enabled?: Known<boolean>;
  readonly createdAt?: Known<Instant>;
  /** When the secret itself was last set. Never a statement about use. */
  readonly rotatedAt?: Known<Instant>;
  /** `null`: it never expires. */
  readonly expiresAt?: Known<Instant>;
  /** A public fingerprint (`SHA256:…` of a public key or certificate); comparable across identities and providers. */
  readonly fingerprint?: Known<string>;
}

export interface GroupRecord extends Named {
  readonly type: "group";
  readonly kind: string;
  readonly name?: Known<string>;
  readonly createdAt?: Known<Instant>;
}

export interface MembershipRecord {
  readonly type: "membership";
  readonly urn: Urn;
  readonly member: Urn;
  readonly group: Urn;
}

/** A policy, role definition or permission list that can be granted. */
export interface PermissionSetRecord extends Named {
  readonly type: "permission-set";
  /** `managed-policy`, `aws-managed-policy`, `inline-policy`, … */
  readonly kind: string;
  readonly name?: Known<string>;
  /** The provider's document as parsed JSON, verbatim. Unknown when it could not be read or parsed. */
  readonly document?: Known<unknown>;
  readonly createdAt?: Known<Instant>;
  readonly updatedAt?: Known<Instant>;
}

/** A permission set on a principal (an identity or a group), directly. Inheritance is computed, not stored. */
export interface GrantRecord {
  readonly type: "grant";
  readonly urn: Urn;
  readonly principal: Urn;
  readonly permissionSet: Urn;
  /** The scope that the grant reaches: an account, a subscription, a repository. */
  readonly resource?: Urn;
  readonly effect: "allow" | "deny";
  readonly conditions?: Known<unknown>;
}

/**
 * One way in: `party` may become `identity` by `mechanism`. One record per statement and principal, so that each
 * way in can be shown, judged and closed alone.
 */
export interface TrustRecord {
  readonly type: "trust";
  readonly urn: Urn;
  /** The identity that can be become. */
  readonly identity: Urn;
  readonly mechanism: Mechanism;
  readonly effect: "allow" | "deny";
  readonly party: Party;
  /** The provider's own text for the far end, verbatim: an ARN, `*`, `lambda.amazonaws.com`, a provider's ARN. */
  readonly principal: string;
  /** URN of the account, tenant or organization of the far end. `null` where it has none (a cloud service, anyone). */
  readonly partyScope?: Known<Urn>;
  /** Whose the far end is, as far as listing and configuration tell. `null` where it has no scope. */
  readonly partyRelation?: Known<"same-scope" | "own" | "partner" | "outside">;
  /** The token issuer of a federation. */
  readonly issuer?: Known<string>;
  /** The subject patterns that the conditions admit; `null`: every subject. */
  readonly subjects?: Known<readonly string[]>;
  /** The audiences that the conditions admit; `null`: every audience. */
  readonly audiences?: Known<readonly string[]>;
  /** Whether the caller must present an agreed external id. */
  readonly externalId?: Known<boolean>;
  /** Whether the conditions pin the caller to named accounts, an organization or a source. `false` is an open door. */
  readonly pinned?: Known<boolean>;
  /** The conditions, verbatim. `null`: none. */
  readonly conditions?: Known<unknown>;
}

/** A registered source of identities: an OIDC or SAML provider, a certificate authority, an identity pool. */
export interface AnchorRecord extends Named {
  readonly type: "anchor";
  readonly kind: string;
  readonly name?: Known<string>;
  readonly issuer?: Known<string>;
  readonly audiences?: Known<readonly string[]>;
  readonly enabled?: Known<boolean>;
  readonly createdAt?: Known<Instant>;
  readonly expiresAt?: Known<Instant>;
  readonly fingerprint?: Known<string>;
}

/** Somebody who answers for a thing. Several may coexist; conflicts are shown, not settled here. */
export interface OwnerRecord {
  readonly type: "owner";
  readonly urn: Urn;
  readonly subject: Urn;
  readonly owner: string;
  readonly ownerKind: "person" | "team" | "unknown";
  /** Where the claim comes from: `tag:owner`, `override`, `codeowners`, `creator`, … */
  readonly source: string;
  /** 0 (a hint) to 100 (somebody's signature). */
  readonly confidence: number;
}

/**
 * One look at the use of an identity or credential. Observations live beside the records with times of their own:
 * a busy key does not make a new record version each day. The latest use is monotone: an older or absent answer
 * never moves it back.
 */
export interface UsageObservation {
  readonly type: "usage";
  readonly subject: Urn;
  /** What was asked: `credential-report`, `role-last-used`, … One row per subject and source. */
  readonly source: string;
  /** `null`: the source looked from `observedFrom` to `observedThrough` and saw no use. */
  readonly lastUsedAt: Instant | null;
  /** Where it was used (region, service, address), for people. */
  readonly where?: string;
  /** How far back the source would have seen a use. `null`: since the subject was created. */
  readonly observedFrom: Instant | null;
  /** Up to when the source had looked. */
  readonly observedThrough: Instant;
}
