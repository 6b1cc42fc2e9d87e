import { createServer } from "node:http";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

/**
 * A server of one action behind a token bucket whose rate the client does not know, in a thread of its own. Answers
 * as AWS does: `Throttling`, HTTP 400, no Retry-After.
 */
export interface BucketServer {
  readonly origin: string;
  /** Answers so far: served ids and refusals. Starts anew after each question. */
  take(): Promise<{ readonly served: number; readonly throttled: number; readonly ids: readonly string[] }>;
  close(): Promise<void>;
}

export interface BucketOptions {
  readonly ratePerSecond: number;
  readonly burst: number;
  readonly latency: number;
}

export async function startBucketServer(options: BucketOptions): Promise<BucketServer> {
  const worker = new Worker(new URL(import.meta.url), { workerData: options });
  const port = await new Promise<number>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  return {
    origin: `http://127.0.0.1:${port}`,
    take: () =>
      new Promise((resolve) => {
        worker.once("message", resolve);
        worker.postMessage("take");
      }),
    close: async () => {
      await worker.terminate();
    },
  };
}

if (!isMainThread && parentPort !== null) serve(workerData as BucketOptions);

function serve({ ratePerSecond, burst, latency }: BucketOptions): void {
  let tokens = burst;
  let filledAt = performance.now();
  let served: string[] = [];
  let throttled = 0;

  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      const now = performance.now();
      tokens = Math.min(burst, tokens + ((now - filledAt) / 1_000) * ratePerSecond);
      filledAt = now;
      const admitted = tokens >= 1;
      if (admitted) tokens -= 1;
      const id = new URL(request.url ?? "/", "http://localhost").searchParams.get("id") ?? "";
      if (admitted) served.push(id);
      else throttled += 1;
      setTimeout(() => {
        response.writeHead(admitted ? 200 : 400, { "content-type": "application/json" });
        response.end(JSON.stringify(admitted ? { id } : { __type: "Throttling", message: "Rate exceeded" }));
      }, latency);
    });
  });
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    parentPort?.postMessage(typeof address === "object" && address !== null ? address.port : 0);
  });
  parentPort?.on("message", () => {
    parentPort?.postMessage({ served: served.length, throttled, ids: served });
    served = [];
    throttled = 0;
    // Each way starts with a full bucket, as the first did.
    tokens = burst;
    filledAt = performance.now();
  });
}
