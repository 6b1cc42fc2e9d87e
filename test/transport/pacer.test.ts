import { describe, expect, it } from "vitest";
import { createPacer } from "../../src/transport/pacer.ts";
import { perSecond, Quota, world } from "./virtual-time.ts";

/** Fifty workers share so many calls, in virtual time. */
async function scan(calls: number, options: Parameters<typeof world>[0]) {
  const made = world(options);
  let left = calls;
  const worker = async () => {
    while ((left -= 1) >= 0) await made.call(calls - left);
  };
  const workers = Promise.all(Array.from({ length: 50 }, worker));
  await made.time.run();
  await workers;
  const refused = made.departed.filter((departed) => !departed.taken).length;
  return { ...made, refused, seconds: (made.departed.at(-1)?.at ?? 0) / 1_000 };
}

describe("the rate", () => {
  it("rises by a fixed step per second while it is what limits us", () => {
    const pacer = createPacer(1, 0);
    const rates: number[] = [];
    let now = 0;
    for (let second = 1; second <= 4; second += 1) {
      while (now < second * 1_000) {
        now += Math.max(0.01, pacer.delay(now));
        pacer.accepted(now, pacer.depart(now));
      }
      rates.push(pacer.rate);
    }
    const steps = rates.map((rate, index) => rate - (rates[index - 1] ?? 50));
    for (const step of steps) expect(Math.abs(step - 200)).toBeLessThan(30);
  });

  it("does not rise while the caller asks for less", () => {
    const pacer = createPacer(1, 0);
    for (let now = 0; now < 10_000; now += 200) {
      expect(pacer.delay(now)).toBe(0);
      pacer.accepted(now, pacer.depart(now));
    }
    expect(pacer.rate).toBe(50);
  });

  it("falls by a factor, once for everything that left before the fall, and never to nothing", () => {
    const pacer = createPacer(1, 0);
    pacer.throttled(100, 50, undefined);
    expect(pacer.rate).toBe(25);
    pacer.throttled(110, 60, undefined);
    pacer.throttled(120, 99, undefined);
    expect(pacer.rate).toBe(25);
    pacer.throttled(200, 150, undefined);
    expect(pacer.rate).toBe(20);
    for (let now = 300; now < 20_000; now += 100) pacer.throttled(now, now - 1, undefined);
    expect(pacer.rate).toBe(0.5);
  });

  it("spaces departures out instead of sending them in a burst", async () => {
    const { departed } = await scan(200, {});
    for (const [index, { at }] of departed.entries()) {
      // A tenth of a second's worth may leave together; nothing more.
      const together = departed.slice(index).filter((other) => other.at - at < 50).length;
      expect(together).toBeLessThanOrEqual(5 + 50 + 5);
    }
    expect(departed.filter(({ at }) => at === 0).length).toBe(5);
  });
});

describe("a quota that it does not know", () => {
  it("is used up to the last, with hardly a throttled answer and no call lost", async () => {
    const { refused, seconds, departed } = await scan(3_000, { quota: new Quota(300, 300) });
    expect(new Set(departed.filter((one) => one.taken).map((one) => one.call)).size).toBe(3_000);
    expect(seconds / ((3_000 - 300) / 300)).toBeLessThan(1.15);
    expect(refused).toBeLessThanOrEqual(30);
    expect(refused).toBeGreaterThan(0);
  });

  it.each([
    [15, 100],
    [20, 50],
    [100, 50],
  ])("of %i per second, %i ms away, is used as well", async (rate, latency) => {
    const { seconds, refused } = await scan(rate * 20, { quota: new Quota(rate, rate), latency });
    expect(seconds / 19).toBeLessThan(1.1);
    expect(refused).toBeLessThanOrEqual(40);
  });

  it("is left half to others at a share of a half, once it is known", async () => {
    const { departed } = await scan(3_000, { share: 0.5, quota: new Quota(300, 300) });
    const settled = perSecond(departed).slice(9, -1);
    expect(settled.length).toBeGreaterThan(2);
    for (const count of settled) expect(Math.abs(count - 150)).toBeLessThan(20);
    expect(departed.filter((one) => one.at > 9_000 && !one.taken)).toEqual([]);
  });

  it("that shrinks and grows again is followed", async () => {
    const quota = new Quota(200, 50);
    const made = world({ quota });
    let call = 0;
    const worker = async () => {
      while (!made.end.signal.aborted) await made.call((call += 1));
    };
    void Array.from({ length: 50 }, worker);
    await made.time.run(10_000);
    quota.rate = 40;
    await made.time.run(20_000);
    quota.rate = 200;
    await made.time.run(60_000);
    made.end.abort();
    const counts = perSecond(made.departed);
    expect(Math.abs((counts[18] ?? 0) - 40)).toBeLessThan(12);
    expect(counts[58] ?? 0).toBeGreaterThan(140);
  });
});

