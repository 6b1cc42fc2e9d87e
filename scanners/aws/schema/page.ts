import { ProviderError } from "rollcall/sdk";
import { Malformed, fields, list, optionalFlag, optionalText } from "./fields.ts";

/** One page, with what could not be read of it set aside: one bad item does not hide its neighbours. */
export interface ReadPage<Item> {
  readonly items: readonly Item[];
  readonly malformed: readonly string[];
  /** `null` only where AWS said that there is no more. */
  readonly next: string | null;
}

/**
 * Reads an IAM page: `IsTruncated` says whether there is more, `Marker` where. A page that does not say is not a page,
 * unless it may omit its end: lists that a quota keeps on one page (a user's two keys), where IAM documents the marker
 * as optional and servers that are not AWS leave it out.
 *
 * @throws {Malformed} where the answer is not the documented one.
 * @throws {ProviderError} `pagination` where there is more and no marker to it: the SDK would end quietly here.
 */
export function iamPage<Item>(
  operation: string,
  answer: unknown,
  key: string,
  read: (item: unknown) => Item,
  options: { readonly mayOmitEnd?: boolean } = {},
): ReadPage<Item> {
  const body = fields(answer, "the answer");
  const { items, malformed } = readItems(list(body, key), read);
  return { items, malformed, next: iamNext(operation, body, options.mayOmitEnd === true) };
}

export function iamNext(operation: string, body: Readonly<Record<string, unknown>>, mayOmitEnd = false): string | null {
  const truncated = optionalFlag(body, "IsTruncated") ?? optionalFlag(body, "isTruncated");
  const marker = optionalText(body, "Marker");
  if (truncated === undefined && !(mayOmitEnd && marker === undefined)) throw new Malformed("IsTruncated is missing");
  if (truncated !== true) return null;
  if (marker === undefined) throw noMarker(operation);
  return marker;
}

/** Reads a page of a JSON service, where the absence of the token is the documented end. */
export function tokenPage<Item>(
  answer: unknown,
  key: string,
  token: string,
  read: (item: unknown) => Item,
): ReadPage<Item> {
  const body = fields(answer, "the answer");
  const { items, malformed } = readItems(list(body, key), read);
  return { items, malformed, next: optionalText(body, token) ?? null };
}

export function readItems<Item>(
  raw: readonly unknown[],
  read: (item: unknown) => Item,
): { readonly items: readonly Item[]; readonly malformed: readonly string[] } {
  const items: Item[] = [];
  const malformed: string[] = [];
  for (const item of raw) {
    try {
      items.push(read(item));
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      malformed.push(error.message);
    }
  }
  return { items, malformed };
}

function noMarker(operation: string): ProviderError {
  return new ProviderError(`${operation}: AWS says that the list goes on, and not where`, {
    class: "pagination",
    operation,
  });
}
