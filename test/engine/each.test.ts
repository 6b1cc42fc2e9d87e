import { expect, test } from "vitest";
import { each } from "../../src/engine/index.ts";

const later = async <Value>(value: Value, ticks: number): Promise<Value> => {
  for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
  return value;
};

async function all<Value>(values: AsyncIterable<Value>): Promise<readonly Value[]> {
  const found: Value[] = [];
  for await (const value of values) found.push(value);
  return found;
}

test("yields results in the items' order, however they finish", async () => {
  const items = [50, 3, 40, 0, 9];
  expect(await all(each(items, (ticks) => later(ticks, ticks)))).toEqual(items);
});

test("keeps at most so many in flight, and that many", async () => {
  let running = 0;
  let most = 0;
  const work = async (item: number) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return item;
  };
  await all(
    each(
      Array.from({ length: 30 }, (_item, index) => index),
      work,
      4,
    ),
  );
  expect(most).toBe(4);
});

test("throws a failure in its item's turn, after the results before it", async () => {
  const seen: number[] = [];
  const work = async (item: number) => {
    if (item === 2) throw new Error("two");
    return later(item, 20);
  };
  await expect(
    (async () => {
      for await (const value of each([0, 1, 2, 3], work)) seen.push(value);
    })(),
  ).rejects.toThrow("two");
  expect(seen).toEqual([0, 1]);
});

test("reads its source only as far as it is asked to", async () => {
  let read = 0;
  async function* source() {
    for (;;) {
      read += 1;
      yield read;
    }
  }
  for await (const value of each(source(), async (item) => item, 3)) {
    if (value === 5) break;
  }
  expect(read).toBe(7);
});
