import { ProviderError } from "./errors.ts";

/**
 * Walks a paged list and proves that it reached the end. Every SDK's own pager loops for ever on a repeated token
 * or ends quietly on a missing one; this one ends only at an explicit end marker, and throws a `pagination` error at
 * a token that was there before or is none, at pages that bring nothing new, and at a list that is shorter than the
 * provider says. It remembers one number per page and the items of the last few pages, not the list.
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
  /** Items so far, those that overlapping pages repeat counted once. */
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
  const pages = new Set<number>();
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
    const fingerprint = fingerprintOf(ids);
    const fresh = pages.has(fingerprint) ? 0 : countFresh(ids, recent);
    idle = fresh > 0 ? 0 : idle + 1;
    pages.add(fingerprint);
    recent.push(ids);
    if (recent.length > IDLE_PAGES) recent.shift();
    items += fresh;

    if (answer.next === null) {
      if (answer.total !== undefined && items < answer.total) {
        throw paginationError(source, `the list ended after ${items} items and the provider states ${answer.total}`);
      }
      yield { items: answer.items, page, cursor: undefined };
      return;
    }
    if (typeof answer.next !== "string" || answer.next === "") {
      throw paginationError(source, `page ${page} says that there is more and not where`);
    }
    if (tokens.has(answer.next))
      throw paginationError(source, `page ${page} leads back to a page that was read before`);
    if (idle >= IDLE_PAGES) throw paginationError(source, `${IDLE_PAGES} pages in a row brought nothing new`);
    tokens.add(answer.next);
    token = answer.next;
    yield { items: answer.items, page, cursor: { token, page, items } };
  }
}

function countFresh(ids: ReadonlySet<string>, recent: readonly ReadonlySet<string>[]): number {
  let fresh = 0;
  for (const id of ids) if (recent.every((earlier) => !earlier.has(id))) fresh += 1;
  return fresh;
}

/** 53 bits over the page's ids in order: the same page again, however long ago, is nothing new. */
function fingerprintOf(ids: ReadonlySet<string>): number {
  let low = 0x811c9dc5;
  let high = 0x1b873593;
  for (const id of ids) {
    for (let index = 0; index < id.length; index += 1) {
      const unit = id.charCodeAt(index);
      low = Math.imul(low ^ unit, 0x01000193);
      high = Math.imul(high ^ unit, 0x85ebca6b);
    }
    // Where one id ends and the next begins counts.
    low = Math.imul(low ^ 0x1ffff, 0x01000193);
    high = Math.imul(high ^ (high >>> 15), 0xc2b2ae35);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}

function paginationError(source: PageSource<never> | PageSource<unknown>, what: string): ProviderError {
  return new ProviderError(`${source.operation}: ${what}`, { class: "pagination", operation: source.operation });
}
