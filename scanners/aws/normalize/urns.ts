import { urn } from "rollcall/sdk";
import type { Urn } from "rollcall/sdk";

/** An account in its partition: the space in which IAM's unique ids are unique. */
export interface Place {
  readonly partition: string;
  readonly account: string;
}

export type EntityKind =
  | "user"
  | "role"
  | "root"
  | "group"
  | "access-key"
  | "password"
  | "root-access-key"
  | "signing-certificate"
  | "ssh-public-key"
  | "service-specific-credential"
  | "server-certificate"
  | "managed-policy"
  | "inline-policy"
  | "oidc-provider"
  | "saml-provider"
  | "instance-profile"
  | "roles-anywhere-trust-anchor"
  | "roles-anywhere-crl"
  | "roles-anywhere-profile"
  | "roles-anywhere-subject"
  | "membership"
  | "grant"
  | "trust"
  | "owner";

export function entityUrn(place: Place, kind: EntityKind, nativeId: string): Urn {
  return urn({ provider: "aws", namespace: `${place.partition}:${place.account}`, kind, nativeId });
}

/** AWS's own policies have one id in the whole partition. */
export function awsManagedPolicyUrn(partition: string, policyId: string): Urn {
  return urn({ provider: "aws", namespace: partition, kind: "aws-managed-policy", nativeId: policyId });
}

export function accountUrn(partition: string, account: string): Urn {
  return urn({ provider: "aws", namespace: partition, kind: "account", nativeId: account });
}

export function organizationUrn(partition: string, organization: string): Urn {
  return urn({ provider: "aws", namespace: partition, kind: "organization", nativeId: organization });
}

export function organizationalUnitUrn(partition: string, unit: string): Urn {
  return urn({ provider: "aws", namespace: partition, kind: "organizational-unit", nativeId: unit });
}

export interface Arn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly resource: string;
}

export function parseArn(text: string): Arn | undefined {
  const match = /^arn:([^:]+):([^:]*):([^:]*):([^:]*):(.+)$/s.exec(text);
  if (match === null) return undefined;
  const [, partition = "", service = "", region = "", account = "", resource = ""] = match;
  return { partition, service, region, account, resource };
}

/**
 * Under which names an entity is known: its ARN, its id and its name; and its ARN without the path, because names are
 * unique in the account whatever the path, and some answers have only the name.
 */
export function entityAliases(
  place: Place,
  entity: {
    readonly kind: "user" | "role" | "group" | "policy";
    readonly arn: string;
    readonly id: string;
    readonly name: string;
  },
): readonly string[] {
  return [...new Set([entity.arn, pathlessArn(place, entity.kind, entity.name), entity.id, entity.name])];
}

export function pathlessArn(place: Place, kind: "user" | "role" | "group" | "policy", name: string): string {
  return `arn:${place.partition}:iam::${place.account}:${kind}/${name}`;
}
