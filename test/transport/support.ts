import { createServer, type IncomingMessage, type RequestListener, type Server as HttpServer } from "node:http";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { CallOptions, Door, GuardedResponse, ProviderError, Wire, WireError } from "../../src/sdk/index.ts";
import { isProviderError } from "../../src/sdk/index.ts";
import {
  createGateway,
  type CallTrace,
  type CallWait,
  type Gateway,
  type GatewayOptions,
} from "../../src/transport/index.ts";

/** The tests' clock stands still: nothing in the door may need it to move. */
export const NOW = Date.UTC(2026, 10, 23, 5, 11, 44);
export const OPERATIONS = new Set(["iam:ListUsers", "iam:ListRoles", "sts:AssumeRole"]);

export interface Running {
  readonly origin: string;
  readonly port: number;
  /** Sockets that were opened, ever. */
  connections: number;
  /** Sockets that are open now. */
  readonly open: Set<Socket>;
  readonly server: Server;
}

export async function listen(server: Server): Promise<Running> {
  const open = new Set<Socket>();
  const running = { origin: "", port: 0, connections: 0, open, server };
  server.on("connection", (socket: Socket) => {
    running.connections += 1;
    open.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  running.port = (server.address() as AddressInfo).port;
  running.origin = `http://127.0.0.1:${running.port}`;
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return running;
}

export async function serve(listener: RequestListener): Promise<Running & { readonly requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server: HttpServer = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  return Object.assign(await listen(server), { requests });
}

/** A server that speaks bytes: `answers[n]` serves the nth request that arrives, the last one all further. */
export async function serveRaw(
  ...answers: readonly ((socket: Socket) => void)[]
): Promise<Running & { requests: number }> {
  const running = Object.assign(
    await listen(
      createTcpServer((socket) => {
        socket.on("data", () => {
          const answer = answers[Math.min(running.requests, answers.length - 1)];
          running.requests += 1;
          answer?.(socket);
        });
      }),
    ),
    { requests: 0 },
  );
  return running;
}

/** `GET /iam/ListUsers` is `iam:ListUsers`; errors are `{"code": …, "kind": …}`. */
export function pathWire(origins: () => readonly string[], mediaTypes: readonly string[] = ["application/json"]): Wire {
  return {
    identify(request) {
      const [, service, operation] = new URL(request.url).pathname.split("/");
      return service === undefined || operation === undefined ? undefined : `${service}:${operation}`;
    },
    origins,
    mediaTypes,
    classify: classifyJson,
  };
}

function classifyJson(response: GuardedResponse): WireError {
  const parsed = JSON.parse(Buffer.from(response.body).toString() || "{}") as Partial<WireError>;
  return { kind: parsed.kind ?? "other", code: parsed.code, requestId: response.headers["x-request-id"] };
}

export interface TestGateway extends Gateway {
  readonly traces: CallTrace[];
  readonly waits: CallWait[];
  /** Milliseconds of every wait that was slept. */
  readonly slept: number[];
}

/** A gateway whose waits take no time, unless `sleep` says otherwise. */
export function gateway(origin: string | readonly string[], options: Partial<GatewayOptions> = {}): TestGateway {
  const traces: CallTrace[] = [];
  const waits: CallWait[] = [];
  const slept: number[] = [];
  const made = createGateway({
    scanner: "test",
    wire: pathWire(() => [origin].flat()),
    operations: OPERATIONS,
    network: { share: 1 },
    now: () => NOW,
    random: () => 0.5,
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
    },
    onTrace: (trace) => traces.push(trace),
    onWait: (wait) => waits.push(wait),
    ...options,
  });
  onTestFinished(() => made.close());
  return Object.assign(made, { traces, waits, slept });
}

export function door(of: Gateway, signal?: AbortSignal): Door {
  return of.door("test", OPERATIONS, signal);
}

/** Calls `GET <origin>/<service>/<operation>` through the door and parses the JSON. */
export function ask<Parsed = unknown>(
  through: Door,
  origin: string,
  operation = "iam:ListUsers",
  options: Partial<CallOptions<GuardedResponse, Parsed>> = {},
): Promise<Parsed> {
  return through.call<GuardedResponse, Parsed>(
    operation,
    (attempt) =>
      through.send({
        method: "GET",
        url: `${origin}/${operation.replace(":", "/")}`,
        headers: {},
        signal: attempt.signal,
      }),
    {
      bucket: "iam/111122223333",
      parse: (response) => JSON.parse(Buffer.from(response.body).toString()) as Parsed,
      ...options,
    },
  );
}

/** The ProviderError that a call ends with; anything else fails the test. */
export async function failure(call: Promise<unknown>): Promise<ProviderError> {
  const error = await call.then(
    (value) => new Error(`expected a failure and got ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (!isProviderError(error)) throw error;
  return error;
}

/** What of an error is compared: everything that may leave the door. */
export function shape(error: ProviderError): Record<string, unknown> {
  return { message: error.message, ...error.details };
}

export function reply(
  response: {
    writeHead(status: number, headers: Record<string, string | number>): { end(body?: string | Buffer): unknown };
  },
  status: number,
  value: unknown,
  headers: Record<string, string | number> = {},
): void {
  const body = typeof value === "string" ? value : JSON.stringify(value);
  response
    .writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body), ...headers })
    .end(body);
}
