import { IAMClient } from "@aws-sdk/client-iam";
import { OrganizationsClient } from "@aws-sdk/client-organizations";
import { STSClient } from "@aws-sdk/client-sts";
import { RolesAnywhereClient } from "@aws-sdk/client-rolesanywhere";
import type { GuardedRequest, GuardedResponse } from "rollcall/sdk";
import { describe, expect, test } from "vitest";
import { awsConfigFrom } from "../../../scanners/aws/config.ts";
import { configuredEndpoint, signingRegion, standardEndpoint } from "../../../scanners/aws/endpoints.ts";
import type { Environment } from "../../../scanners/aws/endpoints.ts";
import { awsWire } from "../../../scanners/aws/wire.ts";

const wire = (config: object = {}, environment: Environment = {}) => awsWire(awsConfigFrom(config), environment);

describe("which operation a request asks for", () => {
  const form = (body: string, more: Partial<GuardedRequest> = {}): GuardedRequest => ({
    method: "POST",
    url: "https://iam.amazonaws.com/",
    headers: { "Content-Type": "application/x-www-form-urlencoded; charset=utf-8" },
    body,
    ...more,
  });
  const target = (value: string): GuardedRequest => ({
    method: "POST",
    url: "https://organizations.us-east-1.amazonaws.com/",
    headers: { "X-Amz-Target": value },
    body: "{}",
  });
  const get = (url: string, more: Partial<GuardedRequest> = {}): GuardedRequest => ({
    method: "GET",
    url,
    headers: {},
    ...more,
  });
  const REST = "https://rolesanywhere.us-east-1.amazonaws.com";

  test.each<[name: string, request: GuardedRequest, operation: string | undefined]>([
    ["IAM", form("Action=ListUsers&Version=2010-05-08&MaxItems=1000"), "iam:ListUsers"],
    [
      "IAM, as bytes",
      { ...form(""), body: new TextEncoder().encode("Version=2010-05-08&Action=ListUsers") },
      "iam:ListUsers",
    ],
    ["STS", form("Action=AssumeRole&Version=2011-06-15"), "sts:AssumeRole"],
    [
      "a write is named as well, so that it can be refused",
      form("Action=DeleteUser&Version=2010-05-08"),
      "iam:DeleteUser",
    ],
    ["Organizations", target("AWSOrganizationsV20161128.ListAccounts"), "organizations:ListAccounts"],
    ["another JSON service", target("CloudTrail_20131101.LookupEvents"), undefined],
    ["Roles Anywhere", get(`${REST}/trustanchors?pageSize=100&nextToken=x`), "rolesanywhere:ListTrustAnchors"],
    ["one subject", get(`${REST}/subject/0d3c2a8e-1f`), "rolesanywhere:GetSubject"],
    ["a write of Roles Anywhere", get(`${REST}/trustanchors`, { method: "POST", body: "{}" }), undefined],
    ["a GET with a body", get(`${REST}/trustanchors`, { body: "x" }), undefined],
    ["a parameter nobody sends", get(`${REST}/trustanchors?x=1`), undefined],
    ["a path below a known one", get(`${REST}/subject/a/b`), undefined],
    ["two actions", form("Action=ListUsers&Action=DeleteUser&Version=2010-05-08"), undefined],
    [
      "an action in the query string",
      form("Action=ListUsers&Version=2010-05-08", { url: "https://iam.amazonaws.com/?Action=DeleteUser" }),
      undefined,
    ],
    ["another path", form("Action=ListUsers&Version=2010-05-08", { url: "https://iam.amazonaws.com/x" }), undefined],
    ["another version", form("Action=ListUsers&Version=2012-01-01"), undefined],
    [
      "two content types",
      form("Action=ListUsers&Version=2010-05-08", {
        headers: { "content-type": "application/x-www-form-urlencoded", "Content-Type": "text/plain" },
      }),
      undefined,
    ],
    ["no content type", form("Action=ListUsers&Version=2010-05-08", { headers: {} }), undefined],
    ["an action that is not a word", form("Action=List.Users&Version=2010-05-08"), undefined],
    ["the query interface by GET", get("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"), undefined],
  ])("%s", (_name, request, operation) => {
    expect(wire().identify(request)).toBe(operation);
  });

  test("an endpoint with a path in front", () => {
    const prefixed = wire({ endpoint: "http://127.0.0.1:4566/aws" });
    expect(prefixed.identify(form("Action=ListUsers&Version=2010-05-08", { url: "http://127.0.0.1:4566/aws/" }))).toBe(
      "iam:ListUsers",
    );
    expect(prefixed.identify(get("http://127.0.0.1:4566/aws/crls"))).toBe("rolesanywhere:ListCrls");
    expect(prefixed.identify(get("http://127.0.0.1:4566/crls"))).toBeUndefined();
  });
});

