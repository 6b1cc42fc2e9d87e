import { ok } from "node:assert/strict";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer as createTcpServer } from "node:net";
import type { Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import aws from "../../../scanners/aws/index.ts";
import { openSession } from "../../../scanners/aws/open.ts";
import { awsWire } from "../../../scanners/aws/wire.ts";
import type { Scanner } from "../../../src/sdk/index.ts";
import { ACCOUNTS, estateConfig } from "../../support/aws-bench.ts";
import type { AwsBench } from "../../support/aws-bench.ts";
import { createAuthority } from "../../transport/certificates.ts";
import type { FaultRow, Seen, Strike } from "../support/fault-row.ts";
import { gapsOf } from "../support/run-row.ts";
import { always } from "./common.ts";

const DAY = 86_400_000;

/** H10, H11, H44, H45: between us and the provider. */
export const NETWORK: readonly FaultRow[] = [
  {
    id: "H10-region",
    title: "the endpoint of one region resets every connection",
    strike: always(
      { kind: "reset", at: "before-headers" },
      { operation: "rolesanywhere:*", account: ACCOUNTS.struck, region: "us-east-1" },
    ),
    outcome: "partial",
    classes: ["network"],
    check: ({ result }) =>
      ok(
        gapsOf(result).every(
          ({ reason, operation }) => operation?.startsWith("rolesanywhere:") !== true || reason.includes("us-east-1"),
        ),
        JSON.stringify(gapsOf(result)),
      ),
  },
  {
    id: "H10-refused",
    title: "the endpoint of one service refuses connections",
    strike: elsewhere("http://127.0.0.1:9"),
    struck: [],
    outcome: "changed",
    exit: 4,
    check: onlyRolesAnywhere,
  },
  {
    id: "H10-dns",
    title: "the endpoint of one service has no address",
    strike: elsewhere("https://rolesanywhere.invalid"),
    struck: [],
    outcome: "changed",
    exit: 4,
    check: onlyRolesAnywhere,
  },
  {
    id: "H11",
    title: "the provider is down",
    strike: down(0),
    struck: [],
    outcome: "changed",
    exit: 6,
    check: endsSoon,
  },
  {
    id: "H11-midway",
    title: "the provider goes down in the middle of the scan",
    strike: down(40),
    struck: [],
    outcome: "changed",
    exit: 4,
    check: endsSoon,
  },
  {
    id: "H44-407",
    title: "a proxy that wants other credentials",
    strike: proxied("407"),
    struck: [],
    outcome: "changed",
    exit: 6,
    check: saysProxy,
  },
  {
    id: "H44-dies",
    title: "a proxy that dies in the middle of the scan",
    strike: proxied("dies"),
    struck: [],
    outcome: "changed",
    exit: 4,
    check: saysProxy,
  },
  {
    id: "H44-connect",
    title: "a proxy that resets every tunnel",
    strike: tunnelled,
    struck: [],
    outcome: "changed",
    exit: 6,
    check: saysProxy,
  },
  { id: "H44-works", title: "a proxy that works", strike: proxied("works"), struck: [], outcome: "absorbed" },
  {
    id: "H45-expired",
    title: "a certificate that expires in the middle of the scan",
    strike: overTls("expired"),
    struck: [],
    outcome: "changed",
    exit: 4,
    check: saysCertificate,
  },
  {
    id: "H45-host",
    title: "a certificate of another host, in the middle of the scan",
    strike: overTls("host"),
    struck: [],
    outcome: "changed",
    exit: 4,
    check: saysCertificate,
  },
  {
    id: "H45-good",
    title: "another good certificate in the middle of the scan",
    strike: overTls("good"),
    struck: [],
    outcome: "absorbed",
  },
];

function onlyRolesAnywhere({ result }: Seen): void {
  const gaps = gapsOf(result);
  ok(
    gaps.length > 0 && gaps.every((gap) => gap.collection === "roles-anywhere" && gap.class === "network"),
    JSON.stringify(gaps),
  );
}

function endsSoon({ result, elapsed }: Seen): void {
  ok(
    gapsOf(result).some((gap) => gap.class === "network"),
    JSON.stringify(gapsOf(result)),
  );
  ok(elapsed <= 120_000, `the run took ${Math.round(elapsed / 1_000)} s`);
}

function saysProxy(seen: Seen): void {
  ok(
    gapsOf(seen.result).some((gap) => gap.class === "network" && gap.reason.includes("proxy")),
    JSON.stringify(gapsOf(seen.result).slice(0, 3)),
  );
  endsSoon(seen);
}

function saysCertificate(seen: Seen): void {
  ok(
    gapsOf(seen.result).some((gap) => gap.class === "network" && gap.reason.includes("certificate")),
    JSON.stringify(gapsOf(seen.result).slice(0, 3)),
  );
}

/** Roles Anywhere at another address; everything else where it is. */
function elsewhere(endpoint: string): (bench: AwsBench) => Strike {
  return ({ estate, emulator }) => {
    let refused = 0;
    const environment = { ...process.env, AWS_ENDPOINT_URL: emulator.url, AWS_ENDPOINT_URL_ROLESANYWHERE: endpoint };
    const scanner: typeof aws = {
      ...aws,
      wire: (config) => awsWire(config, environment),
      open: (config, context) => openSession(config, context, environment),
    };
    const { endpoint: _endpoint, ...config } = estateConfig(estate, emulator.url);
    return {
      fired: () => refused,
      heal: () => undefined,
      scan: {
        scanner: scanner as unknown as Scanner,
        config: { ...config, endpoint: undefined },
        onCall: (call) => {
          if (call.operation.startsWith("rolesanywhere:") && call.status === undefined) refused += 1;
        },
      },
    };
  };
}

/** Nobody listens any more after so many requests. */
function down(after: number): (bench: AwsBench) => Promise<Strike> {
  return async ({ emulator }) => {
    let refused = 0;
    let requests = 0;
    let ending: Promise<void> | undefined;
    if (after === 0) await emulator.down();
    else {
      emulator.faults.add({
        fault: { kind: "silence" },
        when: {
          predicate() {
            requests += 1;
            if (requests <= after) return false;
            ending ??= emulator.down();
            return true;
          },
        },
      });
    }
    return {
      fired: () => refused,
      async heal() {
        await ending;
        emulator.faults.clear();
        await emulator.up();
      },
      scan: {
        onCall: (call) => {
          if (call.outcome !== "ok" && call.status === undefined) refused += 1;
        },
      },
    };
  };
}

/** A forward proxy of a few lines, with a fault. */
function proxied(how: "407" | "dies" | "works"): () => Promise<Strike> {
  return async () => {
    let seen = 0;
    let struck = 0;
    const proxy = createServer((request, response) => {
      seen += 1;
      if (how === "407") {
        struck += 1;
        response.writeHead(407, { "proxy-authenticate": "Basic" }).end();
        return;
      }
      if (how === "dies" && seen > 40) {
        struck += 1;
        proxy.close();
        proxy.closeAllConnections();
        return;
      }
      if (how === "works") struck += 1;
      const forward = httpRequest(request.url ?? "", { method: request.method, headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      forward.on("error", () => response.destroy());
      request.pipe(forward);
    });
    const port = await listen(proxy);
    return {
      fired: () => struck,
      heal: () => stop(proxy, () => proxy.closeAllConnections()),
      scan: { network: { share: 1, proxy: `http://127.0.0.1:${port}` } },
    };
  };
}

/** The estate over TLS, behind a proxy that accepts a tunnel and drops it. */
async function tunnelled(bench: AwsBench): Promise<Strike> {
  const front = await tlsFront(bench);
  let struck = 0;
  const proxy = createTcpServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      struck += 1;
      socket.resetAndDestroy();
    });
  });
  const port = await listen(proxy);
  return {
    fired: () => struck,
    async heal() {
      await stop(proxy);
      await front.stop();
    },
    scan: { config: { endpoint: front.url }, network: { share: 1, ca: front.ca, proxy: `http://127.0.0.1:${port}` } },
  };
}

