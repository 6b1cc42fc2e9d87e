import type { Rule } from "../sdk/index.ts";
import administrator from "./administrator.ts";
import crossAccountTrustWithoutExternalId from "./cross-account-trust-without-external-id.ts";
import crossesProductionBoundary from "./crosses-production-boundary.ts";
import deletedPrincipalResidue from "./deleted-principal-residue.ts";
import disabledButGranted from "./disabled-but-granted.ts";
import expiredCertificateEnabled from "./expired-certificate-enabled.ts";
import longLivedStaticCredential from "./long-lived-static-credential.ts";
import neverUsedCredential from "./never-used-credential.ts";
import noOwner from "./no-owner.ts";
import oidcTrustUnbounded from "./oidc-trust-unbounded.ts";
import rootAccessKey from "./root-access-key.ts";
import serviceUserConsoleWithoutMfa from "./service-user-console-without-mfa.ts";
import sharedPublicKey from "./shared-public-key.ts";
import twoActiveKeys from "./two-active-keys.ts";
import unusedCredential from "./unused-credential.ts";
import unusedIdentity from "./unused-identity.ts";
import wildcardTrust from "./wildcard-trust.ts";

/** The built-in rules, in the order in which pages list them. */
export const RULES: readonly Rule[] = [
  unusedIdentity,
  unusedCredential,
  neverUsedCredential,
  disabledButGranted,
  longLivedStaticCredential,
  twoActiveKeys,
  serviceUserConsoleWithoutMfa,
  administrator,
  wildcardTrust,
  crossAccountTrustWithoutExternalId,
  oidcTrustUnbounded,
  deletedPrincipalResidue,
  sharedPublicKey,
  expiredCertificateEnabled,
  crossesProductionBoundary,
  noOwner,
  rootAccessKey,
];
