import { describe, expect, it } from "vitest";
import { ProviderError, type GuardedResponse } from "../../src/sdk/index.ts";
import { ask, door, failure, gateway, NOW, OPERATIONS, reply, serve, serveRaw, shape } from "./support.ts";

describe("a call", () => {
  it("gives back what parse makes of the answer, and accounts for it", async () => {
    const server = await serve((_request, response) => reply(response, 200, { users: ["a"] }));
    const out = gateway(server.origin);
    expect(await ask(door(out), server.origin)).toEqual({ users: ["a"] });
    expect(out.stats("test")).toEqual({
      calls: 1,
      polls: 0,
      requests: 1,
      retries: 0,
      throttled: 0,
      bytes: 15,
      waited: expect.any(Number),
    });
    expect(out.traces).toEqual([
      {
        at: NOW,
        operation: "iam:ListUsers",
        bucket: "iam/111122223333",
        attempt: 1,
        status: 200,
        outcome: "ok",
        milliseconds: expect.any(Number),
        bytes: 15,
        waited: 0,
      },
    ]);
  });

  it("is refused before anything when its operation is not declared", async () => {
    const server = await serve((_request, response) => reply(response, 200, {}));
    const out = gateway(server.origin);
    let sent = 0;
    const error = await failure(
      door(out).call(
        "iam:DeleteUser",
        async () => {
          sent += 1;
        },
        { bucket: "b", parse: () => 1 },
      ),
    );
    expect(error.details).toMatchObject({ class: "denied", code: "NotDeclared", operation: "iam:DeleteUser" });
    const narrow = out.door("narrow", new Set(["iam:ListRoles", "iam:DeleteUser"]));
    expect((await failure(ask(narrow, server.origin))).details.code).toBe("NotDeclared");
    expect((await failure(ask(narrow, server.origin, "iam:DeleteUser"))).details.code).toBe("NotDeclared");
    expect({ sent, connections: server.connections, calls: out.stats("narrow").calls }).toEqual({
      sent: 0,
      connections: 0,
      calls: 0,
    });
  });

  it("resolves to the given value for a code that means absent, also where that is undefined", async () => {
    let code = "NoSuchEntity";
    const server = await serve((_request, response) => reply(response, 404, { code, kind: "not-found" }));
    const out = gateway(server.origin);
    expect(await ask(door(out), server.origin, "iam:ListUsers", { absent: { NoSuchEntity: "none" } })).toBe("none");
    expect(await ask(door(out), server.origin, "iam:ListUsers", { absent: { NoSuchEntity: undefined } })).toBe(
      undefined,
    );
    expect(server.requests.length).toBe(2);
    expect(out.traces.map((trace) => [trace.outcome, trace.code])).toEqual([
      ["ok", "NoSuchEntity"],
      ["ok", "NoSuchEntity"],
    ]);
    expect((await failure(ask(door(out), server.origin))).details.code).toBe("NoSuchEntity");
    // A code that every object answers to is no entry of the table.
    code = "constructor";
    expect((await failure(ask(door(out), server.origin, "iam:ListUsers", { absent: {} }))).details.code).toBe(
      "constructor",
    );
  });

  it("asks again while the provider is not ready, counted as polls, and gives up in time", async () => {
    let ready = 3;
    const server = await serve((_request, response) => {
      ready -= 1;
      if (ready > 0) reply(response, 404, { code: "ReportInProgress", kind: "not-found" });
      else reply(response, 200, { ready: true });
    });
    const out = gateway(server.origin);
    const pending = { codes: ["ReportInProgress"], every: 2_000, atMost: 10_000 };
    expect(await ask(door(out), server.origin, "iam:ListUsers", { pending })).toEqual({ ready: true });
    expect(out.stats("test")).toMatchObject({ calls: 1, polls: 2, requests: 3, retries: 0 });
    expect(out.traces.map((trace) => trace.outcome)).toEqual(["poll", "poll", "ok"]);

    ready = 1_000;
    const error = await failure(ask(door(out), server.origin, "iam:ListUsers", { pending }));
    expect(shape(error)).toEqual({
      message: "iam:ListUsers was not ready within 10 s",
      class: "timeout",
      operation: "iam:ListUsers",
      code: "ReportInProgress",
      status: 404,
    });
    expect(out.stats("test").polls).toBe(2 + 5);
  });

  it("turns what parse throws into a schema error that says where and not what", async () => {
    const server = await serve((_request, response) => reply(response, 200, { message: "canary-6b1f" }));
    const out = gateway(server.origin);
    const error = await failure(
      ask(door(out), server.origin, "iam:ListUsers", {
        parse: () => {
          throw Object.assign(new Error("got canary-6b1f"), {
            issues: [{ path: ["Users", 0, "UserName"], message: "canary-6b1f" }],
          });
        },
      }),
    );
    expect(shape(error)).toEqual({
      message: "iam:ListUsers was answered in a shape that is not documented (at Users.0.UserName)",
      class: "schema",
      operation: "iam:ListUsers",
    });
    expect(error.cause).toBe(undefined);
    expect(server.requests.length).toBe(1);
  });

  it("takes an error that parse reports in the provider's name (an error inside a 200), and retries throttling", async () => {
    let limited = 2;
    const server = await serve((_request, response) => reply(response, 200, { limited: (limited -= 1) >= 0 }));
    const out = gateway(server.origin);
    const answer = await ask(door(out), server.origin, "iam:ListUsers", {
      parse: (response: GuardedResponse) => {
        const body = JSON.parse(Buffer.from(response.body).toString()) as { limited: boolean };
        if (body.limited)
          throw new ProviderError("iam:ListUsers is limited", {
            class: "throttled",
            operation: "iam:ListUsers",
            code: "RATE_LIMITED",
          });
        return body;
      },
    });
    expect(answer).toEqual({ limited: false });
    expect(out.stats("test")).toMatchObject({ requests: 3, retries: 2, throttled: 2 });
  });
});

