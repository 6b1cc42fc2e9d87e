import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { connect, createServer as createTcpServer, type Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { isUserError } from "../../src/sdk/index.ts";
import { bypassesProxy } from "../../src/transport/proxy.ts";
import { createAuthority } from "./certificates.ts";
import { ask, door, failure, gateway, listen, reply, serve, shape } from "./support.ts";

const authority = createAuthority();
const DAY = 86_400_000;

async function serveTls(certificate: { readonly cert: string; readonly key: string }, options: object = {}) {
  let requests = 0;
  const server = createHttpsServer({ ...certificate, ...options }, (_request, response) => {
    requests += 1;
    reply(response, 200, { ok: true });
  });
  server.on("tlsClientError", () => undefined);
  const running = await listen(server);
  return {
    ...running,
    origin: `https://127.0.0.1:${running.port}`,
    requests: () => requests,
    handshakes: () => running.connections,
  };
}

/** A CONNECT proxy that remembers what it was asked; `answer` may take a request over. */
async function serveProxy(answer?: (socket: Socket, head: string) => boolean) {
  const asked: string[] = [];
  const running = await listen(
    createTcpServer((client) => {
      client.once("data", (first) => {
        const head = first.toString("latin1");
        asked.push(head);
        if (answer?.(client, head) === true) return;
        const [method, target = ""] = head.split(" ");
        const url = method === "CONNECT" ? new URL(`http://${target}`) : new URL(target);
        const upstream = connect(Number(url.port), url.hostname, () => {
          if (method === "CONNECT") client.write("HTTP/1.1 200 Connection established\r\n\r\n");
          else upstream.write(first);
          upstream.pipe(client).pipe(upstream);
        });
        upstream.on("error", () => client.destroy());
        client.on("error", () => upstream.destroy());
      });
    }),
  );
  return { ...running, asked, connections: () => running.connections };
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("H45: certificates are verified, always", () => {
  it("trusts the authority that the configuration names, and still the name and the time must be right", async () => {
    const server = await serveTls(authority.issue());
    const network = { share: 1, ca: authority.pem };
    expect(await ask(door(gateway(server.origin, { network })), server.origin)).toEqual({ ok: true });

    const cases = [
      ["its certificate comes from an authority that is not known here", authority.issue(), { share: 1 }],
      ["its certificate comes from an authority that is not known here", createAuthority("Other").issue(), network],
      ["its certificate has expired", authority.issue({ to: Date.now() - DAY / 2 }), network],
      ["its certificate is not valid yet", authority.issue({ from: Date.now() + DAY / 2 }), network],
      ["its certificate is for another host", authority.issue({ hosts: ["127.0.0.2", "example.com"] }), network],
    ] as const;
    for (const [reason, certificate, trust] of cases) {
      const bad = await serveTls(certificate);
      const error = await failure(ask(door(gateway(bad.origin, { network: trust })), bad.origin));
      expect(shape(error)).toMatchObject({
        message: `iam:ListUsers did not trust the server: ${reason}`,
        class: "network",
      });
      expect({ handshakes: bad.handshakes(), requests: bad.requests() }).toEqual({ handshakes: 1, requests: 0 });
    }
  });

  it("refuses TLS 1.1", async () => {
    const server = await serveTls(authority.issue(), {
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    const error = await failure(
      ask(door(gateway(server.origin, { network: { share: 1, ca: authority.pem } })), server.origin),
    );
    expect(error.message).toMatch(/^iam:ListUsers could not agree on TLS with the server/);
    expect([server.handshakes(), server.requests()]).toEqual([1, 0]);
  });

  it("does not start where verification is switched off, and says so", () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    expect(() => gateway("https://127.0.0.1:1")).toThrow(/NODE_TLS_REJECT_UNAUTHORIZED=0/);
  });

  it("refuses settings that cannot be used, without repeating them", () => {
    for (const network of [
      { ca: "canary" },
      { ca: `${authority.pem}-----BEGIN CERTIFICATE-----\ncanary\n-----END CERTIFICATE-----` },
      { proxy: "canary:secret@host" },
      { proxy: "socks5://canary" },
      { share: 0 },
      { share: 1.1 },
      { share: Number.NaN },
    ]) {
      try {
        gateway("https://127.0.0.1:1", { network });
        expect.unreachable();
      } catch (error) {
        expect(isUserError(error) && error.exit).toBe(2);
        expect(String(error)).not.toContain("canary");
      }
    }
  });
});

describe("H44: a proxy", () => {
  it("tunnels https, with its credentials for itself only, and keeps the tunnel alive", async () => {
    const server = await serveTls(authority.issue());
    const proxy = await serveProxy();
    const network = { share: 1, ca: authority.pem, proxy: `http://user:p%40ss@127.0.0.1:${proxy.port}` };
    const through = door(gateway(server.origin, { network }));
    expect([await ask(through, server.origin), await ask(through, server.origin)]).toEqual([
      { ok: true },
      { ok: true },
    ]);
    expect(proxy.asked).toEqual([
      [
        `CONNECT 127.0.0.1:${server.port} HTTP/1.1`,
        `host: 127.0.0.1:${server.port}`,
        `proxy-authorization: Basic ${Buffer.from("user:p@ss").toString("base64")}`,
        "Connection: close",
        "",
        "",
      ].join("\r\n"),
    ]);
    expect(server.requests()).toBe(2);
  });

  it("verifies the provider's certificate inside the tunnel", async () => {
    const server = await serveTls(authority.issue({ hosts: ["example.com"] }));
    const proxy = await serveProxy();
    const network = { share: 1, ca: authority.pem, proxy: `http://127.0.0.1:${proxy.port}` };
    expect((await failure(ask(door(gateway(server.origin, { network })), server.origin))).message).toBe(
      "iam:ListUsers did not trust the server through the proxy: its certificate is for another host",
    );
    expect([proxy.asked.length, server.requests()]).toEqual([1, 0]);
  });

  it("is reached by TLS itself where its URL says so", async () => {
    const server = await serveTls(authority.issue());
    const asked: string[] = [];
    const tlsProxy = createHttpsServer(authority.issue());
    tlsProxy.on("connect", (request, client) => {
      asked.push(String(request.url));
      const upstream = connect(server.port, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 OK\r\n\r\n");
        upstream.pipe(client).pipe(upstream);
      });
      upstream.on("error", () => client.destroy());
      client.on("error", () => upstream.destroy());
    });
    const proxy = await listen(tlsProxy);
    const network = { share: 1, ca: authority.pem, proxy: `https://127.0.0.1:${proxy.port}` };
    expect(await ask(door(gateway(server.origin, { network })), server.origin)).toEqual({ ok: true });
    expect(asked).toEqual([`127.0.0.1:${server.port}`]);
  });

  it("is asked for the whole URL where the origin is plain http", async () => {
    const server = await serve((_request, response) => reply(response, 200, { ok: true }));
    const proxy = await serveProxy();
    const network = { share: 1, proxy: `http://user:secret@127.0.0.1:${proxy.port}` };
    expect(await ask(door(gateway(server.origin, { network })), server.origin)).toEqual({ ok: true });
    expect(proxy.asked[0]).toContain(`GET ${server.origin}/iam/ListUsers HTTP/1.1\r\n`);
    expect(proxy.asked[0]).toContain(`host: 127.0.0.1:${server.port}\r\n`);
  });

  it("is left out for the hosts that the configuration names", async () => {
    const server = await serveTls(authority.issue());
    const proxy = await serveProxy();
    const network = { share: 1, ca: authority.pem, proxy: `http://127.0.0.1:${proxy.port}`, noProxy: ["127.0.0.0/8"] };
    expect(await ask(door(gateway(server.origin, { network })), server.origin)).toEqual({ ok: true });
    expect(proxy.connections()).toBe(0);
  });

  it.each([
    [
      "wants other credentials (HTTP 407)",
      1,
      (client: Socket) => client.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n"),
    ],
    [
      "refused the connection (HTTP 403)",
      1,
      (client: Socket) => client.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"),
    ],
    [
      "refused the connection (HTTP 502)",
      6,
      (client: Socket) => client.end("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n"),
    ],
    ["could not be used (ECONNRESET)", 6, (client: Socket) => client.resetAndDestroy()],
  ])("that fails is named, without its credentials: %s", async (reason, times, fault) => {
    const server = await serveTls(authority.issue());
    const proxy = await serveProxy((client) => {
      fault(client);
      return true;
    });
    const network = { share: 1, ca: authority.pem, proxy: `http://user:canary@127.0.0.1:${proxy.port}` };
    const error = await failure(ask(door(gateway(server.origin, { network })), server.origin));
    expect(error.message).toBe(`iam:ListUsers did not reach the provider: the proxy ${reason}`);
    expect(JSON.stringify([error.message, error.details, error.stack])).not.toMatch(/canary|Y2FuYXJ5/);
    expect([error.class, proxy.connections(), server.handshakes()]).toEqual(["network", times, 0]);
  });

  it("that wants credentials for plain http is named as well", async () => {
    const proxy = await listen(createHttpServer((_request, response) => reply(response, 407, "")));
    const origin = "http://127.0.0.1:9";
    const network = { share: 1, proxy: proxy.origin };
    expect((await failure(ask(door(gateway(origin, { network })), origin))).message).toBe(
      "iam:ListUsers did not reach the provider: the proxy wants other credentials (HTTP 407)",
    );
  });

  it("that dies in the middle is retried", async () => {
    const server = await serveTls(authority.issue());
    let first = true;
    const proxy = await serveProxy((client) => {
      if (!first) return false;
      first = false;
      client.write("HTTP/1.1 200 OK\r\n\r\n", () => setTimeout(() => client.resetAndDestroy(), 5));
      return true;
    });
    const network = { share: 1, ca: authority.pem, proxy: `http://127.0.0.1:${proxy.port}` };
    expect(await ask(door(gateway(server.origin, { network })), server.origin)).toEqual({ ok: true });
    expect(proxy.asked.length).toBe(2);
  });

  it.each([
    ["https://iam.amazonaws.com", "amazonaws.com", true],
    ["https://iam.amazonaws.com", ".amazonaws.com", true],
    ["https://iam.amazonaws.com", "*.amazonaws.com", true],
    ["https://iam.amazonaws.com", "zonaws.com", false],
    ["https://iam.amazonaws.com", "iam.amazonaws.com:443", true],
    ["https://iam.amazonaws.com", "iam.amazonaws.com:8443", false],
    ["https://iam.amazonaws.com", "*", true],
    ["https://iam.amazonaws.com", " IAM.amazonaws.com ", true],
    ["https://iam.amazonaws.com", "", false],
    ["http://127.0.0.1:8080", "127.0.0.1", true],
    ["http://127.0.0.1:8080", "127.0.0.0/8", true],
    ["http://128.0.0.1:8080", "127.0.0.0/8", false],
    ["http://[::1]:8080", "::1", true],
    ["http://[fd00::1]:8080", "fd00::/8", true],
    ["http://10.0.0.1:8080", "0.0.1", false],
  ])("bypass: %s with %s is %s", (url, entry, expected) => {
    expect(bypassesProxy(new URL(url), [entry])).toBe(expected);
  });
});
