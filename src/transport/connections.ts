import { X509Certificate } from "node:crypto";
import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, createSecureContext, type ConnectionOptions, type SecureContext } from "node:tls";
import * as nodeTls from "node:tls";
import { UserError } from "../sdk/index.ts";
import type { Network } from "./contract.ts";
import { FaultError } from "./fault.ts";
import { bareHost, bypassesProxy, parseProxy, type Proxy } from "./proxy.ts";

/**
 * Sockets: kept alive, verified, and through the proxy where there is one. One layer for every scanner, because most
 * SDKs ignore `HTTPS_PROXY` and a custom authority each in their own way.
 */
export interface Connections {
  /** Opens a request to the URL's origin. Nothing is sent before its body is ended. */
  request(url: URL, options: RequestOptions): ClientRequest;
  /** Whether this origin is reached through the proxy, for messages. */
  proxied(url: URL): boolean;
  close(): void;
}

const AGENT = { keepAlive: true, maxSockets: 128, maxFreeSockets: 64, scheduling: "lifo" } as const;
const CONNECT_DEADLINE = 30_000;

/**
 * @throws {UserError} exit 2 where certificates would not be verified, or proxy or authority are not what they should be.
 */
export function createConnections(network: Network): Connections {
  refuseUnverifiedTls();
  const proxy = network.proxy === undefined || network.proxy === "" ? undefined : usableProxy(network.proxy);
  const secureContext = network.ca === undefined ? undefined : trusting(network.ca);
  const tls: ConnectionOptions = {
    rejectUnauthorized: true,
    minVersion: "TLSv1.2",
    ...(secureContext === undefined ? {} : { secureContext }),
  };
  const direct = { http: new HttpAgent(AGENT), https: new HttpsAgent({ ...AGENT, ...tls }) };
  const tunnelled = proxy === undefined ? undefined : new TunnelAgent(proxy, tls);
  // A proxy that itself speaks TLS is reached by an agent that speaks it, also for plain requests.
  const toProxy = proxy?.secure === true ? direct.https : direct.http;
  const proxied = (url: URL) => proxy !== undefined && !bypassesProxy(url, network.noProxy ?? []);

  return {
    proxied,
    request(url, options) {
      const target = {
        ...options,
        host: bareHost(url.hostname),
        port: url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port),
        path: url.pathname + url.search,
      };
      if (url.protocol === "https:") {
        return httpsRequest({ ...target, agent: proxied(url) && tunnelled !== undefined ? tunnelled : direct.https });
      }
      if (proxy === undefined || !proxied(url)) return httpRequest({ ...target, agent: direct.http });
      const absolute = {
        ...target,
        host: proxy.host,
        port: proxy.port,
        path: `${url.origin}${target.path}`,
        headers: { ...(options.headers as Record<string, string>), ...proxyAuthorization(proxy) },
        agent: toProxy,
      };
      return proxy.secure ? httpsRequest(absolute) : httpRequest(absolute);
    },
    close() {
      direct.http.destroy();
      direct.https.destroy();
      tunnelled?.destroy();
    },
  };
}

/** An https agent whose sockets are TLS inside a CONNECT tunnel: the proxy sees the name and nothing else. */
class TunnelAgent extends HttpsAgent {
  readonly #proxy: Proxy;
  readonly #tls: ConnectionOptions;

  constructor(proxy: Proxy, tls: ConnectionOptions) {
    super({ ...AGENT, ...tls });
    this.#proxy = proxy;
    this.#tls = tls;
  }

  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    if (callback !== undefined) void this.#tunnel(String(options.host), Number(options.port), callback);
    return undefined;
  }

  async #tunnel(host: string, port: number, done: (error: Error | null, stream: Duplex) => void): Promise<void> {
    let socket: Duplex;
    try {
      socket = connectTls({
        ...this.#tls,
        socket: await openTunnel(this.#proxy, this.#tls, host, port),
        ...serverName(host),
      });
    } catch (error) {
      // An agent takes a failure without a stream; its types do not say so.
      done(error as Error, undefined as never);
      return;
    }
    done(null, socket);
  }
}