describe("what the guard saw decides over what the SDK made of it", () => {
  it("fails a call whose SDK swallowed a bad answer", async () => {
    const server = await serve((_request, response) =>
      reply(response, 403, { code: "AccessDenied", kind: "denied" }, { "x-request-id": "r-1" }),
    );
    const through = door(gateway(server.origin));
    const swallowed = through.call(
      "iam:ListUsers",
      async () => {
        const response = await through.send({ method: "GET", url: `${server.origin}/iam/ListUsers`, headers: {} });
        return response.status === 200 ? ["a user"] : [];
      },
      { bucket: "b", parse: (users) => users },
    );
    expect(shape(await failure(swallowed))).toEqual({
      message: "iam:ListUsers was denied (AccessDenied, HTTP 403)",
      class: "denied",
      operation: "iam:ListUsers",
      code: "AccessDenied",
      status: 403,
      requestId: "r-1",
    });
  });

  it("lets no SDK error out, not as a cause either", async () => {
    const server = await serve((_request, response) =>
      reply(response, 400, { code: "ValidationError", kind: "invalid", message: "AKIAIOSFODNN7EXAMPLE" }),
    );
    const through = door(gateway(server.origin));
    const error = await failure(
      through.call(
        "iam:ListUsers",
        async () => {
          const response = await through.send({
            method: "GET",
            url: `${server.origin}/iam/ListUsers?token=canary`,
            headers: { authorization: "canary" },
          });
          throw Object.assign(new Error(`canary ${Buffer.from(response.body).toString()}`), {
            response,
            request: "canary",
          });
        },
        { bucket: "b", parse: () => 1 },
      ),
    );
    expect(error.cause).toBe(undefined);
    expect(JSON.stringify([error.message, error.details, error.stack, Object.keys(error)])).not.toMatch(/canary|AKIA/);
    expect(error.message).toBe("iam:ListUsers was refused as invalid (ValidationError, HTTP 400)");
  });

  it("says what is wrong on this machine when the SDK failed before anything was sent", async () => {
    const server = await serve((_request, response) => reply(response, 200, {}));
    const through = door(gateway(server.origin));
    const thrown = async (what: unknown) =>
      shape(
        await failure(through.call("iam:ListUsers", async () => Promise.reject(what), { bucket: "b", parse: () => 1 })),
      );
    const named = (name: string, message: string) => Object.assign(new Error(message), { name });
    expect(
      await thrown(
        named(
          "CredentialsProviderError",
          "Token is expired. To refresh this SSO session run 'aws sso login'\nsecret=abc",
        ),
      ),
    ).toEqual({
      message:
        "iam:ListUsers found no usable credentials: Token is expired. To refresh this SSO session run 'aws sso login'",
      class: "auth",
      operation: "iam:ListUsers",
      remedy: "check the profile or role, and sign in again",
    });
    expect(await thrown(new TypeError("x is undefined, eyJhbGciOiJIUzI1NiJ9.e30.abc"))).toEqual({
      message: "iam:ListUsers failed before anything was sent (TypeError: x is undefined, [redacted])",
      class: "protocol",
      operation: "iam:ListUsers",
    });
    expect(await thrown("a string")).toMatchObject({ class: "protocol" });
    expect(server.connections).toBe(0);
  });

  it("names the call inside a call that failed, however the SDK wraps it", async () => {
    const server = await serve((request, response) =>
      request.url?.startsWith("/sts") === true
        ? reply(response, 403, { code: "AccessDenied", kind: "denied" })
        : reply(response, 200, {}),
    );
    const out = gateway(server.origin);
    const through = door(out);
    const error = await failure(
      through.call(
        "iam:ListUsers",
        async () => {
          try {
            await ask(through, server.origin, "sts:AssumeRole");
          } catch {
            throw Object.assign(new Error("could not load credentials"), { name: "CredentialsProviderError" });
          }
        },
        { bucket: "b", parse: () => 1 },
      ),
    );
    expect(shape(error)).toMatchObject({
      message: "sts:AssumeRole was denied (AccessDenied, HTTP 403)",
      class: "denied",
      operation: "sts:AssumeRole",
    });
    expect(server.requests.map((request) => request.url)).toEqual(["/sts/AssumeRole"]);
    expect(out.stats("test")).toMatchObject({ calls: 2, requests: 1 });
  });
});

