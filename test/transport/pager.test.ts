import { array, assert, asyncProperty, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { isProviderError, walkPages, type Page, type PageCursor, type WalkedPage } from "../../src/sdk/index.ts";

interface Walked {
  readonly pages: readonly WalkedPage<string>[];
  readonly fetched: number;
  readonly error: string | undefined;
}

/** Walks with a server that answers each token by a function of it and of how often it was asked. */
async function walk(
  answer: (token: string | undefined, count: number) => Page<string>,
  from?: PageCursor,
): Promise<Walked> {
  const pages: WalkedPage<string>[] = [];
  let fetched = 0;
  let error: string | undefined;
  try {
    for await (const page of walkPages<string>({
      operation: "iam:ListUsers",
      fetch: async (token) => answer(token, (fetched += 1)),
      id: (item) => item,
      from,
    })) {
      pages.push(page);
    }
  } catch (thrown) {
    if (!isProviderError(thrown)) throw thrown;
    expect(thrown.details).toEqual({ class: "pagination", operation: "iam:ListUsers" });
    error = thrown.message;
  }
  return { pages, fetched, error };
}

const items = (walked: Walked) => walked.pages.flatMap((page) => page.items);

describe("walkPages", () => {
  it("ends at the explicit end, and gives each page the cursor behind it", async () => {
    const walked = await walk((token) =>
      token === undefined ? { items: ["a", "b"], next: "2" } : { items: ["c"], next: null, total: 3 },
    );
    expect(walked).toEqual({
      pages: [
        { items: ["a", "b"], page: 1, cursor: { token: "2", page: 1, items: 2 } },
        { items: ["c"], page: 2, cursor: undefined },
      ],
      fetched: 2,
      error: undefined,
    });
  });

  it("takes a list that is truly empty", async () => {
    expect(await walk(() => ({ items: [], next: null, total: 0 }))).toEqual({
      pages: [{ items: [], page: 1, cursor: undefined }],
      fetched: 1,
      error: undefined,
    });
  });

  it("resumes behind a cursor and counts on", async () => {
    const walked = await walk(
      (token) => (token === "2" ? { items: ["c"], next: "3" } : { items: ["d"], next: null, total: 4 }),
      { token: "2", page: 1, items: 2 },
    );
    expect(walked.pages).toEqual([
      { items: ["c"], page: 2, cursor: { token: "3", page: 2, items: 3 } },
      { items: ["d"], page: 3, cursor: undefined },
    ]);
    expect((await walk(() => ({ items: ["c"], next: "2" }), { token: "2", page: 1, items: 2 })).error).toContain(
      "leads back",
    );
  });

  it("H24: a list shorter than the provider states is not complete, and its last page is not given out as such", async () => {
    const walked = await walk((token) =>
      token === undefined ? { items: ["a"], next: "2" } : { items: ["b"], next: null, total: 3 },
    );
    expect(walked.error).toBe("iam:ListUsers: the list ended after 2 items and the provider states 3");
    expect(walked.pages.every((page) => page.cursor !== undefined)).toBe(true);
  });

  it("H24: counts a repeated item once when it compares with the total", async () => {
    const walked = await walk((token) =>
      token === undefined ? { items: ["a", "b"], next: "2" } : { items: ["b"], next: null, total: 3 },
    );
    expect(walked.error).toBe("iam:ListUsers: the list ended after 2 items and the provider states 3");
  });

  it("H25: the same token again ends it after one further request", async () => {
    const walked = await walk((_token, count) => ({ items: [`item ${count}`], next: "same" }));
    expect([walked.fetched, walked.error]).toEqual([
      2,
      "iam:ListUsers: page 2 leads back to a page that was read before",
    ]);
  });

  it("H26: a cycle of k tokens ends it after at most k + 1 requests", async () => {
    for (let length = 2; length <= 16; length += 1) {
      const walked = await walk((_token, count) => ({ items: [`item ${count}`], next: `token ${count % length}` }));
      expect([length, walked.fetched]).toEqual([length, length + 1]);
      expect(walked.error).toContain("leads back");
    }
  });

  it("H27: endless fresh tokens with nothing new end it after ten pages", async () => {
    for (const page of [[], ["a", "b"]]) {
      const walked = await walk((_token, count) => ({
        items: count === 1 ? ["a", "b"] : page,
        next: `token ${count}`,
      }));
      expect(walked.error).toBe("iam:ListUsers: 10 pages in a row brought nothing new");
      expect(walked.fetched).toBe(11);
    }
  });

  it("H27: the same pages in turn are nothing new, however long the turn", async () => {
    const walked = await walk((_token, count) => ({ items: [`item ${count % 25}`], next: `token ${count}` }));
    expect(walked.error).toBe("iam:ListUsers: 10 pages in a row brought nothing new");
    expect(walked.fetched).toBe(25 + 10);
  });

  it("lets a few empty pages pass, as honest providers send them", async () => {
    const walked = await walk((_token, count) => ({
      items: count % 9 === 0 ? [`item ${count}`] : [],
      next: count === 40 ? null : `token ${count}`,
    }));
    expect([walked.error, items(walked)]).toEqual([undefined, ["item 9", "item 18", "item 27", "item 36"]]);
  });

  it("H28: overlapping pages are complete", async () => {
    const walked = await walk((token) =>
      token === undefined ? { items: ["a", "b"], next: "2" } : { items: ["b", "c"], next: null, total: 3 },
    );
    expect([walked.error, items(walked)]).toEqual([undefined, ["a", "b", "b", "c"]]);
  });

  it("ends with an empty token as little as with a missing one", async () => {
    for (const next of ["", undefined as never]) {
      const walked = await walk(() => ({ items: ["a"], next }));
      expect([walked.error, walked.fetched]).toEqual([
        "iam:ListUsers: page 1 says that there is more and not where",
        1,
      ]);
    }
  });

  it("passes on what fetching throws, and gives out nothing after it", async () => {
    const pages = walkPages<string>({
      operation: "iam:ListUsers",
      fetch: async (token) => {
        if (token !== undefined) throw new Error("lost");
        return { items: ["a"], next: "2" };
      },
      id: (item) => item,
    });
    expect((await pages.next()).value).toMatchObject({ page: 1 });
    await expect(pages.next()).rejects.toThrow("lost");
    expect(await pages.next()).toEqual({ done: true, value: undefined });
  });

  it("gives every item of every honest server, whatever its pages", async () => {
    await assert(
      asyncProperty(
        array(array(string(), { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 30 }),
        async (raw) => {
          const pages = raw.map((page, index) => page.map((name) => `${index} ${name}`));
          const walked = await walk((token) => {
            const index = token === undefined ? 0 : Number(token);
            return { items: pages[index] ?? [], next: index + 1 < pages.length ? String(index + 1) : null };
          });
          expect(walked.error).toBe(undefined);
          expect(items(walked)).toEqual(pages.flat());
          expect(walked.fetched).toBe(pages.length);
        },
      ),
      { numRuns: 100 },
    );
  });
});
