import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Door } from "../../src/sdk/index.ts";
import { ask, door, failure, gateway, listen, pathWire, reply, serve, serveRaw, shape, NOW } from "./support.ts";
import { createServer as createTcpServer } from "node:net";

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
const whole = (body: string) => `${HEAD}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const good = (socket: Socket) => socket.write(whole(`{"ok":true}`));

/** Asks a server that misbehaves for ever: what the call ends with, and how often the fault fired. */
async function faulty(
  fault: (socket: Socket) => void,
  options: Parameters<typeof gateway>[1] = {},
): Promise<Record<string, unknown>> {
  const server = await serveRaw(fault);
  const error = await failure(ask(door(gateway(server.origin, options)), server.origin));
  return { ...shape(error), fired: server.requests };
}

/** Asks a server that misbehaves once. */
async function recovers(fault: (socket: Socket) => void) {
  const server = await serveRaw(fault, good);
  const answer = await ask(door(gateway(server.origin)), server.origin);
  return { answer, fired: server.requests };
}

const RECOVERED = { answer: { ok: true }, fired: 2 };
const operation = "iam:ListUsers";

describe("only what is declared goes out, and only to the provider", () => {
  const send = (through: Door, method: string, url: string, of = operation) =>
    failure(
      through.call(of, () => through.send({ method, url, headers: { authorization: "canary" } }), {
        bucket: "b",
        parse: () => 1,
      }),
    );

  it("puts 0 bytes on the wire for an operation that is unknown or is not this call's", async () => {
    const server = await serve((_request, response) => reply(response, 200, {}));
    const through = door(gateway(server.origin));
    const refusals = [
      (await send(through, "GET", `${server.origin}/iam`)).message,
      (await send(through, "GET", `${server.origin}/iam/DeleteUser`)).message,
      // Declared, and still not what this call said it would do.
      (await send(through, "GET", `${server.origin}/iam/ListRoles`)).message,
      (await failure(through.send({ method: "GET", url: `${server.origin}/iam/ListUsers`, headers: {} }))).message,
    ];
    expect(refusals).toEqual([
      "iam:ListUsers sent a request that the scanner does not know; nothing was sent",
      "iam:ListUsers sent iam:DeleteUser instead, which this call does not allow; nothing was sent",
      "iam:ListUsers sent iam:ListRoles instead, which this call does not allow; nothing was sent",
      "test sent a request outside of a call; nothing was sent",
    ]);
    expect(server.connections).toBe(0);
  });

  it("fails the call although the SDK swallowed the refusal", async () => {
    const server = await serve((_request, response) => reply(response, 200, {}));
    const through = door(gateway(server.origin));
    const error = await failure(
      through.call(
        operation,
        async () => {
          await through
            .send({ method: "POST", url: `${server.origin}/iam/DeleteUser`, headers: {} })
            .catch(() => undefined);
          return through.send({ method: "GET", url: `${server.origin}/iam/ListUsers`, headers: {} });
        },
        { bucket: "b", parse: () => 1 },
      ),
    );
    expect(error.details).toMatchObject({ class: "denied", code: "NotDeclared" });
    expect(server.requests.map((request) => request.url)).toEqual(["/iam/ListUsers"]);
  });

  it("treats a reader of requests that throws as one that does not know", async () => {
    const server = await serve((_request, response) => reply(response, 200, {}));
    const wire = {
      ...pathWire(() => [server.origin]),
      identify: () => {
        throw new Error("canary");
      },
    };
    expect(
      (await send(door(gateway(server.origin, { wire })), "GET", `${server.origin}/iam/ListUsers`)).details.code,
    ).toBe("NotDeclared");
    expect(server.connections).toBe(0);
  });

  it("never opens a connection to another origin, without TLS, or with credentials in the URL", async () => {
    const server = await serve((_request, response) => reply(response, 200, {}));
    const through = door(gateway([server.origin, "http://iam.amazonaws.com"]));
    for (const url of [
      `http://localhost:${server.port}/iam/ListUsers`,
      `http://127.0.0.1:${server.port + 1}/iam/ListUsers`,
      `https://127.0.0.1:${server.port}/iam/ListUsers`,
      `http://user:canary@127.0.0.1:${server.port}/iam/ListUsers`,
      "http://iam.amazonaws.com/iam/ListUsers",
      "file:///iam/ListUsers",
    ]) {
      const error = await send(through, "GET", url);
      expect([url, error.class, error.details.code]).toEqual([url, "protocol", "ForeignOrigin"]);
      expect(error.message).not.toContain("canary");
    }
    expect(server.connections).toBe(0);
  });

  it("H43: follows no redirect: the other side sees no connection", async () => {
    const sentinel = await listen(createTcpServer(() => undefined));
    for (const status of [301, 302, 303, 307, 308]) {
      const server = await serve((_request, response) =>
        reply(response, status, "", { location: `${sentinel.origin}/iam/ListUsers` }),
      );
      expect(shape(await failure(ask(door(gateway([server.origin, sentinel.origin])), server.origin)))).toEqual({
        message: "iam:ListUsers was redirected, and redirects are not followed",
        class: "protocol",
        operation,
        status,
      });
      expect(server.requests.length).toBe(1);
    }
    expect(sentinel.connections).toBe(0);
  });

  it("sets the connection's own headers itself, and passes the others on", async () => {
    const server = await serve((_request, response) => reply(response, 200, {}));
    const through = door(gateway(server.origin));
    await through.call(
      operation,
      () =>
        through.send({
          method: "POST",
          url: `${server.origin}/iam/ListUsers`,
          headers: {
            "Accept-Encoding": "gzip",
            Host: "elsewhere",
            "X-Amz-Date": "20261123",
            "Content-Length": "999",
            "Proxy-Authorization": "canary",
          },
          body: "Action=ListUsers&Name=é",
        }),
      { bucket: "b", parse: () => 1 },
    );
    const headers = server.requests[0]?.headers ?? {};
    expect(headers).toEqual({
      "accept-encoding": "identity",
      connection: "keep-alive",
      "content-length": "24",
      host: `127.0.0.1:${server.port}`,
      "x-amz-date": "20261123",
    });
  });

  it("keeps connections alive", async () => {
    const server = await serve((_request, response) => reply(response, 200, {}));
    const through = door(gateway(server.origin));
    for (let count = 0; count < 5; count += 1) await ask(through, server.origin);
    expect(server.connections).toBe(1);
  });
});

