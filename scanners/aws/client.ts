import {
  GenerateCredentialReportCommand,
  GetAccessKeyLastUsedCommand,
  GetAccountAuthorizationDetailsCommand,
  GetAccountPasswordPolicyCommand,
  GetAccountSummaryCommand,
  GetCredentialReportCommand,
  GetOpenIDConnectProviderCommand,
  GetOutboundWebIdentityFederationInfoCommand,
  GetSAMLProviderCommand,
  GetServerCertificateCommand,
  GetSSHPublicKeyCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListAccountAliasesCommand,
  ListDelegationRequestsCommand,
  ListInstanceProfilesCommand,
  ListOpenIDConnectProvidersCommand,
  ListOrganizationsFeaturesCommand,
  ListRolesCommand,
  ListSAMLProvidersCommand,
  ListServerCertificatesCommand,
  ListServiceSpecificCredentialsCommand,
  ListSigningCertificatesCommand,
  ListSSHPublicKeysCommand,
  ListUsersCommand,
  ListVirtualMFADevicesCommand,
} from "@aws-sdk/client-iam";
import { ListAccountsCommand, ListTagsForResourceCommand, OrganizationsClient } from "@aws-sdk/client-organizations";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { fromNodeProviderChain } from "@aws-sdk/credential-providers";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Door, GuardedResponse } from "rollcall/sdk";
import { signingRegion, standardEndpoint } from "./endpoints.ts";
import { isExpiredToken } from "./error-codes.ts";
import type { Operation } from "./operations.ts";
import { DirectQueryProtocol } from "./protocol.ts";

/**
 * The only file that knows AWS's SDK. It lends its types, its signatures and its wire formats; the network is the
 * door's: retries are off, and the HTTP handler is one that calls `door.send`.
 */
const COMMANDS = {
  "iam:GenerateCredentialReport": GenerateCredentialReportCommand,
  "iam:GetAccessKeyLastUsed": GetAccessKeyLastUsedCommand,
  "iam:GetAccountAuthorizationDetails": GetAccountAuthorizationDetailsCommand,
  "iam:GetAccountPasswordPolicy": GetAccountPasswordPolicyCommand,
  "iam:GetAccountSummary": GetAccountSummaryCommand,
  "iam:GetCredentialReport": GetCredentialReportCommand,
  "iam:GetOpenIDConnectProvider": GetOpenIDConnectProviderCommand,
  "iam:GetOutboundWebIdentityFederationInfo": GetOutboundWebIdentityFederationInfoCommand,
  "iam:GetSAMLProvider": GetSAMLProviderCommand,
  "iam:GetSSHPublicKey": GetSSHPublicKeyCommand,
  "iam:GetServerCertificate": GetServerCertificateCommand,
  "iam:ListAccessKeys": ListAccessKeysCommand,
  "iam:ListAccountAliases": ListAccountAliasesCommand,
  "iam:ListDelegationRequests": ListDelegationRequestsCommand,
  "iam:ListInstanceProfiles": ListInstanceProfilesCommand,
  "iam:ListOpenIDConnectProviders": ListOpenIDConnectProvidersCommand,
  "iam:ListOrganizationsFeatures": ListOrganizationsFeaturesCommand,
  "iam:ListRoles": ListRolesCommand,
  "iam:ListSAMLProviders": ListSAMLProvidersCommand,
  "iam:ListSSHPublicKeys": ListSSHPublicKeysCommand,
  "iam:ListServerCertificates": ListServerCertificatesCommand,
  "iam:ListServiceSpecificCredentials": ListServiceSpecificCredentialsCommand,
  "iam:ListSigningCertificates": ListSigningCertificatesCommand,
  "iam:ListUsers": ListUsersCommand,
  "iam:ListVirtualMFADevices": ListVirtualMFADevicesCommand,
  "organizations:ListAccounts": ListAccountsCommand,
  "organizations:ListTagsForResource": ListTagsForResourceCommand,
  "sts:AssumeRole": AssumeRoleCommand,
  "sts:GetCallerIdentity": GetCallerIdentityCommand,
} as const;