describe("where requests may go", () => {
  test("AWS's own hosts, for the region and the regions", () => {
    expect(wire({ region: "eu-central-1", regions: ["eu-west-1", "us-east-1"] }).origins()).toEqual([
      "https://iam.amazonaws.com",
      "https://sts.eu-central-1.amazonaws.com",
      "https://organizations.us-east-1.amazonaws.com",
      "https://rolesanywhere.eu-west-1.amazonaws.com",
      "https://rolesanywhere.us-east-1.amazonaws.com",
    ]);
  });

  test("the environment's region, unless it belongs to another partition", () => {
    expect(wire({}, { AWS_REGION: "ap-southeast-2" }).origins()).toContain("https://sts.ap-southeast-2.amazonaws.com");
    expect(wire({ partition: "aws-cn" }, { AWS_REGION: "ap-southeast-2" }).origins()).toContain(
      "https://sts.cn-north-1.amazonaws.com.cn",
    );
  });

  test("a configured endpoint replaces them all, and is the only one", () => {
    expect(wire({ endpoint: "http://127.0.0.1:4566" }, { AWS_ENDPOINT_URL: "http://127.0.0.1:1" }).origins()).toEqual([
      "http://127.0.0.1:4566",
    ]);
  });

  test("the environment's endpoints, per service and for all", () => {
    const environment = { AWS_ENDPOINT_URL: "http://127.0.0.1:1", AWS_ENDPOINT_URL_IAM: "http://127.0.0.1:2" };
    expect(wire({}, environment).origins()).toEqual(["http://127.0.0.1:2", "http://127.0.0.1:1"]);
    expect(
      configuredEndpoint("iam", undefined, { ...environment, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" }),
    ).toBeUndefined();
  });

  const regions = [
    "us-east-1",
    "eu-central-1",
    "cn-north-1",
    "cn-northwest-1",
    "us-gov-west-1",
    "us-gov-east-1",
    "us-iso-east-1",
    "us-isob-east-1",
    "eu-isoe-west-1",
    "us-isof-south-1",
    "eusc-de-east-1",
  ];
  test.each(regions)("are where the SDK itself would go from %s", async (region) => {
    const clients = {
      iam: new IAMClient({ region }),
      sts: new STSClient({ region }),
      organizations: new OrganizationsClient({ region }),
    } as const;
    for (const [service, client] of Object.entries(clients) as [keyof typeof clients, IAMClient][]) {
      const endpoint = client.config.endpointProvider({ Region: region, UseFIPS: false, UseDualStack: false });
      expect(standardEndpoint(service, region)).toBe(endpoint.url.origin);
      const schemes: readonly { readonly signingRegion?: string }[] = endpoint.properties?.["authSchemes"] ?? [];
      const [scheme] = schemes;
      expect(signingRegion(service, region)).toBe(scheme?.signingRegion ?? region);
    }
    if (region.startsWith("eusc-") || /iso[ef]/.test(region)) return; // The one release of that client is older than these partitions.
    const anywhere = new RolesAnywhereClient({ region });
    expect(standardEndpoint("rolesanywhere", region)).toBe(
      anywhere.config.endpointProvider({ Region: region, UseFIPS: false, UseDualStack: false }).url.origin,
    );
  });
});

describe("what an error answer means", () => {
  const answer = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): GuardedResponse => ({
    status,
    headers,
    body: new TextEncoder().encode(body),
  });
  const xml = (code: string, message = "m") =>
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`;

  test.each<[name: string, response: GuardedResponse, expected: object]>([
    ["XML", answer(403, xml("AccessDenied")), { code: "AccessDenied", kind: "denied", requestId: "r-1" }],
    [
      "JSON",
      answer(400, '{"__type":"com.amazon.coral#AccessDeniedException","Message":"m"}', { "x-amzn-requestid": "r-2" }),
      { code: "AccessDeniedException", kind: "denied", requestId: "r-2" },
    ],
    [
      "a header",
      answer(403, "{}", { "x-amzn-errortype": "AccessDeniedException:http://x/" }),
      { code: "AccessDeniedException", kind: "denied" },
    ],
    [
      "throttling, which is a 400",
      answer(400, xml("Throttling", "Rate exceeded")),
      { code: "Throttling", kind: "throttled" },
    ],
    ["throttling by another name", answer(400, '{"__type":"TooManyRequestsException"}'), { kind: "throttled" }],
    ["an expired session", answer(403, xml("ExpiredToken")), { kind: "expired" }],
    ["a wrong key", answer(403, xml("InvalidClientTokenId")), { kind: "auth" }],
    [
      "a wrong signature",
      answer(403, xml("SignatureDoesNotMatch", "The request signature does not match")),
      { kind: "auth" },
    ],
    [
      "a wrong clock, under the same code",
      answer(403, xml("SignatureDoesNotMatch", "Signature expired: 20260101T000000Z is now earlier than")),
      { kind: "expired" },
    ],
    ["nothing there", answer(404, xml("NoSuchEntity")), { kind: "not-found" }],
    ["a bad parameter", answer(400, xml("ValidationError")), { kind: "invalid" }],
    ["an action nobody has", answer(400, xml("InvalidAction")), { kind: "invalid" }],
    ["no organization", answer(400, '{"__type":"AWSOrganizationsNotInUseException"}'), { kind: "invalid" }],
    ["AWS's own failure", answer(500, xml("ServiceFailure")), { kind: "unavailable" }],
    ["a code nobody knows", answer(400, xml("Novelty")), { code: "Novelty", kind: "other" }],
    ["a code nobody knows, on a 503", answer(503, xml("Novelty")), { kind: "unavailable" }],
    ["a web page", answer(503, "<html>busy</html>", { "content-type": "text/html" }), { kind: "other" }],
    ["JSON that is none", answer(400, "{nope"), { kind: "other" }],
    ["nothing", answer(400, ""), { kind: "other" }],
  ])("%s", (_name, response, expected) => {
    expect(wire().classify(response)).toMatchObject(expected);
  });

  test("an emulator's page for an operation that it does not have is final; AWS's own page is not", () => {
    const page = answer(500, "<!doctype html><title>500 Internal Server Error</title>", {
      "content-type": "text/html; charset=utf-8",
    });
    expect(wire({ endpoint: "http://127.0.0.1:5000" }).classify(page)).toMatchObject({
      code: "NotImplemented",
      kind: "invalid",
    });
    expect(wire().classify(page)).toMatchObject({ kind: "other" });
  });
});
