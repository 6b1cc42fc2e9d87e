import type { Authorization } from "rollcall/sdk";

/**
 * Every operation that the AWS scanner may send, with the vendor's page. The door, the least-privilege policy and the
 * documentation are generated from the collections' declarations, which name entries of this table only.
 */
const IAM = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_";
const STS = "https://docs.aws.amazon.com/STS/latest/APIReference/API_";
const ORGANIZATIONS = "https://docs.aws.amazon.com/organizations/latest/APIReference/API_";
const ROLES_ANYWHERE = "https://docs.aws.amazon.com/rolesanywhere/latest/APIReference/API_";

const PAGES: Readonly<Record<string, string>> = {
  iam: IAM,
  sts: STS,
  organizations: ORGANIZATIONS,
  rolesanywhere: ROLES_ANYWHERE,
};

export const OPERATIONS = [
  "iam:GenerateCredentialReport",
  "iam:GetAccessKeyLastUsed",
  "iam:GetAccountAuthorizationDetails",
  "iam:GetAccountPasswordPolicy",
  "iam:GetAccountSummary",
  "iam:GetCredentialReport",
  "iam:GetOpenIDConnectProvider",
  "iam:GetOutboundWebIdentityFederationInfo",
  "iam:GetSAMLProvider",
  "iam:GetSSHPublicKey",
  "iam:GetServerCertificate",
  "iam:ListAccessKeys",
  "iam:ListAccountAliases",
  "iam:ListDelegationRequests",
  "iam:ListInstanceProfiles",
  "iam:ListOpenIDConnectProviders",
  "iam:ListOrganizationsFeatures",
  "iam:ListRoles",
  "iam:ListSAMLProviders",
  "iam:ListSSHPublicKeys",
  "iam:ListServerCertificates",
  "iam:ListServiceSpecificCredentials",
  "iam:ListSigningCertificates",
  "iam:ListUsers",
  "iam:ListVirtualMFADevices",
  "organizations:ListAccounts",
  "organizations:ListTagsForResource",
  "rolesanywhere:GetSubject",
  "rolesanywhere:ListCrls",
  "rolesanywhere:ListProfiles",
  "rolesanywhere:ListSubjects",
  "rolesanywhere:ListTrustAnchors",
  "sts:AssumeRole",
  "sts:GetCallerIdentity",
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Those that are not plain reads, and why they are asked all the same. */
const NOT_READS: Partial<Readonly<Record<Operation, string>>> = {
  "iam:GenerateCredentialReport": "makes AWS write the account's credential report; nothing in the account changes",
  "sts:AssumeRole": "issues short-lived credentials for the audit role of another account; they stay in memory",
};

/** Operations that AWS answers to anybody who is signed in. */
const NEEDS_NO_PERMISSION: readonly Operation[] = ["sts:GetCallerIdentity"];

/** Declares operations together with what follows from the table. */
export function authorize(...operations: readonly Operation[]): Authorization {
  const notReads = operations.flatMap((operation) => {
    const reason = NOT_READS[operation];
    return reason === undefined ? [] : [[operation, reason] as const];
  });
  return {
    operations,
    ...(notReads.length === 0 ? {} : { notReads: Object.fromEntries(notReads) }),
    permissions: operations.filter((operation) => !NEEDS_NO_PERMISSION.includes(operation)),
    docs: operations.map(pageOf),
  };
}

/** The vendor's page of one operation. */
export function pageOf(operation: Operation): string {
  const [service = "", name = ""] = operation.split(":");
  return `${PAGES[service] ?? ""}${name}.html`;
}