export type SdkOperation = keyof typeof COMMANDS;
export type RestOperation = Exclude<Operation, SdkOperation>;
export type InputOf<Name extends SdkOperation> = ConstructorParameters<(typeof COMMANDS)[Name]>[0];

const REST_PATHS: Readonly<Record<RestOperation, string>> = {
  "rolesanywhere:GetSubject": "/subject",
  "rolesanywhere:ListCrls": "/crls",
  "rolesanywhere:ListProfiles": "/profiles",
  "rolesanywhere:ListSubjects": "/subjects",
  "rolesanywhere:ListTrustAnchors": "/trustanchors",
};

export interface RestInput {
  readonly region: string;
  /** The id behind the path of a single thing. */
  readonly id?: string;
  readonly query?: Readonly<Record<string, string>>;
}

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Where the credentials of one account come from, and whom to tell that AWS no longer takes them. */
export interface CredentialSource {
  get(): Promise<AwsCredentials>;
  refuse(credentials: AwsCredentials): void;
}

export interface ClientOptions {
  readonly region: string;
  readonly credentials: CredentialSource;
  readonly door: Door;
  /** The configured endpoint of a service, or `undefined` for AWS's own. */
  readonly endpointOf: (service: "iam" | "sts" | "organizations" | "rolesanywhere") => string | undefined;
  /** Learns the provider's date from each answer. */
  readonly clock: ProviderClock;
}

/** What AWS's last answer said about the time. */
export interface ProviderClock {
  /** AWS's own present, in whole seconds. */
  date: number | undefined;
  /** How far that is ahead of this machine's clock, in milliseconds. */
  skew: number | undefined;
}

/** One account's services behind one door. */
export interface AwsClient {
  send<Name extends SdkOperation>(operation: Name, input: InputOf<Name>, signal: AbortSignal): Promise<unknown>;
  /** One GET of IAM Roles Anywhere; the JSON answer. */
  get(operation: RestOperation, asked: RestInput, signal: AbortSignal): Promise<unknown>;
}

export function createClient(options: ClientOptions): AwsClient {
  const handler = doorHandler(options);
  const common = {
    region: options.region,
    credentials: async () => {
      const identity = sdkIdentity(await options.credentials.get());
      // Always "expired" for the SDK: whose credentials are still good is decided in one place, ours.
      return { ...identity, expiration: new Date(0) };
    },
    requestHandler: handler,
    maxAttempts: 1,
    customUserAgent: "rollcall",
  };
  const lazy = <Client>(
    service: "iam" | "sts" | "organizations",
    make: (settings: typeof common & { endpoint?: string }) => Client,
  ) => {
    let client: Client | undefined;
    return () => {
      const endpoint = options.endpointOf(service);
      client ??= make(endpoint === undefined ? common : { ...common, endpoint });
      return client;
    };
  };
  const clients = {
    iam: lazy("iam", (settings) => new IAMClient({ ...settings, protocol: DirectQueryProtocol })),
    sts: lazy("sts", (settings) => new STSClient({ ...settings, protocol: DirectQueryProtocol })),
    organizations: lazy("organizations", (settings) => new OrganizationsClient(settings)),
  };
  return {
    send: (operation, input, signal) => {
      const service = operation.slice(0, operation.indexOf(":")) as keyof typeof clients;
      const command = new (COMMANDS[operation] as unknown as new (value: unknown) => never)(input);
      return (
        clients[service]() as unknown as {
          send(value: never, settings: { abortSignal: AbortSignal }): Promise<unknown>;
        }
      ).send(command, { abortSignal: signal });
    },
    get: (operation, asked, signal) => getSigned(options, REST_PATHS[operation], asked, signal),
  };
}

