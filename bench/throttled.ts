import pLimit from "p-limit";
import { createGateway } from "../src/transport/index.ts";
import type { Wire } from "../src/sdk/index.ts";
import { assertEqual, type Benchmark, seconds } from "./measure.ts";
import { startBucketServer } from "./support/bucket-server.ts";

const CALLS = 3_000;
const RATE = 300;
const BURST = 300;

/** Throttling is where the field loses identities: the SDK's default gives up on 27 of these 3,000 calls. */
const benchmark: Benchmark = {
  name: "throttled",
  about: `${CALLS} calls at 20 ms latency to a token bucket of ${RATE}/s (burst ${BURST}) whose rate the client does not know`,
  async *run({ quick }) {
    const calls = quick ? CALLS / 2 : CALLS;
    const server = await startBucketServer({ ratePerSecond: RATE, burst: BURST, latency: 20 });
    try {
      const ids = Array.from({ length: calls }, (_, index) => `key-${index}`);
      const gateway = createGateway({
        scanner: "bench",
        wire: wireOf(server.origin),
        operations: new Set(["bench:Get"]),
        network: { share: 1 },
        now: Date.now,
      });
      const door = gateway.door("bench", new Set(["bench:Get"]));
      const limit = pLimit(50);
      const answers: string[] = [];
      const taken = await seconds(() =>
        Promise.all(
          ids.map((id) =>
            limit(async () => {
              const answer = await door.call(
                "bench:Get",
                (attempt) =>
                  door.send({ method: "GET", url: `${server.origin}/?id=${id}`, headers: {}, signal: attempt.signal }),
                {
                  bucket: "bench",
                  parse: (response) =>
                    JSON.parse(Buffer.from(response.body).toString("utf8")) as { readonly id: string },
                },
              );
              answers.push(answer.id);
            }),
          ),
        ),
      );
      gateway.close();
      const seen = await server.take();
      assertEqual("entities", answers.toSorted(), ids.toSorted());
      const ideal = (calls - BURST) / RATE;
      yield {
        name: "throttled/time",
        ratio: taken / ideal,
        goal: { atMost: 1.25 },
        against: `the bucket's own time, ${ideal.toFixed(1)} s, with every entity`,
      };
      yield {
        name: "throttled/refusals",
        ratio: seen.throttled / (seen.served + seen.throttled),
        goal: { atMost: 0.01 },
        against: "all answers of the server",
      };
    } finally {
      await server.close();
    }
  },
};

export default benchmark;

function wireOf(origin: string): Wire {
  return {
    identify: () => "bench:Get",
    origins: () => [origin],
    mediaTypes: ["application/json"],
    classify: (response) => ({ kind: response.status === 400 ? "throttled" : "other" }),
  };
}