describe("retries", () => {
  it("H07: outlasts ten seconds of 5xx, whatever the dice say", async () => {
    for (const dice of [0, 0.999]) {
      let waited = 0;
      const server = await serve((_request, response) =>
        waited < 10_000 ? reply(response, 503, "busy") : reply(response, 200, { ok: true }),
      );
      const sleep = async (milliseconds: number) => {
        waited += milliseconds;
      };
      const out = gateway(server.origin, { random: () => dice, sleep });
      expect(await ask(door(out), server.origin)).toEqual({ ok: true });
      expect(server.requests.length).toBeGreaterThan(2);
    }
  });

  it("H08: asks six times in less than a minute where 5xx never ends, and then spares the provider", async () => {
    const server = await serve((_request, response) => reply(response, 500, "broken"));
    const out = gateway(server.origin, { random: () => 0.999 });
    expect(shape(await failure(ask(door(out), server.origin)))).toEqual({
      message: "iam:ListUsers failed at the provider (HTTP 500)",
      class: "network",
      operation: "iam:ListUsers",
      status: 500,
    });
    expect(server.requests.length).toBe(6);
    expect(out.slept.reduce((sum, wait) => sum + wait, 0)).toBeLessThan(60_000);
    expect(out.waits.map((wait) => wait.reason)).toEqual(["retry", "retry", "retry", "retry", "retry"]);

    expect((await failure(ask(door(out), server.origin))).message).toBe(
      "iam:ListUsers was not tried: the call before it failed at the provider (HTTP 500)",
    );
    expect(server.requests.length).toBe(6);
    // Another operation of the same bucket is tried: the provider does answer.
    await failure(ask(door(out), server.origin, "iam:ListRoles"));
    expect(server.requests.length).toBe(12);
  });

  it("tries a provider that was down again after a few seconds, once, and believes an answer", async () => {
    let down = true;
    let clock = 0;
    const server = await serve((_request, response) =>
      down ? reply(response, 500, "broken") : reply(response, 200, { ok: true }),
    );
    const out = gateway(server.origin, { clock: () => clock });
    await failure(ask(door(out), server.origin));
    clock += 6_000;
    await failure(ask(door(out), server.origin));
    expect(server.requests.length).toBe(7);
    clock += 6_000;
    down = false;
    expect(await ask(door(out), server.origin)).toEqual({ ok: true });
    expect(await ask(door(out), server.origin)).toEqual({ ok: true });
  });

  it.each([
    ["H09: invalid", 400, { code: "ValidationError", kind: "invalid" }, "protocol"],
    ["H09: not found", 404, { code: "NoSuchEntity", kind: "not-found" }, "protocol"],
    ["denied", 403, { code: "AccessDenied", kind: "denied" }, "denied"],
    ["denied by status alone", 403, {}, "denied"],
    ["not authenticated", 401, {}, "auth"],
    ["bad credentials", 403, { code: "InvalidClientTokenId", kind: "auth" }, "auth"],
  ])("never repeats: %s", async (_name, status, body, expected) => {
    const server = await serve((_request, response) => reply(response, status, body));
    const out = gateway(server.origin);
    expect((await failure(ask(door(out), server.origin))).class).toBe(expected);
    expect(server.requests.length).toBe(1);
    expect(out.traces.map((trace) => [trace.outcome, trace.class, trace.status])).toEqual([
      ["failed", expected, status],
    ]);
  });

  it("H32: repeats once, at once, with fresh credentials", async () => {
    const attempts: number[] = [];
    let expired = 1;
    const server = await serve((_request, response) =>
      (expired -= 1) >= 0
        ? reply(response, 403, { code: "ExpiredToken", kind: "expired" })
        : reply(response, 200, { ok: true }),
    );
    const out = gateway(server.origin);
    const through = door(out);
    const call = () =>
      through.call(
        "iam:ListUsers",
        (attempt) => {
          attempts.push(attempt.number);
          return through.send({ method: "GET", url: `${server.origin}/iam/ListUsers`, headers: {} });
        },
        { bucket: "b", parse: (response) => response.status },
      );
    expect(await call()).toBe(200);
    expect(attempts).toEqual([1, 2]);
    expired = 5;
    expect(shape(await failure(call()))).toMatchObject({ class: "auth", code: "ExpiredToken" });
    expect(attempts).toEqual([1, 2, 1, 2]);
  });
});

