import type { GrantRecord, NhiRecord, PermissionSetRecord, Urn } from "rollcall/sdk";
import type { Inline, PolicyDetail } from "../schema/principals.ts";
import { parseDocument } from "./documents.ts";
import { accountUrn, awsManagedPolicyUrn, entityUrn } from "./urns.ts";
import type { Place } from "./urns.ts";

/** Who holds policies: a user, a role or a group. */
export interface PolicyHolder {
  readonly urn: Urn;
  /** Its unique id. */
  readonly id: string;
}

/** Whether a policy belongs to AWS: its ARN has `aws` where the account stands. */
export function isAwsManaged(arn: string): boolean {
  return /^arn:[^:]+:iam::aws:policy\//.test(arn);
}

export function policyUrn(place: Place, policy: Pick<PolicyDetail, "id" | "arn">): Urn {
  return isAwsManaged(policy.arn)
    ? awsManagedPolicyUrn(place.partition, policy.id)
    : entityUrn(place, "managed-policy", policy.id);
}

/** A managed policy with the document of its default version, which is the one that counts. */
export function managedPolicyRecord(place: Place, policy: PolicyDetail): PermissionSetRecord {
  return {
    type: "permission-set",
    urn: policyUrn(place, policy),
    kind: isAwsManaged(policy.arn) ? "aws-managed-policy" : "managed-policy",
    name: policy.name,
    aliases: [policy.arn, policy.id, policy.name],
    document: parseDocument(policy.document),
    createdAt: policy.createdAt,
    updatedAt: policy.updatedAt ?? null,
    attributes: {
      path: policy.path,
      ...(policy.description === undefined ? {} : { description: policy.description }),
      ...(policy.version === undefined ? {} : { defaultVersion: policy.version }),
    },
  };
}

/** A holder's own policies: each a permission set of its own, and the grant that gives it. */
export function inlinePolicyRecords(
  place: Place,
  holder: PolicyHolder,
  policies: readonly Inline[],
): readonly NhiRecord[] {
  return policies.flatMap((policy): readonly NhiRecord[] => {
    const urn = entityUrn(place, "inline-policy", `${holder.id}:${policy.name}`);
    const record: PermissionSetRecord = {
      type: "permission-set",
      urn,
      kind: "inline-policy",
      name: policy.name,
      document: parseDocument(policy.document),
      createdAt: null,
      updatedAt: null,
    };
    return [record, grantRecord(place, holder, urn, `${holder.id}:inline:${policy.name}`)];
  });
}

export function managedGrantRecord(place: Place, holder: PolicyHolder, policy: Urn): GrantRecord {
  const id = policy.slice(policy.lastIndexOf("/") + 1);
  return grantRecord(place, holder, policy, `${holder.id}:${id}`);
}

function grantRecord(place: Place, holder: PolicyHolder, permissionSet: Urn, nativeId: string): GrantRecord {
  return {
    type: "grant",
    urn: entityUrn(place, "grant", nativeId),
    principal: holder.urn,
    permissionSet,
    resource: accountUrn(place.partition, place.account),
    effect: "allow",
    conditions: null,
  };
}
