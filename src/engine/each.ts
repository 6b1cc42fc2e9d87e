/** Calls that one collection keeps in flight. The governor paces them; this only bounds what waits in memory. */
export const IN_FLIGHT = 8;

/**
 * Runs `work` over the items, at most `atMost` at a time, and yields the results in the items' order, so that what a
 * collection writes does not depend on which answer came first.
 *
 * A failure is thrown when its item's turn comes: everything before it has been yielded by then. What is still in
 * flight at that moment, or when the consumer stops early, runs out unheard.
 */
export async function* each<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  work: (item: Item) => Promise<Result>,
  atMost: number = IN_FLIGHT,
): AsyncGenerator<Result, void, void> {
  const running: Promise<Result>[] = [];
  for await (const item of items) {
    const result = start(work, item);
    // Its turn to be awaited may come later than its failure; that must not count as unhandled.
    result.catch(() => undefined);
    running.push(result);
    if (running.length >= atMost) yield await (running.shift() as Promise<Result>);
  }
  for (const result of running) yield await result;
}

async function start<Item, Result>(work: (item: Item) => Promise<Result>, item: Item): Promise<Result> {
  return work(item);
}
