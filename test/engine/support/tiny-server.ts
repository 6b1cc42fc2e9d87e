import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** The world behind the tiny provider; tests change it between scans. */
export interface TinyEstate {
  readonly accounts: TinyAccount[];
}

export interface TinyAccount {
  readonly id: string;
  readonly name: string;
  readonly robots: TinyRobot[];
  readonly roles: { readonly id: string; readonly document: unknown; readonly robots: readonly string[] }[];
}

export interface TinyRobot {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly enabled: boolean;
  readonly team?: string;
  readonly keys: readonly { readonly id: string; readonly createdAt: number; readonly lastUsedAt: number | null }[];
}

export interface TinyFault {
  readonly operation: string;
  readonly kind: "denied" | "throttled" | "truncated" | "repeated-page" | "nonsense" | "hang";
  /** How many answers; every one if left out. */
  readonly times?: number;
  /** Only for this account. */
  readonly account?: string;
  /** Lets so many pass first. */
  readonly after?: number;
}

export interface TinyServer {
  readonly url: string;
  readonly estate: TinyEstate;
  requests(): readonly string[];
  forget(): void;
  inject(fault: TinyFault): { fired(): number };
  heal(): void;
  close(): Promise<void>;
}

const PAGE = 3;

/** The operation of a request of the tiny provider, or `undefined`. The scanner and the server read the same table. */
export function tinyOperation(method: string, path: string): string | undefined {
  if (method !== "GET") return undefined;
  if (path === "/whoami") return "tiny:WhoAmI";
  if (path === "/accounts") return "tiny:ListAccounts";
  const kind = /^\/accounts\/[^/]+\/(robots|keys|roles|notes|uses)(?:\/[^/]+)?$/.exec(path)?.[1];
  switch (kind) {
    case "robots":
      return "tiny:ListRobots";
    case "keys":
      return "tiny:ListKeys";
    case "roles":
      return "tiny:ListRoles";
    case "notes":
      return "tiny:ListNotes";
    case "uses":
      return "tiny:GetUse";
    case undefined:
    default:
      return undefined;
  }
}

export async function startTinyServer(estate: TinyEstate): Promise<TinyServer> {
  const log: string[] = [];
  let faults: { fault: TinyFault; passed: number; fired: number }[] = [];

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://tiny");
    const operation = tinyOperation(request.method ?? "", url.pathname);
    log.push(operation ?? `${request.method} ${url.pathname}`);
    const account = /^\/accounts\/([^/]+)\//.exec(url.pathname)?.[1];
    const active = faults.find(
      ({ fault, fired }) =>
        fault.operation === operation && fired < (fault.times ?? Infinity) && (fault.account ?? account) === account,
    );
    if (active !== undefined && (active.passed += 1) > (active.fault.after ?? 0)) {
      active.fired += 1;
      answerFault(active.fault.kind, url, estate, response);
      return;
    }
    answer(request, url, estate, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    estate,
    requests: () => [...log],
    forget: () => void log.splice(0),
    inject(fault) {
      const state = { fault, passed: 0, fired: 0 };
      faults.push(state);
      return { fired: () => state.fired };
    },
    heal: () => void (faults = []),
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function answer(_request: IncomingMessage, url: URL, estate: TinyEstate, response: ServerResponse): void {
  const body = resource(url, estate);
  send(response, body === undefined ? 404 : 200, body ?? { code: "NoSuchThing" });
}

function answerFault(kind: TinyFault["kind"], url: URL, estate: TinyEstate, response: ServerResponse): void {
  switch (kind) {
    case "denied":
      send(response, 403, { code: "Denied" });
      return;
    case "throttled":
      send(response, 429, { code: "Slow" });
      return;
    case "nonsense":
      send(response, 200, { items: "many" });
      return;
    case "hang":
      return;
    case "truncated": {
      const text = JSON.stringify(resource(url, estate) ?? {});
      response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) + 10 });
      response.write(text, () => response.socket?.destroy());
      return;
    }
    case "repeated-page": {
      const page = resource(url, estate);
      send(response, 200, { ...page, next: url.searchParams.get("page") ?? "0" });
      return;
    }
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) })
    .end(text);
}

function resource(url: URL, estate: TinyEstate): Record<string, unknown> | undefined {
  if (url.pathname === "/whoami") return { id: "auditor" };
  if (url.pathname === "/accounts")
    return page(
      estate.accounts.map(({ id, name }) => ({ id, name })),
      url,
    );
  const [, , accountId, kind, robotId] = url.pathname.split("/");
  const account = estate.accounts.find(({ id }) => id === accountId);
  if (account === undefined) return undefined;
  switch (kind) {
    case "robots":
      return page(
        account.robots.map(({ keys: _keys, ...robot }) => robot),
        url,
      );
    case "keys":
      return page(
        account.robots.flatMap(({ name, keys }) => keys.map(({ id, createdAt }) => ({ id, createdAt, robot: name }))),
        url,
      );
    case "roles":
      return page(account.roles, url);
    case "notes":
      return page(
        account.robots.map(({ name }) => ({ robot: name, text: `about ${name}` })),
        url,
      );
    case "uses": {
      const robot = account.robots.find(({ id }) => id === robotId);
      return robot === undefined
        ? undefined
        : { keys: Object.fromEntries(robot.keys.map(({ id, lastUsedAt }) => [id, lastUsedAt])) };
    }
    case undefined:
    default:
      return undefined;
  }
}

function page(items: readonly unknown[], url: URL): Record<string, unknown> {
  const from = Number(url.searchParams.get("page") ?? "0");
  const next = from + PAGE < items.length ? String(from + PAGE) : null;
  return { items: items.slice(from, from + PAGE), next };
}
