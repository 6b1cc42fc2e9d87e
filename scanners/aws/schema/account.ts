import { fields, optionalFlag, optionalInstant, optionalNumber, optionalText, text, texts } from "./fields.ts";

/** The account's rules for passwords, as plain JSON. */
export function passwordPolicy(answer: unknown): Readonly<Record<string, unknown>> | null {
  const policy = fields(fields(answer, "the answer")["PasswordPolicy"], "PasswordPolicy");
  return {
    minimumLength: optionalNumber(policy, "MinimumPasswordLength") ?? null,
    maximumAgeDays: optionalNumber(policy, "MaxPasswordAge") ?? null,
    reusePrevention: optionalNumber(policy, "PasswordReusePrevention") ?? null,
    hardExpiry: optionalFlag(policy, "HardExpiry") ?? null,
    requireSymbols: optionalFlag(policy, "RequireSymbols") ?? null,
    requireNumbers: optionalFlag(policy, "RequireNumbers") ?? null,
    requireUppercase: optionalFlag(policy, "RequireUppercaseCharacters") ?? null,
    requireLowercase: optionalFlag(policy, "RequireLowercaseCharacters") ?? null,
  };
}

export function delegationRequest(raw: unknown) {
  const request = fields(raw, "a delegation request");
  const expiresAt = optionalInstant(request, "ExpirationTime");
  return {
    id: text(request, "DelegationRequestId"),
    state: optionalText(request, "State") ?? null,
    requestor: optionalText(request, "RequestorId") ?? null,
    requestorName: optionalText(request, "RequestorName") ?? null,
    description: optionalText(request, "Description") ?? null,
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
  };
}

/** The issuer under which the account vends tokens; `null`: it does not. */
export function federationIssuer(answer: unknown): string | null {
  const body = fields(answer, "the answer");
  return optionalFlag(body, "JwtVendingEnabled") === false ? null : text(body, "IssuerIdentifier");
}

export function organizationFeatures(answer: unknown): readonly string[] {
  return texts(fields(answer, "the answer"), "EnabledFeatures").toSorted();
}