describe("an answer comes back whole or not at all", () => {
  it("H12: a reset before the headers and in the middle of them is retried", async () => {
    expect(await recovers((socket) => socket.resetAndDestroy())).toEqual(RECOVERED);
    expect(
      await recovers((socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-ty", () => socket.resetAndDestroy())),
    ).toEqual(RECOVERED);
    expect(await recovers((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-ty"))).toEqual(RECOVERED);
    expect(await faulty((socket) => socket.resetAndDestroy())).toEqual({
      message: "iam:ListUsers lost the connection (ECONNRESET)",
      class: "network",
      operation,
      code: "ECONNRESET",
      fired: 6,
    });
  });

  const cut = (head: string, body: string, how: "end" | "resetAndDestroy") => (socket: Socket) =>
    socket.write(`${HEAD}${head}\r\n\r\n${body}`, () => setTimeout(() => socket[how](), 20));

  it.each([
    ["H13: Content-Length, reset", cut("content-length: 11", `{"ok":`, "resetAndDestroy")],
    ["H13: Content-Length, closed", cut("content-length: 11", `{"ok":`, "end")],
    ["H14: chunked, reset", cut("transfer-encoding: chunked", `6\r\n{"ok":\r\n`, "resetAndDestroy")],
    ["H14: chunked, closed", cut("transfer-encoding: chunked", `6\r\n{"ok":\r\n`, "end")],
    [
      "H14: chunked, whole text without the last chunk",
      cut("transfer-encoding: chunked", `b\r\n{"ok":true}\r\n`, "end"),
    ],
    ["H14: until close, closed", cut("connection: close", `{"ok":`, "end")],
    ["H14: until close, reset", cut("connection: close", `{"ok":`, "resetAndDestroy")],
    ["H16: Content-Length too long", cut("content-length: 99", `{"ok":true}`, "end")],
    ["H16: Content-Length too short", cut("content-length: 6", `{"ok":true}`, "end")],
    ["H15: gzip cut by one byte", (socket: Socket) => gzipped(socket, -1)],
    ["H15: gzip without its trailer", (socket: Socket) => gzipped(socket, -8)],
    ["H15: half a gzip", (socket: Socket) => gzipped(socket, -20)],
    [
      "H19: captive portal",
      (socket: Socket) =>
        socket.write(`HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: 6\r\n\r\n<html>`),
    ],
    ["H20: nothing", (socket: Socket) => socket.write(whole(""))],
    ["no HTTP at all", (socket: Socket) => socket.write("220 smtp ready\r\n")],
    [
      "not UTF-8",
      (socket: Socket) =>
        socket.write(Buffer.concat([Buffer.from(`${HEAD}content-length: 3\r\n\r\n"`), Buffer.from([0xff, 0x22])])),
    ],
    [
      "UTF-16",
      (socket: Socket) =>
        socket.write(
          Buffer.concat([Buffer.from(`${HEAD}content-length: 6\r\n\r\n`), Buffer.from("\ufeff{}", "utf16le")]),
        ),
    ],
    [
      "another character set",
      (socket: Socket) =>
        socket.write(
          `HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=iso-8859-1\r\ncontent-length: 2\r\n\r\n{}`,
        ),
    ],
    ["a part only", (socket: Socket) => socket.write(whole("{}").replace("200 OK", "206 Partial Content"))],
  ])("%s: retried, and a protocol or network gap if it stays", async (_name, fault) => {
    expect(await recovers(fault)).toEqual(RECOVERED);
    const ended = await faulty(fault);
    expect(ended["fired"]).toBe(6);
    expect(["protocol", "network"]).toContain(ended["class"]);
  });

  function gzipped(socket: Socket, end: number): void {
    const body = gzipSync(`{"ok":true}`).subarray(0, end);
    socket.write(
      Buffer.concat([Buffer.from(`${HEAD}content-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`), body]),
    );
  }

  it("says what it took for the API and is not", async () => {
    const portal = (status: string, type: string) => (socket: Socket) =>
      socket.write(`HTTP/1.1 ${status}\r\n${type}content-length: 6\r\n\r\n<html>`);
    expect((await faulty(portal("200 OK", "content-type: text/html\r\n")))["message"]).toBe(
      "iam:ListUsers was answered with text/html (HTTP 200): this is not the API",
    );
    expect((await faulty(portal("200 OK", "")))["message"]).toBe(
      "iam:ListUsers was answered without a content type (HTTP 200): this is not the API",
    );
    // A login page with a 403 says nothing about permissions.
    expect(await faulty(portal("403 Forbidden", "content-type: text/html\r\n"))).toMatchObject({
      message: "iam:ListUsers was answered with text/html (HTTP 403): this is not the API",
      class: "protocol",
    });
    expect(await faulty(portal("503 Unavailable", "content-type: text/html\r\n"))).toMatchObject({
      class: "network",
      status: 503,
    });
  });

  it("undoes an encoding that nobody asked for, and a byte order mark", async () => {
    const body = gzipSync(`\ufeff{"ok":true}`);
    const server = await serveRaw((socket) =>
      socket.write(
        Buffer.concat([Buffer.from(`${HEAD}content-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`), body]),
      ),
    );
    expect(await ask(door(gateway(server.origin)), server.origin)).toEqual({ ok: true });
  });

  it("takes a body that ends with the connection only where its own structure ends", async () => {
    const until = (type: string, body: string) => (socket: Socket) =>
      socket.end(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\n\r\n${body}`);
    const server = await serveRaw(until("application/json", `{"ok":true}`));
    expect(await ask(door(gateway(server.origin)), server.origin)).toEqual({ ok: true });
    const wire = (origin: string) => pathWire(() => [origin], ["text/csv"]);
    const csv = await serveRaw(until("text/csv", "user,arn\n"));
    const error = await failure(ask(door(gateway(csv.origin, { wire: wire(csv.origin) })), csv.origin));
    expect(error.message).toBe("iam:ListUsers was answered with a body whose end nothing marks");
  });

  it("keeps what the provider said about time", async () => {
    const server = await serve((_request, response) =>
      reply(response, 200, {}, { date: new Date(NOW + 86_400_000).toUTCString() }),
    );
    const out = gateway(server.origin);
    expect(out.skew()).toBe(undefined);
    await ask(door(out), server.origin);
    expect(out.skew()).toBe(86_400_000 + 500);
  });
});

describe("an answer has limits", () => {
  const respond = (head: string, body: string | Buffer) => (socket: Socket) =>
    socket.write(
      Buffer.concat([Buffer.from(`${HEAD}${head}content-length: ${body.length}\r\n\r\n`), Buffer.from(body)]),
    );

  it("H42: a bomb, a body without end and a body that says it is too large", async () => {
    const bomb = gzipSync(Buffer.alloc(400 * 1024 * 1024, 0x20));
    expect(bomb.length).toBeLessThan(500_000);
    const before = process.memoryUsage.rss();
    expect(await faulty(respond("content-encoding: gzip\r\n", bomb))).toMatchObject({
      class: "limit",
      message: "iam:ListUsers was answered with more than 67108864 bytes, compressed",
      fired: 1,
    });
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 * 1024 * 1024);

    let written = 0;
    const endless = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const chunk = Buffer.alloc(64 * 1024, 0x20);
      const more = () => {
        do written += chunk.length;
        while (!response.destroyed && response.write(chunk));
      };
      response.on("drain", more);
      more();
    });
    const limits = { body: 1024 * 1024 };
    const error = await failure(ask(door(gateway(endless.origin, { limits })), endless.origin));
    expect(shape(error)).toMatchObject({
      class: "limit",
      message: "iam:ListUsers was answered with more than 1048576 bytes",
    });
    expect(endless.requests.length).toBe(1);
    expect(written).toBeGreaterThan(1024 * 1024);
    await expect.poll(() => endless.open.size).toBe(0);

    const boast = await serveRaw((socket) => socket.write(`${HEAD}content-length: 99999999999\r\n\r\n{`));
    expect((await failure(ask(door(gateway(boast.origin)), boast.origin))).class).toBe("limit");
  });

  it("H39: depth, one text, and headers", async () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    const fine = await serveRaw(respond("", nested(200)));
    expect(await ask(door(gateway(fine.origin)), fine.origin)).toBeInstanceOf(Array);
    expect(await faulty(respond("", nested(201)))).toMatchObject({ class: "limit", fired: 1 });
    expect(await faulty(respond("", nested(1_000_000)))).toMatchObject({ class: "limit", fired: 1 });
    expect(await faulty(respond("", JSON.stringify("x".repeat(2_000))), { limits: { text: 1_000 } })).toMatchObject({
      class: "limit",
      fired: 1,
    });
    const megabyte = await serveRaw(respond("", JSON.stringify({ name: `\\"${"x".repeat(1024 * 1024)}` })));
    expect(await ask(door(gateway(megabyte.origin)), megabyte.origin)).toEqual({
      name: `\\"${"x".repeat(1024 * 1024)}`,
    });
    const header = `x-much: ${"y".repeat(100_000)}\r\n`;
    expect(await faulty(respond(header, "{}"))).toMatchObject({ class: "limit", fired: 1 });
  });

  it.each([
    ["cut short", "<a><b>1</b>", "protocol"],
    ["cut in a tag", "<a><b", "protocol"],
    ["closed too often", "<a></a></a>", "protocol"],
    ["two roots", "<a/><b/>", "protocol"],
    ["no XML", "plain", "protocol"],
    ["declares a type", `<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`, "protocol"],
    ["declares an entity in the middle", `<a><!entity x "y"></a>`, "protocol"],
    ["too deep", "<a>".repeat(201) + "</a>".repeat(201), "limit"],
    ["a long text", `<a>${"x".repeat(2_000)}</a>`, "limit"],
    ["a long CDATA section", `<a><![CDATA[${"x".repeat(2_000)}]]></a>`, "limit"],
  ])("XML: %s", async (_name, body, expected) => {
    const server = await serve((_request, response) => reply(response, 200, body, { "content-type": "text/xml" }));
    const wire = pathWire(() => [server.origin], ["text/xml"]);
    const error = await failure(ask(door(gateway(server.origin, { wire, limits: { text: 1_000 } })), server.origin));
    expect([error.class, server.requests.length > 0]).toEqual([expected, true]);
  });

  it("lets honest XML through byte by byte", async () => {
    const body = `<?xml version="1.0"?>\n<!-- <b> --><a x="1>2" y='/>'><b/><c><![CDATA[</c><!DOCTYPE]]></c>&lt;é</a>\n`;
    const server = await serve((_request, response) =>
      reply(response, 200, body, { "content-type": "text/xml; charset=UTF-8" }),
    );
    const wire = pathWire(() => [server.origin], ["text/xml"]);
    const parse = (response: { body: Uint8Array }) => Buffer.from(response.body).toString();
    expect(await ask(door(gateway(server.origin, { wire })), server.origin, operation, { parse })).toBe(body);
  });

  it("H41: headers and keys called __proto__ are plain data", async () => {
    const server = await serveRaw((socket) =>
      socket.write(`${HEAD}__proto__: polluted\r\ncontent-length: 24\r\n\r\n{"__proto__":{"bad":1 }}`),
    );
    const through = door(gateway(server.origin));
    const response = await through.call(
      operation,
      () => through.send({ method: "GET", url: `${server.origin}/iam/ListUsers`, headers: {} }),
      {
        bucket: "b",
        parse: (answer) => answer,
      },
    );
    expect(Object.hasOwn(response.headers, "__proto__")).toBe(true);
    expect(({} as { bad?: unknown }).bad).toBe(undefined);
  });
});

describe("nothing hangs", () => {
  it("H17: dripping headers and bodies end at the deadline, also under forced garbage collection", async () => {
    const { setFlagsFromString } = await import("node:v8");
    const { runInNewContext } = await import("node:vm");
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const drip = (first: string) => (socket: Socket) => {
      socket.write(first);
      const timer = setInterval(() => socket.write(" "), 20);
      socket.on("close", () => clearInterval(timer));
    };
    for (const first of ["HTTP/1.1 200 OK\r\nx: ", `${HEAD}content-length: 9999\r\n\r\n[`]) {
      const server = await serveRaw(drip(first));
      const through = door(gateway(server.origin));
      const collector = setInterval(collect, 40);
      const started = performance.now();
      const calls = Array.from({ length: 20 }, (_unused, index) =>
        failure(ask(through, server.origin, operation, { deadline: 500, bucket: `bucket ${index}` })),
      );
      const errors = await Promise.all(calls);
      clearInterval(collector);
      expect(new Set(errors.map((error) => error.class))).toEqual(new Set(["timeout"]));
      expect(performance.now() - started).toBeLessThan(2 * 500 + 1_000);
      expect(server.requests).toBeGreaterThanOrEqual(20);
      await expect.poll(() => server.open.size).toBe(0);
    }
  });

  it("H10: a refused connection and a name that does not exist are network gaps", async () => {
    const gone = await listen(createTcpServer(() => undefined));
    await new Promise((resolve) => gone.server.close(resolve));
    expect(shape(await failure(ask(door(gateway(gone.origin)), gone.origin)))).toEqual({
      message: "iam:ListUsers was refused a connection",
      class: "network",
      operation,
      code: "ECONNREFUSED",
    });
    const nowhere = "https://iam.invalid";
    expect((await failure(ask(door(gateway(nowhere)), nowhere))).message).toMatch(
      /^iam:ListUsers (did not find|could not ask for) the provider's host \(DNS\)$/,
    );
  });

  it("asks at once again when a kept-alive connection had died in the meantime", async () => {
    let answered = 0;
    const server = await serveRaw((socket) => {
      answered += 1;
      if (answered === 2) socket.resetAndDestroy();
      else good(socket);
    });
    const out = gateway(server.origin);
    await ask(door(out), server.origin);
    expect(await ask(door(out), server.origin)).toEqual({ ok: true });
    expect(out.waits.map((wait) => wait.wait)).toEqual([0]);
    expect(answered).toBe(3);
  });
});
