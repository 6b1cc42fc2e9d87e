import type { WireError } from "rollcall/sdk";

/**
 * AWS's error codes by what they mean for a caller
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and each operation's page).
 */
const CODES: Readonly<Record<WireError["kind"], readonly string[]>> = {
  denied: [
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "AuthorizationError",
    "NotAuthorized",
    "UnauthorizedException",
    "OptInRequired",
  ],
  auth: [
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "InvalidToken",
    "InvalidIdentityToken",
  ],
  expired: [
    "ExpiredToken",
    "ExpiredTokenException",
    "TokenRefreshRequired",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "RequestInTheFuture",
  ],
  throttled: [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "BandwidthLimitExceeded",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
    "SlowDown",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
  ],
  "not-found": [
    "NoSuchEntity",
    "ResourceNotFoundException",
    "AccountNotFoundException",
    "TargetNotFoundException",
    "ReportNotPresent",
    "CredentialReportNotPresentException",
  ],
  invalid: [
    "ValidationError",
    "ValidationException",
    "InvalidInput",
    "InvalidInputException",
    "InvalidAction",
    "InvalidParameterValue",
    "InvalidParameterCombination",
    "InvalidQueryParameter",
    "MalformedQueryString",
    "MissingAction",
    "MissingParameter",
    "UnknownOperationException",
    "NotImplemented",
    "ServiceNotSupported",
    "ServiceNotSupportedException",
    "UnsupportedOperation",
    "AWSOrganizationsNotInUseException",
    "SerializationException",
  ],
  unavailable: [
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "InternalFailure",
    "InternalError",
    "InternalServerError",
    "InternalServerException",
    "ServiceFailure",
    "ServiceFailureException",
    "ServiceException",
  ],
  other: [],
};

const KINDS = new Map(
  Object.entries(CODES).flatMap(([kind, codes]) => codes.map((code) => [code, kind as WireError["kind"]] as const)),
);

/** AWS says with one code both "wrong key" and "your clock is wrong"; the second is mended by the provider's own date. */
const SKEW = /Signature (?:expired|not yet current)/i;

export function kindOfCode(code: string, status: number, body: string): WireError["kind"] {
  const kind = KINDS.get(code) ?? KINDS.get(code.replace(/Exception$/, ""));
  if (kind === "auth" && SKEW.test(body)) return "expired";
  if (kind !== undefined) return kind;
  if (/throttl/i.test(code) || status === 429) return "throttled";
  if (/NotFound/i.test(code)) return "not-found";
  if (/AccessDenied|NotAuthorized/i.test(code) || status === 403) return "denied";
  if (status === 501) return "invalid";
  return status >= 500 ? "unavailable" : "other";
}

/** Credentials that were good and are not any more: worth one renewal. */
export function isExpiredToken(code: string | undefined): boolean {
  return code === "ExpiredToken" || code === "ExpiredTokenException" || code === "TokenRefreshRequired";
}