interface SdkRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** The SDK's transport, reduced to one call of the door. */
function doorHandler(options: ClientOptions) {
  return {
    metadata: { handlerProtocol: "http/1.1" },
    async handle(request: SdkRequest, settings: { readonly abortSignal?: unknown } = {}) {
      const port = request.port === undefined ? "" : `:${request.port}`;
      const response = await exchange(options, {
        method: request.method,
        url: `${request.protocol}//${request.hostname}${port}${request.path}${queryText(request.query)}`,
        headers: request.headers,
        body: request.body,
        signal: settings.abortSignal as AbortSignal | undefined,
      });
      return { response: { statusCode: response.status, headers: { ...response.headers }, body: response.body } };
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    destroy: () => undefined,
  };
}

type Exchange = Parameters<Door["send"]>[0];

async function exchange(options: ClientOptions, request: Exchange): Promise<GuardedResponse> {
  const used = await options.credentials.get();
  const response = await options.door.send(request);
  const date = Date.parse(response.headers["date"] ?? "");
  if (Number.isFinite(date)) {
    options.clock.date = date;
    options.clock.skew = date - Date.now();
  }
  if (response.status >= 400 && saysExpired(response)) options.credentials.refuse(used);
  return response;
}

function saysExpired(response: GuardedResponse): boolean {
  const text = new TextDecoder().decode(response.body.subarray(0, 4_096));
  return isExpiredToken(
    /\b(ExpiredToken(?:Exception)?|TokenRefreshRequired)\b/.exec(
      `${response.headers["x-amzn-errortype"] ?? ""} ${text}`,
    )?.[1],
  );
}

/**
 * Signs a REST request ourselves: the newest release of AWS's client for Roles Anywhere ignores every endpoint setting
 * and goes to the real host.
 */
async function getSigned(
  options: ClientOptions,
  path: string,
  { region, id, query = {} }: RestInput,
  signal: AbortSignal,
): Promise<unknown> {
  const base = new URL(options.endpointOf("rolesanywhere") ?? standardEndpoint("rolesanywhere", region));
  const credentials = await options.credentials.get();
  const signer = new SignatureV4({
    service: "rolesanywhere",
    region: signingRegion("rolesanywhere", region),
    credentials: sdkIdentity(credentials),
    sha256: Sha256,
  });
  const request = await signer.sign(
    {
      method: "GET",
      protocol: base.protocol,
      hostname: base.hostname,
      ...(base.port === "" ? {} : { port: Number(base.port) }),
      path: `${base.pathname.replace(/\/+$/, "")}${path}${id === undefined ? "" : `/${encode(id)}`}`,
      query: { ...query },
      headers: { host: base.host, accept: "application/json" },
    },
    { signingDate: new Date(Date.now() + significant(options.clock.skew)) },
  );
  const response = await exchange(options, {
    method: "GET",
    url: `${base.origin}${request.path}${queryText(query)}`,
    headers: request.headers,
    signal,
  });
  // The door has read the refusal already; this only ends the attempt.
  if (response.status < 200 || response.status >= 300) throw new Error(`HTTP ${response.status}`);
  return JSON.parse(new TextDecoder().decode(response.body)) as unknown;
}

/** AWS allows five minutes either way; less is not worth a correction, because a date has whole seconds and a delay. */
function significant(skew: number | undefined): number {
  return skew !== undefined && Math.abs(skew) > 120_000 ? skew : 0;
}

function sdkIdentity({ accessKeyId, secretAccessKey, sessionToken }: AwsCredentials) {
  return sessionToken === undefined ? { accessKeyId, secretAccessKey } : { accessKeyId, secretAccessKey, sessionToken };
}

function queryText(query: SdkRequest["query"]): string {
  const pairs = Object.entries(query ?? {}).flatMap(([key, value]) => {
    const values = value === null || typeof value === "string" ? [value] : value;
    return values.map((one) => (one === null ? encode(key) : `${encode(key)}=${encode(one)}`));
  });
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

/** RFC 3986, as the signature is computed over it. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * AWS's own chain: environment, SSO, profiles, processes, web identity, container and instance roles. It runs outside
 * the door by name: it is how the machine comes by its credentials, and it may start a helper program. It keeps and
 * renews what it finds by itself; a refusal makes it look again.
 */
export function providerChain(profile: string | undefined, region: string): CredentialSource {
  const start = () =>
    fromNodeProviderChain({
      ...(profile === undefined ? {} : { profile }),
      ignoreCache: true,
      clientConfig: { region },
    });
  let chain = start();
  return {
    async get() {
      const { accessKeyId, secretAccessKey, sessionToken } = await chain();
      return { accessKeyId, secretAccessKey, sessionToken };
    },
    refuse() {
      chain = start();
    },
  };
}
