import { isProviderError } from "rollcall/sdk";
import type { Api } from "./api.ts";
import type { Operation } from "./operations.ts";
import { fields, list, optionalText } from "./schema/fields.ts";

/** What a probe may need to know. */
export interface Probing {
  readonly api: Api;
  readonly partition: string;
  readonly region: string;
  /** A user of the account, and one of its access keys, if there are any. */
  readonly user: string | undefined;
  readonly key: string | undefined;
}

/**
 * The smallest call that shows whether an operation is permitted; `regional` ones are made in each region. A text: why
 * there is none, or why none is needed here.
 */
export interface Probe {
  readonly regional?: true;
  readonly call: (probing: Probing) => (() => Promise<unknown>) | string;
}

const anything = (answer: unknown) => fields(answer, "the answer");
/** A name that nothing has: AWS looks at the permission first, and only then for the thing. */
const NOTHING = "rollcall-doctor-asks-for-nothing";
const NO_SUBJECT = "00000000-0000-4000-8000-000000000000";

const withUser = (ask: (probing: Probing, user: string) => Promise<unknown>): Probe => ({
  call: (probing) => {
    const { user } = probing;
    return user === undefined ? "there is no user to try it on" : () => ask(probing, user);
  },
});
const plain = (ask: (probing: Probing) => Promise<unknown>): Probe => ({ call: (probing) => () => ask(probing) });
const regional = (ask: (probing: Probing) => Promise<unknown>): Probe => ({ ...plain(ask), regional: true });
const listed = (
  operation:
    | "rolesanywhere:ListTrustAnchors"
    | "rolesanywhere:ListProfiles"
    | "rolesanywhere:ListSubjects"
    | "rolesanywhere:ListCrls",
) => regional(({ api, region }) => api.get(operation, { region, query: { pageSize: "1" } }, anything));

/** One for every operation that is asked inside an account. Those of signing in and of the organization are not here. */
export const PROBES: Readonly<Record<Exclude<Operation, `sts:${string}` | `organizations:${string}`>, Probe>> = {
  // AWS writes a report, as in every scan; nothing in the account changes.
  "iam:GenerateCredentialReport": plain(({ api }) => api.call("iam:GenerateCredentialReport", {}, anything)),
  "iam:GetAccessKeyLastUsed": {
    call: ({ api, key }) =>
      key === undefined
        ? "there is no access key at hand to try it on"
        : () => api.call("iam:GetAccessKeyLastUsed", { AccessKeyId: key }, anything),
  },
  "iam:GetAccountAuthorizationDetails": plain(({ api }) =>
    api.call("iam:GetAccountAuthorizationDetails", { MaxItems: 1 }, anything),
  ),
  "iam:GetAccountPasswordPolicy": plain(({ api }) => api.call("iam:GetAccountPasswordPolicy", {}, anything)),
  "iam:GetAccountSummary": plain(({ api }) => api.call("iam:GetAccountSummary", {}, anything)),
  "iam:GetCredentialReport": plain(({ api }) => api.call("iam:GetCredentialReport", {}, anything)),
  "iam:GetOpenIDConnectProvider": plain(({ api, partition }) =>
    api.call(
      "iam:GetOpenIDConnectProvider",
      { OpenIDConnectProviderArn: `arn:${partition}:iam::${api.account}:oidc-provider/${NOTHING}.invalid` },
      anything,
    ),
  ),
  "iam:GetOutboundWebIdentityFederationInfo": plain(({ api }) =>
    api.call("iam:GetOutboundWebIdentityFederationInfo", {}, anything),
  ),
  "iam:GetSAMLProvider": plain(({ api, partition }) =>
    api.call(
      "iam:GetSAMLProvider",
      { SAMLProviderArn: `arn:${partition}:iam::${api.account}:saml-provider/${NOTHING}` },
      anything,
    ),
  ),
  "iam:GetSSHPublicKey": withUser(({ api }, user) =>
    api.call(
      "iam:GetSSHPublicKey",
      { UserName: user, SSHPublicKeyId: "APKA0000000000000000", Encoding: "SSH" },
      anything,
    ),
  ),
  "iam:GetServerCertificate": plain(({ api }) =>
    api.call("iam:GetServerCertificate", { ServerCertificateName: NOTHING }, anything),
  ),
  "iam:ListAccessKeys": withUser(({ api }, user) =>
    api.call("iam:ListAccessKeys", { UserName: user, MaxItems: 1 }, anything),
  ),
  "iam:ListAccountAliases": plain(({ api }) => api.call("iam:ListAccountAliases", { MaxItems: 1 }, anything)),
  "iam:ListDelegationRequests": plain(({ api }) => api.call("iam:ListDelegationRequests", {}, anything)),
  "iam:ListInstanceProfiles": plain(({ api }) => api.call("iam:ListInstanceProfiles", { MaxItems: 1 }, anything)),
  "iam:ListOpenIDConnectProviders": plain(({ api }) => api.call("iam:ListOpenIDConnectProviders", {}, anything)),
  "iam:ListOrganizationsFeatures": plain(({ api }) => api.call("iam:ListOrganizationsFeatures", {}, anything)),
  "iam:ListRoles": plain(({ api }) => api.call("iam:ListRoles", { MaxItems: 1 }, anything)),
  "iam:ListSAMLProviders": plain(({ api }) => api.call("iam:ListSAMLProviders", {}, anything)),
  "iam:ListSSHPublicKeys": withUser(({ api }, user) =>
    api.call("iam:ListSSHPublicKeys", { UserName: user, MaxItems: 1 }, anything),
  ),
  "iam:ListServerCertificates": plain(({ api }) => api.call("iam:ListServerCertificates", { MaxItems: 1 }, anything)),
  "iam:ListServiceSpecificCredentials": plain(({ api }) =>
    api.call("iam:ListServiceSpecificCredentials", { AllUsers: true, MaxItems: 1 }, anything),
  ),
  "iam:ListSigningCertificates": withUser(({ api }, user) =>
    api.call("iam:ListSigningCertificates", { UserName: user, MaxItems: 1 }, anything),
  ),
  "iam:ListUsers": plain(({ api }) => api.call("iam:ListUsers", { MaxItems: 1 }, anything)),
  "iam:ListVirtualMFADevices": plain(({ api }) => api.call("iam:ListVirtualMFADevices", { MaxItems: 1 }, anything)),
  "rolesanywhere:GetSubject": regional(({ api, region }) =>
    api.get("rolesanywhere:GetSubject", { region, id: NO_SUBJECT }, anything),
  ),
  "rolesanywhere:ListCrls": listed("rolesanywhere:ListCrls"),
  "rolesanywhere:ListProfiles": listed("rolesanywhere:ListProfiles"),
  "rolesanywhere:ListSubjects": listed("rolesanywhere:ListSubjects"),
  "rolesanywhere:ListTrustAnchors": listed("rolesanywhere:ListTrustAnchors"),
};

