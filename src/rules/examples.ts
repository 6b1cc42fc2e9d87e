import type { RuleExamples } from "../sdk/index.ts";
import administrator from "./administrator.examples.ts";
import crossAccountTrustWithoutExternalId from "./cross-account-trust-without-external-id.examples.ts";
import crossesProductionBoundary from "./crosses-production-boundary.examples.ts";
import deletedPrincipalResidue from "./deleted-principal-residue.examples.ts";
import disabledButGranted from "./disabled-but-granted.examples.ts";
import expiredCertificateEnabled from "./expired-certificate-enabled.examples.ts";
import longLivedStaticCredential from "./long-lived-static-credential.examples.ts";
import neverUsedCredential from "./never-used-credential.examples.ts";
import noOwner from "./no-owner.examples.ts";
import oidcTrustUnbounded from "./oidc-trust-unbounded.examples.ts";
import rootAccessKey from "./root-access-key.examples.ts";
import serviceUserConsoleWithoutMfa from "./service-user-console-without-mfa.examples.ts";
import sharedPublicKey from "./shared-public-key.examples.ts";
import twoActiveKeys from "./two-active-keys.examples.ts";
import unusedCredential from "./unused-credential.examples.ts";
import unusedIdentity from "./unused-identity.examples.ts";
import wildcardTrust from "./wildcard-trust.examples.ts";

/** The examples of the built-in rules, in the order of the rules. */
export const EXAMPLES: readonly RuleExamples[] = [
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