describe("throttling", () => {
  const throttle = { code: "Throttling", kind: "throttled" };

  it("H01: waits as long as Retry-After says, and hardly longer", async () => {
    for (const dice of [0, 1]) {
      let first = true;
      const server = await serve((_request, response) => {
        if (first) reply(response, 429, throttle, { "retry-after": "2" });
        else reply(response, 200, { ok: true });
        first = false;
      });
      const out = gateway(server.origin, { random: () => dice });
      expect(await ask(door(out), server.origin)).toEqual({ ok: true });
      const waited = out.slept.reduce((sum, wait) => sum + wait, 0);
      expect(waited).toBeGreaterThanOrEqual(2_000);
      expect(waited).toBeLessThanOrEqual(2_500);
      expect(out.waits[0]).toMatchObject({ reason: "throttled", operation: "iam:ListUsers" });
      expect(out.stats("test")).toMatchObject({ calls: 1, requests: 2, retries: 1, throttled: 1 });
    }
  });

  it.each([
    ["an HTTP date", new Date(NOW + 3_000).toUTCString(), 3_000, 3_500],
    [
      "a date by the provider's own clock, which is a day ahead",
      new Date(NOW + 86_400_000 + 3_000).toUTCString(),
      3_000,
      3_500,
    ],
    ["a date that has passed", new Date(NOW - 3_000).toUTCString(), 0, 1_000],
    ["nothing", undefined, 0, 1_000],
    ["nonsense", "soon", 0, 1_000],
    ["a number that is none", "NaN", 0, 1_000],
    ["a negative number", "-5", 0, 1_000],
  ])("H02: retries with Retry-After as %s", async (name, header, least, most) => {
    let first = true;
    const date = name.includes("ahead") ? new Date(NOW + 86_400_000).toUTCString() : new Date(NOW).toUTCString();
    const server = await serve((_request, response) => {
      if (first) reply(response, 429, throttle, header === undefined ? { date } : { date, "retry-after": header });
      else reply(response, 200, { ok: true });
      first = false;
    });
    const out = gateway(server.origin);
    expect(await ask(door(out), server.origin)).toEqual({ ok: true });
    const waited = out.slept.reduce((sum, wait) => sum + wait, 0);
    expect(waited).toBeGreaterThanOrEqual(least);
    expect(waited).toBeLessThanOrEqual(most);
    expect(server.requests.length).toBe(2);
  });

  it("H03: fails at once when Retry-After is beyond the cap", async () => {
    const server = await serve((_request, response) => reply(response, 429, throttle, { "retry-after": "86400" }));
    const out = gateway(server.origin);
    expect(shape(await failure(ask(door(out), server.origin)))).toEqual({
      message: "iam:ListUsers was throttled (Throttling, HTTP 429) and asks to wait 86400 s, which is too long",
      class: "throttled",
      operation: "iam:ListUsers",
      code: "Throttling",
      status: 429,
      retryAfter: 86_400_000,
      remedy: "scan again later",
    });
    expect(server.requests.length).toBe(1);
    expect(out.slept).toEqual([]);
  });

  it("never loses a call to throttling within its budget, and then says that it was throttled", async () => {
    let left = 30;
    const server = await serve((_request, response) =>
      (left -= 1) >= 0 ? reply(response, 400, throttle) : reply(response, 200, { ok: true }),
    );
    const out = gateway(server.origin);
    expect(await ask(door(out), server.origin)).toEqual({ ok: true });
    expect(out.stats("test")).toMatchObject({ requests: 31, throttled: 30, retries: 30 });

    left = Number.POSITIVE_INFINITY;
    expect((await failure(ask(door(out), server.origin))).details).toMatchObject({
      class: "throttled",
      code: "Throttling",
    });
    expect(out.stats("test").throttled).toBeGreaterThan(60);
  });
});