/** The estate over TLS; after forty requests' worth of connections, another certificate. */
function overTls(next: "expired" | "host" | "good"): (bench: AwsBench) => Promise<Strike> {
  return async (bench) => {
    const front = await tlsFront(bench);
    let rotated = 0;
    let requests = 0;
    const handle = bench.emulator.faults.add({
      fault: { kind: "unknown-fields" },
      when: {
        predicate() {
          requests += 1;
          if (requests === 40) {
            rotated += 1;
            front.rotate(next);
          }
          return false;
        },
      },
    });
    return {
      fired: () => rotated,
      async heal() {
        handle.remove();
        await front.stop();
      },
      scan: { config: { endpoint: front.url }, network: { share: 1, ca: front.ca } },
    };
  };
}

async function tlsFront({ emulator }: AwsBench) {
  const authority = createAuthority();
  const sockets = new Set<Socket>();
  const server = createTlsServer(authority.issue({ hosts: ["localhost"] }), (socket) => {
    const inner = connect(Number(new URL(emulator.url).port), "127.0.0.1");
    for (const end of [socket, inner]) {
      sockets.add(end);
      end.on("error", () => undefined);
      end.on("close", () => {
        sockets.delete(end);
        socket.destroy();
        inner.destroy();
      });
    }
    socket.pipe(inner).pipe(socket);
  });
  server.on("tlsClientError", () => undefined);
  const port = await listen(server);
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `https://localhost:${port}`,
    ca: authority.pem,
    rotate(next: "expired" | "host" | "good") {
      const now = Date.now();
      server.setSecureContext(
        authority.issue(
          next === "expired"
            ? { hosts: ["localhost"], from: now - 3 * DAY, to: now - 2 * DAY }
            : { hosts: [next === "host" ? "elsewhere.example" : "localhost"] },
        ),
      );
      drop();
    },
    stop: () => stop(server, drop),
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function stop(server: Server, drop: () => void = () => undefined): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise((resolve) => server.close(resolve));
  drop();
  await closed;
}
