import type { Known } from "rollcall/sdk";
import { formatInstant } from "rollcall/sdk";
import {
  active,
  fields,
  instant,
  optionalFlag,
  optionalInstant,
  optionalNumber,
  optionalList,
  optionalText,
  tags,
  text,
  texts,
} from "./fields.ts";
import type { Fields } from "./fields.ts";

export interface Inline {
  readonly name: string;
  readonly document: string | undefined;
}

export interface Holder {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly path: string;
  readonly createdAt: number;
  readonly inline: readonly Inline[];
  /** ARNs. */
  readonly attached: readonly string[];
}

export interface UserDetail extends Holder {
  readonly groups: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly boundary: string | undefined;
}

export interface RoleDetail extends Holder {
  readonly tags: Readonly<Record<string, string>>;
  readonly boundary: string | undefined;
  readonly trust: string | undefined;
  readonly profiles: readonly ProfileDetail[];
  /** `undefined`: AWS did not say; `null`: no use in the window that it keeps. */
  readonly lastUsed: { readonly at: number; readonly region: string | undefined } | null | undefined;
}

export type GroupDetail = Holder;

export interface PolicyDetail {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly path: string;
  readonly description: string | undefined;
  readonly createdAt: number;
  readonly updatedAt: number | undefined;
  readonly attachments: number | undefined;
  /** The text of the default version, if AWS sent it. */
  readonly document: string | undefined;
  readonly version: string | undefined;
}

export interface ProfileDetail {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly path: string;
  readonly createdAt: number;
  readonly roles: readonly { readonly id: string; readonly arn: string }[];
}

export function userDetail(raw: unknown): UserDetail {
  const item = fields(raw, "a user");
  return { ...holder(item, "User"), groups: texts(item, "GroupList"), tags: tags(item), boundary: boundaryOf(item) };
}

export function groupDetail(raw: unknown): GroupDetail {
  return holder(fields(raw, "a group"), "Group");
}

export function roleDetail(raw: unknown): RoleDetail {
  const item = fields(raw, "a role");
  return {
    ...holder(item, "Role"),
    tags: tags(item),
    boundary: boundaryOf(item),
    trust: optionalText(item, "AssumeRolePolicyDocument"),
    profiles: optionalList(item, "InstanceProfileList").map(profileDetail),
    lastUsed: lastUsedOf(item["RoleLastUsed"]),
  };
}

function lastUsedOf(raw: unknown): RoleDetail["lastUsed"] {
  if (raw === undefined || raw === null) return undefined;
  // An element without content reaches us as an empty text.
  if (raw === "") return null;
  const item = fields(raw, "RoleLastUsed");
  const at = optionalInstant(item, "LastUsedDate");
  return at === undefined ? null : { at, region: optionalText(item, "Region") };
}

export function policyDetail(raw: unknown): PolicyDetail {
  const item = fields(raw, "a policy");
  const versions = optionalList(item, "PolicyVersionList").map((version) => fields(version, "a policy version"));
  const standing = versions.find((version) => optionalFlag(version, "IsDefaultVersion") === true);
  const arn = text(item, "Arn");
  const name = optionalText(item, "PolicyName") ?? arn.slice(arn.lastIndexOf("/") + 1);
  const createdAt = instant(item, "CreateDate");
  return {
    // A server that is not AWS may leave the id out; the name and the date of birth are then what is never used again.
    id: optionalText(item, "PolicyId") ?? `${name}@${formatInstant(createdAt)}`,
    name,
    arn,
    path: optionalText(item, "Path") ?? "/",
    description: optionalText(item, "Description"),
    createdAt,
    updatedAt: optionalInstant(item, "UpdateDate"),
    attachments: optionalNumber(item, "AttachmentCount"),
    document: standing === undefined ? undefined : optionalText(standing, "Document"),
    version: optionalText(item, "DefaultVersionId"),
  };
}

export function profileDetail(raw: unknown): ProfileDetail {
  const item = fields(raw, "an instance profile");
  return {
    id: text(item, "InstanceProfileId"),
    name: text(item, "InstanceProfileName"),
    arn: text(item, "Arn"),
    path: optionalText(item, "Path") ?? "/",
    createdAt: instant(item, "CreateDate"),
    roles: optionalList(item, "Roles").map((role) => {
      const inside = fields(role, "a role");
      return { id: text(inside, "RoleId"), arn: text(inside, "Arn") };
    }),
  };
}

function holder(item: Fields, kind: "User" | "Role" | "Group"): Holder {
  return {
    id: text(item, `${kind}Id`),
    name: text(item, `${kind}Name`),
    arn: text(item, "Arn"),
    path: optionalText(item, "Path") ?? "/",
    createdAt: instant(item, "CreateDate"),
    inline: optionalList(item, `${kind}PolicyList`).map((policy) => {
      const inside = fields(policy, "an inline policy");
      return { name: text(inside, "PolicyName"), document: optionalText(inside, "PolicyDocument") };
    }),
    attached: optionalList(item, "AttachedManagedPolicies").map((policy) =>
      text(fields(policy, "an attached policy"), "PolicyArn"),
    ),
  };
}

function boundaryOf(item: Fields): string | undefined {
  const boundary = item["PermissionsBoundary"];
  return boundary === undefined || boundary === null
    ? undefined
    : text(fields(boundary, "PermissionsBoundary"), "PermissionsBoundaryArn");
}

/** What ListUsers and ListRoles say. */
export interface ListedUser {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly path: string;
  readonly createdAt: number;
  readonly passwordLastUsedAt: number | undefined;
}

export function listedUser(raw: unknown): ListedUser {
  const item = fields(raw, "a user");
  return {
    id: text(item, "UserId"),
    name: text(item, "UserName"),
    arn: text(item, "Arn"),
    path: optionalText(item, "Path") ?? "/",
    createdAt: instant(item, "CreateDate"),
    passwordLastUsedAt: optionalInstant(item, "PasswordLastUsed"),
  };
}

export interface ListedRole {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly path: string;
  readonly createdAt: number;
  readonly description: string | undefined;
  readonly maxSessionSeconds: number | undefined;
}

export function listedRole(raw: unknown): ListedRole {
  const item = fields(raw, "a role");
  return {
    id: text(item, "RoleId"),
    name: text(item, "RoleName"),
    arn: text(item, "Arn"),
    path: optionalText(item, "Path") ?? "/",
    createdAt: instant(item, "CreateDate"),
    description: optionalText(item, "Description"),
    maxSessionSeconds: optionalNumber(item, "MaxSessionDuration"),
  };
}

export interface ListedKey {
  readonly id: string;
  readonly active: Known<boolean>;
  readonly createdAt: number;
}

export function listedKey(raw: unknown): ListedKey {
  const item = fields(raw, "an access key");
  // `Expired` exists for keys of root users that AWS itself switched off.
  const status = text(item, "Status");
  return {
    id: text(item, "AccessKeyId"),
    active: status === "Expired" ? false : active(item),
    createdAt: instant(item, "CreateDate"),
  };
}
