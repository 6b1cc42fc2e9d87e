import { defineScanner } from "rollcall/sdk";
import type { AwsCollection } from "./collection.ts";
import { accessKeys } from "./collections/access-keys.ts";
import { account } from "./collections/account.ts";
import { authorizationDetails } from "./collections/authorization-details.ts";
import { credentialReportCollection } from "./collections/credential-report.ts";
import { oidcProviders, samlProviders } from "./collections/identity-providers.ts";
import { instanceProfiles } from "./collections/instance-profiles.ts";
import { roles } from "./collections/roles.ts";
import { rolesAnywhere } from "./collections/roles-anywhere.ts";
import { serverCertificates } from "./collections/server-certificates.ts";
import { serviceSpecificCredentials } from "./collections/service-specific-credentials.ts";
import { signingCertificates } from "./collections/signing-certificates.ts";
import { sshKeys } from "./collections/ssh-keys.ts";
import { users } from "./collections/users.ts";
import { virtualMfaDevices } from "./collections/virtual-mfa-devices.ts";
import { awsConfig } from "./config.ts";
import type { AwsConfig } from "./config.ts";
import { diagnoseAws } from "./diagnose.ts";
import { openSession } from "./open.ts";
import { authorize } from "./operations.ts";
import { awsPolicy } from "./policy.ts";
import { awsScopes, rootScope } from "./scopes.ts";
import type { AwsSession } from "./session.ts";
import { suggestAws } from "./suggest.ts";
import { awsWire } from "./wire.ts";

const REQUIRES = authorize(
  "sts:GetCallerIdentity",
  "sts:AssumeRole",
  "organizations:ListAccounts",
  "organizations:ListTagsForResource",
);

/** In order of precedence: the report knows what nobody else does, the bulk call knows nearly everything else. */
const COLLECTIONS: readonly AwsCollection[] = [
  credentialReportCollection,
  authorizationDetails,
  users,
  roles,
  accessKeys,
  serviceSpecificCredentials,
  signingCertificates,
  sshKeys,
  serverCertificates,
  instanceProfiles,
  oidcProviders,
  samlProviders,
  virtualMfaDevices,
  account,
  rolesAnywhere,
];

/**
 * Amazon Web Services: the identities of IAM in one account or a whole organization, with their credentials, policies,
 * trust and use.
 */
const aws = defineScanner<AwsConfig, AwsSession>({
  apiVersion: 1,
  id: "aws",
  title: "Amazon Web Services",
  config: awsConfig,
  wire: (config) => awsWire(config),
  requires: REQUIRES,
  root: rootScope,
  open: (config, context) => openSession(config, context),
  scopes: awsScopes,
  collections: COLLECTIONS,
  policy: awsPolicy,
  diagnose: (config, context) =>
    diagnoseAws(config, context, [
      { requires: REQUIRES },
      ...COLLECTIONS.map(({ id, requires, optIn }) => ({ requires, ...(optIn === undefined ? {} : { deep: id }) })),
    ]),
  suggest: suggestAws,
});

export default aws;
