import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as iam from "@aws-sdk/client-iam";
import * as organizations from "@aws-sdk/client-organizations";
import * as rolesAnywhere from "@aws-sdk/client-rolesanywhere";
import * as sts from "@aws-sdk/client-sts";
import { isProviderError } from "rollcall/sdk";
import type { GuardedRequest } from "rollcall/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { awsConfigFrom } from "../../../scanners/aws/config.ts";
import aws from "../../../scanners/aws/index.ts";
import { OPERATIONS } from "../../../scanners/aws/operations.ts";
import { awsWire } from "../../../scanners/aws/wire.ts";
import { createGateway } from "../../../src/transport/index.ts";

/**
 * Every command that the AWS clients in use export, sent through the real door with the real SDK: what is not in the
 * scanner's declarations must not open a socket.
 */
const SERVICES = { iam, organizations, sts, rolesanywhere: rolesAnywhere } as const;

let server: ReturnType<typeof createServer>;
let sockets = 0;
let url = "";

beforeAll(async () => {
  server = createServer((_request, response) =>
    response
      .writeHead(400, { "content-type": "text/xml" })
      .end("<ErrorResponse><Error><Code>InvalidAction</Code></Error></ErrorResponse>"),
  );
  server.on("connection", () => {
    sockets += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

interface SdkRequest extends Pick<GuardedRequest, "method" | "headers" | "body"> {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
}

interface Command {
  readonly operation: string;
  readonly service: keyof typeof SERVICES;
  readonly make: () => unknown;
}

function commands(): readonly Command[] {
  return (Object.keys(SERVICES) as (keyof typeof SERVICES)[]).flatMap((service) =>
    Object.entries(SERVICES[service])
      .filter(([name]) => /^[A-Z]\w+Command$/.test(name))
      .map(([name, constructor]) => ({
        operation: `${service}:${name.slice(0, -"Command".length)}`,
        service,
        make: () => new (constructor as new (input: unknown) => unknown)(INPUT),
      })),
  );
}

/** Enough of an input for every command to be serialized: whatever member is asked for is there. */
const INPUT: unknown = new Proxy(
  {},
  {
    get: (_target, key) => (typeof key !== "string" ? undefined : key === "crlData" ? new Uint8Array([1]) : "x"),
  },
);

function clientOf(service: keyof typeof SERVICES, send: (request: unknown) => Promise<unknown>) {
  const settings = {
    region: "us-east-1",
    endpoint: url,
    maxAttempts: 1,
    credentials: { accessKeyId: "x", secretAccessKey: "x" },
    requestHandler: {
      metadata: { handlerProtocol: "http/1.1" },
      handle: send,
      updateHttpClientConfig: () => undefined,
      httpHandlerConfigs: () => ({}),
      destroy: () => undefined,
    },
  };
  const constructors = {
    iam: iam.IAMClient,
    organizations: organizations.OrganizationsClient,
    sts: sts.STSClient,
    rolesanywhere: rolesAnywhere.RolesAnywhereClient,
  } as const;
  return new (constructors[service] as unknown as new (given: unknown) => { send(command: unknown): Promise<unknown> })(
    settings,
  );
}

const declared = new Set([
  ...aws.requires.operations,
  ...aws.collections.flatMap(({ requires }) => requires.operations),
]);

test("the declarations name the operations' table, and nothing but reads without a reason", () => {
  expect([...declared].toSorted()).toEqual([...OPERATIONS].toSorted());
  const reasons = new Map(
    [aws.requires, ...aws.collections.map(({ requires }) => requires)].flatMap(({ notReads }) =>
      Object.entries(notReads ?? {}),
    ),
  );
  const writing = [...declared].filter((operation) => !/:(?:Get|List)/.test(operation));
  expect([...reasons.keys()].toSorted()).toEqual(writing.toSorted());
  expect(writing.toSorted()).toEqual(["iam:GenerateCredentialReport", "sts:AssumeRole"]);
});

test("every other command of the clients in use is stopped before a socket opens", async () => {
  const gateway = createGateway({
    scanner: "aws",
    wire: awsWire(awsConfigFrom({ endpoint: url }), {}),
    operations: declared,
    network: { share: 1 },
    now: Date.now,
    sleep: async () => undefined,
  });
  const door = gateway.door("test", declared);
  const all = commands();
  const tally = { blocked: 0, allowed: 0, unsent: [] as string[] };
  for (const { operation, service, make } of all) {
    const before = sockets;
    let serialized = false;
    const client = clientOf(service, async (request) => {
      serialized = true;
      const { method, protocol, hostname, port, path, query, headers, body } = request as SdkRequest;
      const search = new URLSearchParams(query).toString();
      const response = await door.send({
        method,
        url: `${protocol}//${hostname}:${port}${path}${search === "" ? "" : `?${search}`}`,
        headers,
        body,
      });
      return { response: { statusCode: response.status, headers: response.headers, body: response.body } };
    });
    // Whatever the caller claims to be asking, what counts is what is on the wire.
    const claimed = declared.has(operation) ? operation : "iam:ListUsers";
    const error: unknown = await door
      .call(claimed, () => client.send(make()), { bucket: `test/${operation}`, parse: (answer) => answer })
      .catch((thrown: unknown) => thrown);
    if (declared.has(operation)) {
      tally.allowed += 1;
      continue;
    }
    expect(isProviderError(error), operation).toBe(true);
    expect(sockets, operation).toBe(before);
    if (serialized) {
      tally.blocked += 1;
      expect(isProviderError(error) && error.details.code, operation).toBe("NotDeclared");
    } else {
      tally.unsent.push(operation);
    }
  }
  gateway.close();
  console.log(
    `read-only: ${all.length} commands of ${Object.keys(SERVICES).length} clients, ${tally.blocked} blocked at the door, ${tally.allowed} declared, ${tally.unsent.length} that the SDK itself did not send`,
  );
  expect(tally.allowed).toBe(OPERATIONS.length);
  expect(tally.unsent).toEqual([]);
  expect(tally.blocked + tally.allowed).toBe(all.length);
}, 60_000);

test("an allowed command does open one, or the test above proves nothing", () => {
  expect(sockets).toBeGreaterThan(0);
});
