import { isUnknown, unknown } from "rollcall/sdk";
import type {
  GroupRecord,
  IdentityRecord,
  Known,
  MembershipRecord,
  NhiRecord,
  TrustRecord,
  Urn,
  UsageObservation,
} from "rollcall/sdk";
import type { AwsConfig } from "../config.ts";
import type { GroupDetail, ProfileDetail, RoleDetail, UserDetail } from "../schema/principals.ts";
import { parseDocument } from "./documents.ts";
import { identityEnvironment } from "./environment.ts";
import { configuredNature, roleCare, roleCustody, roleNature } from "./nature.ts";
import { tagOwners } from "./owners.ts";
import { inlinePolicyRecords, managedGrantRecord } from "./policies.ts";
import { ROLE_WINDOW } from "./tracking.ts";
import { trustRecords } from "./trust.ts";
import type { RelationOf } from "./trust.ts";
import { accountUrn, entityAliases, entityUrn } from "./urns.ts";
import type { Place } from "./urns.ts";

/** What turning one entity into records needs to know beside the entity. */
export interface Setting {
  readonly place: Place;
  readonly config: AwsConfig;
  /** The account's environment, where it is known. */
  readonly environment: string | undefined;
  readonly relationOf: RelationOf;
  /** Up to when AWS's last-used dates reach. */
  readonly lookedUntil: number;
  /** A managed policy's URN by its ARN; `undefined` for one that no listing showed. */
  readonly policyOf: (arn: string) => Urn | undefined;
  /** A group's URN by its name. */
  readonly groupOf: (name: string) => Urn | undefined;
}

/** Records, and in words what of the entity could not be read or followed. */
export interface Normalized {
  readonly records: readonly (NhiRecord | UsageObservation)[];
  readonly unread: readonly string[];
  /** Names of groups and policies that the listing did not have. */
  readonly dangling: readonly string[];
}

export function groupRecords(setting: Setting, group: GroupDetail): Normalized {
  const urn = entityUrn(setting.place, "group", group.id);
  const record: GroupRecord = {
    type: "group",
    urn,
    kind: "group",
    name: group.name,
    aliases: entityAliases(setting.place, { kind: "group", ...group }),
    createdAt: group.createdAt,
    attributes: { path: group.path },
  };
  const policies = policiesOf(setting, { urn, id: group.id }, group);
  return { records: [record, ...policies.records], unread: policies.unread, dangling: policies.dangling };
}

export function userRecords(setting: Setting, user: UserDetail): Normalized {
  const { place, config } = setting;
  const urn = entityUrn(place, "user", user.id);
  const boundary = boundaryOf(setting, user.boundary);
  const record: IdentityRecord = {
    type: "identity",
    urn,
    kind: "user",
    name: user.name,
    aliases: entityAliases(place, { kind: "user", ...user }),
    tags: user.tags,
    ...configuredNature(config.natures, user),
    custody: "self-held",
    // IAM has no switch for a user; what can be switched off are its credentials.
    enabled: true,
    createdAt: user.createdAt,
    path: user.path,
    description: null,
    boundary: boundary.urn,
    ...environmentOf(setting, user.tags),
  };
  const memberships = membershipsOf(setting, urn, user);
  const policies = policiesOf(setting, { urn, id: user.id }, user);
  return {
    records: [
      record,
      ...memberships.records,
      ...policies.records,
      ...tagOwners(place, { urn, nativeId: user.id, tags: user.tags }, config.owners.tags),
    ],
    unread: policies.unread,
    dangling: [...memberships.dangling, ...policies.dangling, ...boundary.dangling],
  };
}

export function roleRecords(setting: Setting, role: RoleDetail): Normalized {
  const { place, config } = setting;
  const urn = entityUrn(place, "role", role.id);
  const trust = trustOf(setting, role);
  const care = roleCare(role.path);
  const boundary = boundaryOf(setting, role.boundary);
  const record: IdentityRecord = {
    type: "identity",
    urn,
    kind: "role",
    name: role.name,
    aliases: entityAliases(place, { kind: "role", ...role }),
    tags: role.tags,
    ...roleNature(config.natures, role, trust.records),
    custody: roleCustody(care),
    enabled: true,
    createdAt: role.createdAt,
    path: role.path,
    // A role is assumed, never signed in to.
    mfaEnabled: null,
    boundary: boundary.urn,
    ...environmentOf(setting, role.tags),
    attributes: { managedBy: care },
  };
  const policies = policiesOf(setting, { urn, id: role.id }, role);
  return {
    records: [
      record,
      ...trust.records,
      ...role.profiles.map((profile) => attachment(place, urn, role.id, profile)),
      ...policies.records,
      ...tagOwners(place, { urn, nativeId: role.id, tags: role.tags }, config.owners.tags),
      ...lastUse(setting, urn, role),
    ],
    unread: [...trust.unread, ...policies.unread],
    dangling: [...policies.dangling, ...boundary.dangling],
  };
}

