import type { GuardedRequest, GuardedResponse, Wire, WireError } from "rollcall/sdk";
import type { AwsConfig } from "./config.ts";
import { configuredEndpoint, partitionOf, partitionOfRegion, standardEndpoint } from "./endpoints.ts";
import type { Environment, Service } from "./endpoints.ts";
import { kindOfCode } from "./error-codes.ts";

const SERVICES: readonly Service[] = ["iam", "sts", "organizations", "rolesanywhere"];

/**
 * How the guard reads AWS: which operation a request asks for, where requests may go, and what an error answer means.
 * Query services name the operation in the form body, JSON services in `X-Amz-Target`, REST services in the path.
 */
export function awsWire(config: AwsConfig, environment: Environment = process.env): Wire {
  const origins = originsOf(config, environment);
  const bases = new Set(SERVICES.map((service) => basePath(configuredEndpoint(service, config.endpoint, environment))));
  const emulated = SERVICES.some((service) => configuredEndpoint(service, config.endpoint, environment) !== undefined);
  return {
    identify: (request) => identify(request, bases),
    origins: () => origins,
    mediaTypes: ["text/xml", "application/xml", "application/x-amz-json-1.1", "application/json"],
    classify: (response) => classify(response, emulated),
  };
}

function originsOf(config: AwsConfig, environment: Environment): readonly string[] {
  const urls = SERVICES.flatMap((service) => {
    const configured = configuredEndpoint(service, config.endpoint, environment);
    if (configured !== undefined) return [configured];
    const regions = service === "rolesanywhere" ? regionsOf(config, environment) : [homeRegion(config, environment)];
    return regions.map((region) => standardEndpoint(service, region));
  });
  return [...new Set(urls.map((url) => new URL(url).origin))];
}

/** The region that requests are made from: the configuration's, the environment's, or the partition's first. */
export function homeRegion(config: AwsConfig, environment: Environment): string {
  const region = config.region ?? (environment["AWS_REGION"] || environment["AWS_DEFAULT_REGION"] || undefined);
  if (region !== undefined && (config.partition === undefined || partitionOfRegion(region).id === config.partition))
    return region;
  return (config.partition === undefined ? undefined : partitionOf(config.partition)?.home) ?? "us-east-1";
}

/** The regions whose Roles Anywhere is read. */
export function regionsOf(config: AwsConfig, environment: Environment): readonly string[] {
  return config.regions.length === 0 ? [homeRegion(config, environment)] : config.regions;
}

const TARGET = /^AWSOrganizationsV20161128\.(\w+)$/;
const VERSIONS: Readonly<Record<string, string>> = { "2010-05-08": "iam", "2011-06-15": "sts" };
const REST: Readonly<Record<string, string>> = {
  "/trustanchors": "rolesanywhere:ListTrustAnchors",
  "/profiles": "rolesanywhere:ListProfiles",
  "/subjects": "rolesanywhere:ListSubjects",
  "/crls": "rolesanywhere:ListCrls",
};
const ONE_SUBJECT = /^\/subject\/[0-9A-Za-z-]{1,64}$/;
const REST_PARAMETERS = ["nextToken", "pageSize"];

function identify(request: GuardedRequest, bases: ReadonlySet<string>): string | undefined {
  const url = new URL(request.url);
  const path = [...bases]
    .filter((base) => url.pathname.startsWith(`${base}/`) || url.pathname === base)
    .map((base) => url.pathname.slice(base.length) || "/");
  if (request.method === "GET") {
    const operation = path.map(restOperation).find((found) => found !== undefined);
    const plain = [...url.searchParams.keys()].every((key) => REST_PARAMETERS.includes(key));
    return plain && request.body === undefined ? operation : undefined;
  }
  // An action in the query string would be read before the one in the body.
  if (request.method !== "POST" || url.search !== "" || !path.includes("/")) return undefined;
  const target = header(request, "x-amz-target");
  if (target !== undefined) {
    const name = TARGET.exec(target)?.[1];
    return name === undefined ? undefined : `organizations:${name}`;
  }
  return identifyQuery(request);
}

function restOperation(path: string): string | undefined {
  if (ONE_SUBJECT.test(path)) return "rolesanywhere:GetSubject";
  return Object.hasOwn(REST, path) ? REST[path] : undefined;
}

function identifyQuery(request: GuardedRequest): string | undefined {
  if (header(request, "content-type")?.split(";")[0]?.trim().toLowerCase() !== "application/x-www-form-urlencoded")
    return undefined;
  const body = typeof request.body === "string" ? request.body : new TextDecoder().decode(request.body);
  const form = new URLSearchParams(body);
  // One of each: a second one might be the one that the server believes.
  const actions = form.getAll("Action");
  const versions = form.getAll("Version");
  const service = Object.hasOwn(VERSIONS, versions[0] ?? "") ? VERSIONS[versions[0] ?? ""] : undefined;
  if (actions.length !== 1 || versions.length !== 1 || service === undefined) return undefined;
  return /^\w+$/.test(actions[0] ?? "") ? `${service}:${actions[0]}` : undefined;
}

function header(request: GuardedRequest, name: string): string | undefined {
  const found = Object.entries(request.headers).filter(([key]) => key.toLowerCase() === name);
  return found.length === 1 ? found[0]?.[1] : undefined;
}

function basePath(endpoint: string | undefined): string {
  return endpoint === undefined ? "" : new URL(endpoint).pathname.replace(/\/+$/, "");
}

/** What an error answer says: the code from XML, JSON or a header, and what kind of failure it is. */
function classify(response: GuardedResponse, emulated: boolean): WireError {
  const text = new TextDecoder().decode(response.body.subarray(0, 65_536));
  const code = codeOf(response, text);
  const requestId =
    response.headers["x-amzn-requestid"] ??
    response.headers["x-amz-request-id"] ??
    /<RequestId>([^<]{1,128})<\/RequestId>/i.exec(text)?.[1];
  if (code !== undefined) return { code, kind: kindOfCode(code, response.status, text), requestId };
  // Emulators answer so to an operation that they do not have; asking again changes nothing.
  const html = response.headers["content-type"]?.toLowerCase().startsWith("text/html") === true;
  if (emulated && response.status === 500 && html) return { code: "NotImplemented", kind: "invalid", requestId };
  return { kind: "other", requestId };
}

function codeOf(response: GuardedResponse, text: string): string | undefined {
  const header = response.headers["x-amzn-errortype"];
  if (header !== undefined && header !== "") return bare(header);
  const start = text.trimStart();
  if (start.startsWith("<")) return /<Code>\s*([^<\s]{1,128})\s*<\/Code>/i.exec(text)?.[1];
  if (!start.startsWith("{")) return undefined;
  try {
    const body = JSON.parse(start) as Readonly<Record<string, unknown>>;
    const type = body["__type"] ?? body["code"] ?? body["Code"];
    return typeof type === "string" ? bare(type) : undefined;
  } catch {
    return undefined;
  }
}

/** `com.amazon.coral#AccessDeniedException:http://…` → `AccessDeniedException`. */
function bare(type: string): string {
  return type.split(":")[0]?.split("#").at(-1)?.trim() ?? type;
}
