import { isProviderError, isUserError } from "rollcall/sdk";
import type { Diagnosis, OpenContext } from "rollcall/sdk";
import type { Api } from "./api.ts";
import type { AwsConfig } from "./config.ts";
import { openSession } from "./open.ts";
import type { Operation } from "./operations.ts";
import type { AwsSession } from "./session.ts";
import { Malformed, fields, list, optionalText } from "./schema/fields.ts";
import { regionsOf } from "./wire.ts";

/** AWS refuses signatures that are five minutes off. */
const SKEW_LIMIT = 240_000;

/** Who are we, is it whom the configuration names, what may we read, and does the clock agree. Nothing is changed. */
export async function* diagnoseAws(config: AwsConfig, context: OpenContext): AsyncGenerator<Diagnosis, void, void> {
  let session: AwsSession;
  try {
    session = await openSession(config, context);
  } catch (error) {
    yield signInProblem(error);
    return;
  }
  const { caller } = session;
  yield { check: "sign-in", status: "ok", message: `${caller.arn} in the account ${caller.account}` };
  if (config.account !== undefined)
    yield { check: "account", status: "ok", message: `the credentials belong to ${config.account}, as configured` };
  yield clock(session);
  if (config.organization !== undefined) yield* organization(session, context);
  yield* permissions(session, session.api(caller.account, context.door));
}

function signInProblem(error: unknown): Diagnosis {
  if (!isProviderError(error) && !isUserError(error)) throw error;
  const next = isUserError(error) ? error.next : error.details.remedy;
  const unreachable = isProviderError(error) && (error.class === "network" || error.class === "timeout");
  return {
    check: unreachable ? "reachability" : "sign-in",
    status: "problem",
    message: error.message,
    next:
      next ??
      (unreachable
        ? "check the network, the proxy settings and the endpoint"
        : "rollcall init shows the profiles of this machine"),
  };
}

function clock({ clock: { skew } }: AwsSession): Diagnosis {
  if (skew === undefined) return { check: "clock", status: "unknown", message: "AWS did not say what time it is" };
  const seconds = Math.round(Math.abs(skew) / 1000);
  const direction = skew > 0 ? "behind" : "ahead of";
  if (Math.abs(skew) < SKEW_LIMIT)
    return {
      check: "clock",
      status: "ok",
      message: `this machine's clock agrees with AWS's within ${Math.max(1, seconds)} s`,
    };
  return {
    check: "clock",
    status: "problem",
    message: `this machine's clock is ${seconds} s ${direction} AWS's`,
    next: "set the clock: AWS refuses requests that are five minutes off",
  };
}

async function* organization(session: AwsSession, { door }: OpenContext): AsyncGenerator<Diagnosis, void, void> {
  const management = session.config.organization?.managementAccount ?? session.caller.account;
  const probes: readonly (readonly [Operation, () => Promise<unknown>])[] = [
    [
      "organizations:ListAccounts",
      () =>
        session
          .api(management, door)
          .call("organizations:ListAccounts", { MaxResults: 1 }, (answer) =>
            list(fields(answer, "the answer"), "Accounts"),
          ),
    ],
  ];
  for (const [operation, probe] of probes) yield* examine(session.api(management, door), operation, probe);
}

