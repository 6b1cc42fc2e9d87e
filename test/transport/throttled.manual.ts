/**
 * Measures the pacer against a server whose rate it does not know, beside the retry that SDKs do by default. Not a
 * test: it takes half a minute and its figures depend on the machine. `npx node test/transport/throttled.manual.ts`.
 */
import { createServer, request as httpRequest, Agent } from "node:http";
import type { AddressInfo } from "node:net";
import type { Wire } from "../../src/sdk/door.ts";
import { createGateway } from "../../src/transport/index.ts";

interface Result {
  readonly seconds: number;
  readonly lost: number;
  readonly throttled: number;
  readonly requests: number;
}

const CALLS = Number(process.argv[2] ?? 3_000);
const RATE = Number(process.argv[3] ?? 300);
const BURST = Number(process.argv[4] ?? 300);
const LATENCY = Number(process.argv[5] ?? 20);

function bucketServer() {
  let tokens = BURST;
  let filledAt = performance.now();
  let throttled = 0;
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    const now = performance.now();
    tokens = Math.min(BURST, tokens + ((now - filledAt) * RATE) / 1_000);
    filledAt = now;
    const allowed = tokens >= 1;
    if (allowed) tokens -= 1;
    else throttled += 1;
    setTimeout(() => {
      response
        .writeHead(allowed ? 200 : 400, { "content-type": "application/json" })
        .end(allowed ? "{}" : `{"code":"Throttling"}`);
    }, LATENCY);
  });
  return { server, counts: () => ({ throttled, requests }) };
}

async function measure(work: (origin: string) => Promise<number>): Promise<Result> {
  const { server, counts } = bucketServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const started = performance.now();
  const lost = await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const seconds = (performance.now() - started) / 1_000;
  server.closeAllConnections();
  server.close();
  return { seconds, lost, ...counts() };
}

async function governed(origin: string, share: number): Promise<number> {
  const wire: Wire = {
    identify: () => "iam:ListAccessKeys",
    origins: () => [origin],
    mediaTypes: ["application/json"],
    classify: (response) => ({ kind: Buffer.from(response.body).includes("Throttling") ? "throttled" : "other" }),
  };
  const operations = new Set(["iam:ListAccessKeys"]);
  const gateway = createGateway({ scanner: "bench", wire, operations, network: { share }, now: Date.now });
  const door = gateway.door("bench", operations);
  let lost = 0;
  let left = CALLS;
  const worker = async () => {
    while ((left -= 1) >= 0) {
      await door
        .call("iam:ListAccessKeys", () => door.send({ method: "GET", url: `${origin}/`, headers: {} }), {
          bucket: "iam/1",
          parse: () => 1,
        })
        .catch(() => (lost += 1));
    }
  };
  await Promise.all(Array.from({ length: 50 }, worker));
  gateway.close();
  return lost;
}

/** Three tries, full jitter from 100 ms, 50 in flight: what SDKs do when left alone. */
async function naive(origin: string, tries: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  const ask = () =>
    new Promise<number>((resolve, reject) => {
      httpRequest(origin, { agent }, (response) => response.resume().on("end", () => resolve(response.statusCode ?? 0)))
        .on("error", reject)
        .end();
    });
  let lost = 0;
  let left = CALLS;
  const worker = async () => {
    while ((left -= 1) >= 0) {
      let status = 0;
      for (let attempt = 0; attempt < tries && status !== 200; attempt += 1) {
        if (attempt > 0)
          await new Promise((resolve) =>
            setTimeout(resolve, Math.random() * Math.min(20_000, 500 * 2 ** (attempt - 1))),
          );
        status = await ask();
      }
      if (status !== 200) lost += 1;
    }
  };
  await Promise.all(Array.from({ length: 50 }, worker));
  agent.destroy();
  return lost;
}

const ideal = (CALLS - BURST) / RATE;
const show = (name: string, result: Result) =>
  console.log(
    `${name.padEnd(22)} ${result.seconds.toFixed(2)} s  ${(result.seconds / ideal).toFixed(2)} x ideal  lost ${result.lost}  throttled ${result.throttled} of ${result.requests} (${((100 * result.throttled) / result.requests).toFixed(2)} %)`,
  );
show("door, share 1", await measure((origin) => governed(origin, 1)));
if (process.argv[6] !== "quick") {
  show("door, share 0.5", await measure((origin) => governed(origin, 0.5)));
  show("naive, 3 tries", await measure((origin) => naive(origin, 3)));
  show("naive, 10 tries", await measure((origin) => naive(origin, 10)));
}
