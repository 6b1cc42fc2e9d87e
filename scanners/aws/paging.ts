import { isProviderError, walkPages } from "rollcall/sdk";
import type { PageCursor } from "rollcall/sdk";
import type { ReadPage } from "./schema/page.ts";

export interface AwsPage<Item> {
  readonly items: readonly Item[];
  readonly malformed: readonly string[];
  /** Where the list goes on after this page; `undefined` after the last. */
  readonly cursor: PageCursor | undefined;
}

/** The largest page that IAM gives. */
export const IAM_PAGE = 1_000;

/**
 * Walks a list of AWS to its proven end. A cursor of an earlier run that AWS does not take any more (its markers
 * live for a while only) starts the list again.
 */
export async function* walk<Item>(source: {
  readonly operation: string;
  readonly fetch: (token: string | undefined) => Promise<ReadPage<Item>>;
  readonly id: (item: Item) => string;
  readonly from?: PageCursor | undefined;
}): AsyncGenerator<AwsPage<Item>, void, void> {
  let answered = false;
  try {
    for await (const page of pages(source, source.from)) {
      answered = true;
      yield page;
    }
  } catch (error) {
    if (source.from === undefined || answered || !isStaleMarker(error)) throw error;
    yield* pages(source, undefined);
  }
}

async function* pages<Item>(
  source: Parameters<typeof walk<Item>>[0],
  from: PageCursor | undefined,
): AsyncGenerator<AwsPage<Item>, void, void> {
  let malformed: readonly string[] = [];
  const walked = walkPages<Item>({
    operation: source.operation,
    fetch: async (token) => {
      const page = await source.fetch(token);
      malformed = page.malformed;
      return page;
    },
    id: source.id,
    from,
  });
  for await (const page of walked) yield { items: page.items, malformed, cursor: page.cursor };
}

/** A short list as a whole, however many pages AWS makes of it. */
export async function wholeList<Item>(
  operation: string,
  fetch: (marker: string | undefined) => Promise<ReadPage<Item>>,
  id: (item: Item) => string,
): Promise<{ readonly items: readonly Item[]; readonly malformed: readonly string[] }> {
  const items: Item[] = [];
  const malformed: string[] = [];
  for await (const page of walk<Item>({ operation, fetch, id })) {
    items.push(...page.items);
    malformed.push(...page.malformed);
  }
  return { items, malformed };
}

function isStaleMarker(error: unknown): boolean {
  return (
    isProviderError(error) &&
    error.class === "protocol" &&
    (error.details.status === 400 || error.details.status === 404)
  );
}

/** A cursor that an earlier attempt saved, if it is one. */
export function pageCursor(saved: unknown): PageCursor | undefined {
  if (typeof saved !== "object" || saved === null) return undefined;
  const { token, page, items } = saved as Partial<PageCursor>;
  return typeof token === "string" && typeof page === "number" && typeof items === "number"
    ? { token, page, items }
    : undefined;
}