describe("a pause", () => {
  it("lets nothing leave before its end, and no burst at it", async () => {
    let throttled = 0;
    const made = world({
      retryAfter: 2_000,
      quota: Object.assign(new Quota(1e9, 1e9), {
        take: (now: number) => now < 100 || now >= 2_000 || (throttled += 1) < 0,
      }),
    });
    for (let call = 0; call < 200; call += 1) void made.call(call);
    await made.time.run();
    expect(throttled).toBeGreaterThan(0);
    const first = made.departed.find((one) => !one.taken)?.at ?? 0;
    // The throttled answer is known 20 ms after its request left; what is under way then cannot be called back.
    expect(made.departed.filter(({ at }) => at > first + 20 && at < first + 2_020)).toEqual([]);
    expect(made.departed.filter(({ at }) => at >= first + 2_020 && at < first + 2_060).length).toBeLessThanOrEqual(4);
    expect(new Set(made.departed.filter((one) => one.taken).map((one) => one.call)).size).toBe(200);
  });
});

describe("fairness", () => {
  it("serves calls of one operation in the order in which they came, those that were sent back first", async () => {
    let refuse = 3;
    const made = world({ latency: 1, quota: Object.assign(new Quota(1, 1), { take: () => (refuse -= 1) < 0 }) });
    for (let call = 0; call < 40; call += 1) void made.call(call);
    await made.time.run();
    const taken = made.departed.filter((one) => one.taken).map((one) => one.call);
    expect(taken.filter((call) => call > 2)).toEqual(Array.from({ length: 37 }, (_unused, index) => index + 3));
    for (const call of [0, 1, 2]) expect(taken.indexOf(call)).toBeLessThan(20);
  });

  it("gives each operation a pace of its own, and a full bucket goes round between them", async () => {
    const made = world({ latency: 100_000 });
    for (let call = 0; call < 200; call += 1) void made.call(call, "a:List");
    for (let call = 0; call < 200; call += 1) void made.call(call, "b:List");
    await made.time.run(90_000);
    expect(made.departed.length).toBe(64);
    expect(made.departed.filter((one) => one.operation === "b:List").length).toBeGreaterThan(20);
    await made.time.run(250_000);
    const later = made.departed.slice(64).map((one) => one.operation);
    expect(later.length).toBeGreaterThan(60);
    expect(Math.abs(later.filter((operation) => operation === "b:List").length - later.length / 2)).toBeLessThanOrEqual(
      later.length / 4,
    );
    made.end.abort();
  });

  it("lets a call inside a call pass a full bucket: it would otherwise wait for itself", async () => {
    const made = world({ latency: 100_000 });
    for (let call = 0; call < 100; call += 1) void made.call(call);
    await made.time.run(50_000);
    expect(made.departed.length).toBe(64);
    const inner = made.lanes.enter("bucket", "a:List", { signal: made.end.signal, again: false, nested: true });
    await made.time.run(51_000);
    expect(await inner).toBeDefined();
    made.end.abort();
  });

  it("drops a call that is cancelled while it queues", async () => {
    const made = world({ latency: 100_000 });
    for (let call = 0; call < 64; call += 1) void made.call(call);
    await made.time.run(50_000);
    const impatient = new AbortController();
    const queued = made.lanes.enter("bucket", "a:List", { signal: impatient.signal, again: false, nested: false });
    impatient.abort();
    expect(await queued).toBe(undefined);
    made.end.abort();
  });
});