/** An address in a certificate is matched without SNI, which is for names only. */
function serverName(host: string): ConnectionOptions {
  return isIP(host) === 0 ? { servername: host, host } : { host };
}

function openTunnel(proxy: Proxy, tls: ConnectionOptions, host: string, port: number): Promise<Socket> {
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    const toProxy = { host: proxy.host, port: proxy.port };
    const request = httpRequest({
      ...toProxy,
      method: "CONNECT",
      path: authority,
      headers: { host: authority, ...proxyAuthorization(proxy) },
      createConnection: () =>
        proxy.secure ? connectTls({ ...tls, ...toProxy, ...serverName(proxy.host) }) : connectTcp(toProxy),
    });
    const timer = setTimeout(() => request.destroy(proxyFault("did not answer", true)), CONNECT_DEADLINE);
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(error instanceof FaultError ? error : proxyFault(`could not be used (${errorCode(error)})`, true));
    };
    request.once("error", fail);
    request.once("response", (response) => {
      response.destroy();
      fail(connectRefused(response.statusCode ?? 0));
    });
    request.once("connect", (response, socket, head) => {
      clearTimeout(timer);
      const status = response.statusCode ?? 0;
      if (status === 200 && head.length === 0) {
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(status === 200 ? proxyFault("spoke before it was asked", false) : connectRefused(status));
    });
    request.end();
  });
}

export function connectRefused(status: number): FaultError {
  if (status === 407) return proxyFault("wants other credentials (HTTP 407)", false, 407);
  return proxyFault(`refused the connection (HTTP ${status})`, status >= 500, status);
}

function proxyFault(what: string, again: boolean, status?: number): FaultError {
  return new FaultError({
    class: "network",
    again: again ? "fault" : "never",
    reason: `did not reach the provider: the proxy ${what}`,
    status,
    remedy: "check network.proxy in the configuration, its credentials, and network.noProxy",
  });
}

function proxyAuthorization(proxy: Proxy): Record<string, string> {
  return proxy.authorization === undefined ? {} : { "proxy-authorization": proxy.authorization };
}

function errorCode(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.name;
}

function refuseUnverifiedTls(): void {
  if (process.env["NODE_TLS_REJECT_UNAUTHORIZED"] !== "0") return;
  throw new UserError(
    "NODE_TLS_REJECT_UNAUTHORIZED=0 switches the verification of certificates off; Rollcall does not run like that",
    {
      next: "unset NODE_TLS_REJECT_UNAUTHORIZED, and name a private authority under network.ca",
    },
  );
}

function usableProxy(text: string): Proxy {
  try {
    return parseProxy(text);
  } catch (error) {
    throw new UserError(`network.proxy: ${error instanceof TypeError ? error.message : "not a usable URL"}`, {
      next: "write it as http://proxy.example:3128",
    });
  }
}

function trusting(ca: string): SecureContext {
  // Asked for by name: the oldest Node that we run on lacks it, and there NODE_EXTRA_CA_CERTS yields to `network.ca`.
  const { getCACertificates } = nodeTls as Partial<typeof nodeTls>;
  const known = getCACertificates?.("default") ?? nodeTls.rootCertificates;
  try {
    const blocks = ca.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g);
    if (blocks === null) throw new TypeError("no certificate in it");
    // Read one by one, because a context passes over one that it cannot read without a word.
    const certificates = blocks.map((block) => new X509Certificate(block).toString());
    return createSecureContext({ ca: [...known, ...certificates], minVersion: "TLSv1.2" });
  } catch {
    throw new UserError("network.ca holds no certificate that can be read", {
      next: "give the authority's certificate as PEM text",
    });
  }
}