function environmentOf(setting: Setting, tags: Readonly<Record<string, string>>): { readonly environment?: string } {
  const environment = identityEnvironment(setting.config.production, tags, setting.environment);
  return environment === undefined ? {} : { environment };
}

function trustOf(
  setting: Setting,
  role: RoleDetail,
): { readonly records: readonly TrustRecord[]; readonly unread: readonly string[] } {
  const document = parseDocument(role.trust);
  if (document === null || isUnknown(document))
    return { records: [], unread: ["the trust policy could not be parsed"] };
  return trustRecords({ place: setting.place, roleId: role.id, document, relationOf: setting.relationOf });
}

/** An instance profile hands a role to the machines that it is put on. */
function attachment(place: Place, role: Urn, roleId: string, profile: Pick<ProfileDetail, "id" | "arn">): TrustRecord {
  return {
    type: "trust",
    urn: entityUrn(place, "trust", `${roleId}:${profile.id}`),
    identity: role,
    mechanism: "attached-to",
    effect: "allow",
    party: "workload",
    principal: profile.arn,
    partyScope: accountUrn(place.partition, place.account),
    partyRelation: "same-scope",
    issuer: null,
    subjects: null,
    audiences: null,
    externalId: null,
    pinned: true,
    conditions: null,
  };
}

function lastUse(setting: Setting, urn: Urn, role: RoleDetail): readonly UsageObservation[] {
  if (role.lastUsed === undefined) return [];
  const { lastUsed } = role;
  const began = setting.lookedUntil - ROLE_WINDOW;
  return [
    {
      type: "usage",
      subject: urn,
      source: "role-last-used",
      lastUsedAt: lastUsed === null ? null : lastUsed.at,
      ...(lastUsed?.region === undefined ? {} : { where: lastUsed.region }),
      observedFrom: role.createdAt >= began ? null : began,
      observedThrough: setting.lookedUntil,
    },
  ];
}

function membershipsOf(
  setting: Setting,
  member: Urn,
  user: UserDetail,
): { readonly records: readonly MembershipRecord[]; readonly dangling: readonly string[] } {
  const records: MembershipRecord[] = [];
  const dangling: string[] = [];
  for (const name of user.groups) {
    const group = setting.groupOf(name);
    if (group === undefined) dangling.push(`group ${name}`);
    else
      records.push({
        type: "membership",
        urn: entityUrn(setting.place, "membership", `${group.slice(group.lastIndexOf("/") + 1)}:${user.id}`),
        member,
        group,
      });
  }
  return { records, dangling };
}

function policiesOf(
  setting: Setting,
  holder: { readonly urn: Urn; readonly id: string },
  detail: Pick<UserDetail, "inline" | "attached">,
): Normalized {
  const inline = inlinePolicyRecords(setting.place, holder, detail.inline);
  const unread = inline.flatMap((record) =>
    record.type === "permission-set" && isUnknown(record.document) ? [record.document.unknown] : [],
  );
  const records: NhiRecord[] = [...inline];
  const dangling: string[] = [];
  for (const arn of detail.attached) {
    const policy = setting.policyOf(arn);
    if (policy === undefined) dangling.push(`policy ${arn}`);
    else records.push(managedGrantRecord(setting.place, holder, policy));
  }
  return { records, unread, dangling };
}

function boundaryOf(
  setting: Setting,
  arn: string | undefined,
): { readonly urn: Known<Urn>; readonly dangling: readonly string[] } {
  if (arn === undefined) return { urn: null, dangling: [] };
  const urn = setting.policyOf(arn);
  if (urn !== undefined) return { urn, dangling: [] };
  return { urn: unknown("the boundary's policy was not among the account's policies"), dangling: [`boundary ${arn}`] };
}
