import { DAY, urn } from "../model/index.ts";
import type {
  CredentialRecord,
  GrantRecord,
  IdentityRecord,
  Instant,
  MembershipRecord,
  OwnerRecord,
  PermissionSetRecord,
  ScopeRecord,
  TrustRecord,
  Urn,
  UsageObservation,
} from "../model/index.ts";
import { EXAMPLE_NOW } from "../sdk/index.ts";

/** Short hands for the smallest inventories: one AWS account unless another is named, the present at EXAMPLE_NOW. */

export const HOME = "111122223333";
export const OTHER = "444455556666";
export const STRANGER = "999988887777";

export function accountUrn(account: string): Urn {
  return urn({ provider: "aws", namespace: "aws", kind: "account", nativeId: account });
}

export function at(kind: string, nativeId: string, account = HOME): Urn {
  return urn({ provider: "aws", namespace: `aws:${account}`, kind, nativeId });
}

export function daysAgo(days: number): Instant {
  return EXAMPLE_NOW - days * DAY;
}

/** A millisecond more than so many days ago: just outside a window that long. */
export function justOver(days: number): Instant {
  return daysAgo(days) - 1;
}

export function account(id: string, environment?: ScopeRecord["environment"]): ScopeRecord {
  return {
    type: "scope",
    urn: accountUrn(id),
    kind: "account",
    name: id,
    ...(environment === undefined ? {} : { environment }),
  };
}

type Facts<R> = Partial<Omit<R, "type" | "urn">>;

export function user(name: string, facts: Facts<IdentityRecord> = {}, home = HOME): IdentityRecord {
  return {
    type: "identity",
    urn: at("user", name, home),
    kind: "user",
    name,
    custody: "self-held",
    createdAt: daysAgo(500),
    ...facts,
  };
}

export function role(name: string, facts: Facts<IdentityRecord> = {}, home = HOME): IdentityRecord {
  return {
    type: "identity",
    urn: at("role", name, home),
    kind: "role",
    name,
    custody: "assumed",
    createdAt: daysAgo(500),
    ...facts,
  };
}

export function credential(
  kind: string,
  id: string,
  identity: Urn,
  facts: Facts<CredentialRecord> = {},
  home = HOME,
): CredentialRecord {
  return {
    type: "credential",
    urn: at(kind, id, home),
    kind,
    identity,
    secrecy: "static-secret",
    name: id,
    enabled: true,
    createdAt: daysAgo(20),
    ...facts,
  };
}

export function key(id: string, owner: string, facts: Facts<CredentialRecord> = {}): CredentialRecord {
  return credential("access-key", id, at("user", owner), facts);
}

export function password(owner: string, facts: Facts<CredentialRecord> = {}): CredentialRecord {
  return credential("password", owner, at("user", owner), facts);
}

export function policy(
  name: string,
  document: PermissionSetRecord["document"],
  facts: Facts<PermissionSetRecord> = {},
): PermissionSetRecord {
  return {
    type: "permission-set",
    urn: at("managed-policy", name),
    kind: "managed-policy",
    name,
    ...(document === undefined ? {} : { document }),
    ...facts,
  };
}

export function grant(principal: Urn, policyName: string, facts: Facts<GrantRecord> = {}): GrantRecord {
  const held = at("managed-policy", policyName);
  return {
    type: "grant",
    urn: at("grant", `${principal.split("/").at(-1) ?? ""}:${policyName}`),
    principal,
    permissionSet: held,
    effect: "allow",
    ...facts,
  };
}

export function member(name: string, group: string): MembershipRecord {
  return {
    type: "membership",
    urn: at("membership", `${name}:${group}`),
    member: at("user", name),
    group: at("group", group),
  };
}

export function owner(subject: Urn, by: string, confidence = 60): OwnerRecord {
  return {
    type: "owner",
    urn: at("owner", `${subject.split("/").at(-1) ?? ""}:${by}`),
    subject,
    owner: by,
    ownerKind: "team",
    source: "tag:team",
    confidence,
  };
}

/** A way into a role: everything about it known, nothing special. */
export function trust(id: string, identity: Urn, facts: Facts<TrustRecord> = {}): TrustRecord {
  return {
    type: "trust",
    urn: at("trust", id),
    identity,
    mechanism: "assume-role",
    effect: "allow",
    party: "account",
    principal: `arn:aws:iam::${HOME}:root`,
    partyScope: accountUrn(HOME),
    partyRelation: "same-scope",
    issuer: null,
    subjects: null,
    audiences: null,
    externalId: false,
    pinned: false,
    conditions: null,
    ...facts,
  };
}

/** Trust in another account. */
export function trustIn(
  other: string,
  id: string,
  identity: Urn,
  relation: TrustRecord["partyRelation"],
  facts: Facts<TrustRecord> = {},
): TrustRecord {
  return trust(id, identity, {
    principal: `arn:aws:iam::${other}:root`,
    partyScope: accountUrn(other),
    ...(relation === undefined ? {} : { partyRelation: relation }),
    ...facts,
  });
}

/** A look at somebody's use, from its creation until now unless it says otherwise. */
export function used(
  subject: Urn,
  lastUsedAt: Instant | null,
  facts: Partial<UsageObservation> = {},
): UsageObservation {
  return {
    type: "usage",
    subject,
    source: "credential-report",
    lastUsedAt,
    observedFrom: null,
    observedThrough: EXAMPLE_NOW,
    ...facts,
  };
}