describe("deadlines and the end", () => {
  it("H18: gives up on a silent server at the deadline, tries once more, and leaves no socket open", async () => {
    const server = await serveRaw(() => undefined);
    const out = gateway(server.origin);
    const started = performance.now();
    expect(shape(await failure(ask(door(out), server.origin, "iam:ListUsers", { deadline: 200 })))).toEqual({
      message: "iam:ListUsers was not answered within 0.2 s",
      class: "timeout",
      operation: "iam:ListUsers",
    });
    const took = performance.now() - started;
    expect(server.requests).toBe(2);
    expect(took).toBeGreaterThan(390);
    expect(took).toBeLessThan(1_400);
    await expect.poll(() => server.open.size).toBe(0);
  });

  it("gives up on an SDK that heeds no signal", async () => {
    const out = gateway("http://127.0.0.1:1");
    const error = await failure(
      door(out).call("iam:ListUsers", () => new Promise<never>(() => undefined), {
        bucket: "b",
        parse: () => 1,
        deadline: 50,
      }),
    );
    expect(error.class).toBe("timeout");
  });

  it("refuses what an SDK sends after its call has ended", async () => {
    const server = await serve((_request, response) => reply(response, 200, {}));
    const out = gateway(server.origin);
    const through = door(out);
    let late: Promise<unknown> = Promise.resolve();
    await through.call(
      "iam:ListUsers",
      async () => {
        late = (async () => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          return through.send({ method: "GET", url: `${server.origin}/iam/ListUsers`, headers: {} });
        })();
      },
      { bucket: "b", parse: () => 1 },
    );
    expect((await failure(late)).message).toBe(
      "iam:ListUsers sent a request after its call had ended; nothing was sent",
    );
    expect(server.connections).toBe(0);
  });

  it("ends as cancelled what is under way, what sleeps and what queues", async () => {
    const silent = await serveRaw(() => undefined);
    const underWay = new AbortController();
    const asked = failure(ask(door(gateway(silent.origin), underWay.signal), silent.origin));
    await expect.poll(() => silent.requests).toBe(1);
    underWay.abort();
    expect(shape(await asked)).toEqual({
      message: "iam:ListUsers was cancelled",
      class: "cancelled",
      operation: "iam:ListUsers",
    });
    await expect.poll(() => silent.open.size).toBe(0);

    const busy = await serve((_request, response) => reply(response, 429, {}, { "retry-after": "60" }));
    const sleeping = gateway(busy.origin, { sleep: () => new Promise(() => undefined) });
    const waiting = [failure(ask(door(sleeping), busy.origin)), failure(ask(door(sleeping), busy.origin))];
    await expect.poll(() => sleeping.waits.length).toBe(2);
    waiting.push(failure(ask(door(sleeping), busy.origin)));
    sleeping.close();
    expect((await Promise.all(waiting)).map((error) => error.class)).toEqual(["cancelled", "cancelled", "cancelled"]);
    expect((await failure(ask(door(sleeping), busy.origin))).class).toBe("cancelled");
    expect(busy.requests.length).toBe(2);
  });

  it("keeps accounts apart by label", async () => {
    const server = await serve((_request, response) => reply(response, 200, {}));
    const out = gateway(server.origin);
    await ask(out.door("one", OPERATIONS), server.origin);
    await ask(out.door("two", OPERATIONS), server.origin);
    await ask(out.door("two", OPERATIONS), server.origin);
    expect([out.stats("one").calls, out.stats("two").calls, out.stats("three").calls]).toEqual([1, 2, 0]);
  });
});
