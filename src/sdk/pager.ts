import { ProviderError } from "./errors.ts";

/**
 * Walks a paged list and proves that it reached the end. Every SDK's own pager loops for ever on a repeated token
 * or ends quietly on a missing one; this one ends only at an explicit end marker, and throws a `pagination` error at
 * a token that was there before, at pages that bring nothing new, and at a list that is shorter than the provider
 * says.
 *
 * Yields each page with the cursor from which the list can be resumed *after* it.
 */
export interface PageSource<Item> {
  /** The declared operation, for errors: `iam:ListUsers`. */
  readonly operation: string;
  /** Fetches the page that the token names; `undefined` for the first. */
  fetch(token: string | undefined): Promise<Page<Item>>;
  /** What makes an item this item and no other; decides whether a page brings anything new. */
  id(item: Item): string;
  /** Resumes after an earlier page's cursor. */
  readonly from?: PageCursor | undefined;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** The next page's token; `null` only where the provider *said* that this is the last page. */
  readonly next: string | null;
  /** How many items the whole list has, where the provider states it. */
  readonly total?: number | undefined;
}

export interface PageCursor {
  readonly token: string;
  readonly page: number;
  readonly items: number;
}

export interface WalkedPage<Item> {
  readonly items: readonly Item[];
  readonly page: number;
  /** `undefined` after the last page. */
  readonly cursor: PageCursor | undefined;
}

/** Pages in a row that may bring no new item: an honest provider sends a few empty ones, a broken one sends them for ever. */
const IDLE_PAGES = 10;

export async function* walkPages<Item>(source: PageSource<Item>): AsyncGenerator<WalkedPage<Item>, void, void> {
  const tokens = new Set<string>();
  const recent: Set<string>[] = [];
  let token = source.from?.token;
  let page = source.from?.page ?? 0;
  let items = source.from?.items ?? 0;
  let idle = 0;
  if (token !== undefined) tokens.add(token);

  for (;;) {
    const answer = await source.fetch(token);
    page += 1;
    const ids = new Set(answer.items.map((item) => source.id(item)));
    const fresh = [...ids].some((id) => recent.every((earlier) => !earlier.has(id)));
    idle = fresh ? 0 : idle + 1;
    recent.push(ids);
    if (recent.length > IDLE_PAGES) recent.shift();
    items += answer.items.length;

    if (answer.next === null) {
      if (answer.total !== undefined && items < answer.total) {
        throw paginationError(source, `the list ended after ${items} items and the provider states ${answer.total}`);
      }
      yield { items: answer.items, page, cursor: undefined };
      return;
    }
    if (tokens.has(answer.next)) throw paginationError(source, `page ${page} leads back to a page that was read before`);
    if (idle >= IDLE_PAGES) throw paginationError(source, `${IDLE_PAGES} pages in a row brought nothing new`);
    tokens.add(answer.next);
    token = answer.next;
    yield { items: answer.items, page, cursor: { token, page, items } };
  }
}

function paginationError(source: PageSource<never> | PageSource<unknown>, what: string): ProviderError {
  return new ProviderError(`${source.operation}: ${what}`, { class: "pagination", operation: source.operation });
}