/** One small call per declared permission that can be asked without side effects. */
async function* permissions(session: AwsSession, api: Api): AsyncGenerator<Diagnosis, void, void> {
  const anything = (answer: unknown) => fields(answer, "the answer");
  const user = await firstUser(api);
  const probes: readonly (readonly [Operation, (() => Promise<unknown>) | undefined])[] = [
    [
      "iam:GetAccountAuthorizationDetails",
      () => api.call("iam:GetAccountAuthorizationDetails", { MaxItems: 1 }, anything),
    ],
    ["iam:ListUsers", () => api.call("iam:ListUsers", { MaxItems: 1 }, anything)],
    ["iam:ListRoles", () => api.call("iam:ListRoles", { MaxItems: 1 }, anything)],
    ["iam:GetCredentialReport", () => api.call("iam:GetCredentialReport", {}, anything, { absent: NO_REPORT })],
    [
      "iam:ListAccessKeys",
      user === undefined
        ? undefined
        : () =>
            api.call("iam:ListAccessKeys", { UserName: user, MaxItems: 1 }, anything, { absent: { NoSuchEntity: {} } }),
    ],
    [
      "iam:ListSigningCertificates",
      user === undefined
        ? undefined
        : () =>
            api.call("iam:ListSigningCertificates", { UserName: user, MaxItems: 1 }, anything, {
              absent: { NoSuchEntity: {} },
            }),
    ],
    [
      "iam:ListServiceSpecificCredentials",
      () => api.call("iam:ListServiceSpecificCredentials", { AllUsers: true, MaxItems: 1 }, anything),
    ],
    ["iam:ListServerCertificates", () => api.call("iam:ListServerCertificates", { MaxItems: 1 }, anything)],
    ["iam:ListInstanceProfiles", () => api.call("iam:ListInstanceProfiles", { MaxItems: 1 }, anything)],
    ["iam:ListOpenIDConnectProviders", () => api.call("iam:ListOpenIDConnectProviders", {}, anything)],
    ["iam:ListSAMLProviders", () => api.call("iam:ListSAMLProviders", {}, anything)],
    ["iam:ListVirtualMFADevices", () => api.call("iam:ListVirtualMFADevices", { MaxItems: 1 }, anything)],
    ["iam:GetAccountSummary", () => api.call("iam:GetAccountSummary", {}, anything)],
    ["iam:ListAccountAliases", () => api.call("iam:ListAccountAliases", { MaxItems: 1 }, anything)],
    [
      "iam:GetAccountPasswordPolicy",
      () => api.call("iam:GetAccountPasswordPolicy", {}, anything, { absent: { NoSuchEntity: {} } }),
    ],
    ["iam:ListDelegationRequests", () => api.call("iam:ListDelegationRequests", {}, anything)],
    [
      "iam:GetOutboundWebIdentityFederationInfo",
      () =>
        api.call("iam:GetOutboundWebIdentityFederationInfo", {}, anything, {
          absent: { FeatureDisabled: {}, FeatureDisabledException: {} },
        }),
    ],
    ...regionsOf(session.config, session.environment).map(
      (region) =>
        [
          "rolesanywhere:ListTrustAnchors",
          () => api.get("rolesanywhere:ListTrustAnchors", { region, query: { pageSize: "1" } }, anything),
        ] as const,
    ),
  ];
  for (const [operation, probe] of probes) {
    if (probe === undefined) yield { check: operation, status: "unknown", message: "there is no user to try it on" };
    else yield* examine(api, operation, probe);
  }
}

const NO_REPORT = { ReportNotPresent: {}, ReportExpired: {}, ReportInProgress: {} };

async function firstUser(api: Api): Promise<string | undefined> {
  try {
    return await api.call("iam:ListUsers", { MaxItems: 1 }, (answer) => {
      const [first] = list(fields(answer, "the answer"), "Users");
      return first === undefined ? undefined : optionalText(fields(first, "a user"), "UserName");
    });
  } catch (error) {
    if (isProviderError(error) || error instanceof Malformed) return undefined;
    throw error;
  }
}

async function* examine(
  api: Api,
  operation: Operation,
  probe: () => Promise<unknown>,
): AsyncGenerator<Diagnosis, void, void> {
  try {
    await probe();
    yield { check: operation, status: "ok", message: "permitted" };
  } catch (error) {
    if (!isProviderError(error)) throw error;
    const denied = error.class === "denied";
    yield {
      check: operation,
      status: denied || error.class === "auth" ? "problem" : "unknown",
      message: error.message,
      next:
        error.details.remedy ??
        (denied
          ? `an administrator of ${api.account} can grant ${operation} to ${api.actor}; rollcall permissions aws prints the policy`
          : "try again"),
    };
  }
}