/** AWS's ways to say that there is nothing, which it says only to those who may ask. */
const PERMITTED: ReadonlySet<string | undefined> = new Set([
  "NoSuchEntity",
  "NoSuchEntityException",
  "ResourceNotFoundException",
  "ReportNotPresent",
  "ReportExpired",
  "ReportInProgress",
  "FeatureDisabled",
  "FeatureDisabledException",
]);

export function isPermitted(error: unknown): boolean {
  return isProviderError(error) && PERMITTED.has(error.details.code);
}

/** AWS's ways to say that it answers somewhere else only. */
const ELSEWHERE: ReadonlySet<string | undefined> = new Set([
  "AccountNotManagementOrDelegatedAdministratorException",
  "AccountNotManagementOrDelegatedAdministrator",
  "OrganizationNotFoundException",
  "ServiceAccessNotEnabledException",
]);

export function isElsewhere(error: unknown): boolean {
  return isProviderError(error) && ELSEWHERE.has(error.details.code);
}

/** How many users are asked for a key, before there is none to be had. */
const TRIES = 10;

/** A user to try things on, and a key of it. Whether these two lists are permitted is said elsewhere. */
export async function subjects(api: Api): Promise<Pick<Probing, "user" | "key">> {
  const users = await named(() =>
    api.call("iam:ListUsers", { MaxItems: TRIES }, (answer) => texts(answer, "Users", "UserName")),
  );
  for (const user of users) {
    const keys = await named(() =>
      api.call("iam:ListAccessKeys", { UserName: user, MaxItems: 1 }, (answer) =>
        texts(answer, "AccessKeyMetadata", "AccessKeyId"),
      ),
    );
    if (keys[0] !== undefined) return { user, key: keys[0] };
  }
  return { user: users[0], key: undefined };
}

async function named(ask: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await ask();
  } catch (error) {
    if (isProviderError(error)) return [];
    throw error;
  }
}

function texts(answer: unknown, name: string, field: string): readonly string[] {
  return list(fields(answer, "the answer"), name).flatMap((item) => optionalText(fields(item, name), field) ?? []);
}
