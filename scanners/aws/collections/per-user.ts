import { checkpoint } from "rollcall/sdk";
import type { FoundRecord, Signal } from "rollcall/sdk";
import type { Task } from "../collection.ts";
import { PerItemCalls, UnmatchedUsers, malformedGaps } from "../gaps.ts";

const USERS_PER_CHECKPOINT = 200;

export interface ReadList<Item> {
  readonly items: readonly Item[];
  readonly malformed: readonly string[];
}

export interface PerUser<Item> {
  readonly operation: string;
  /** Users to ask for, in an order that a resumed run finds again. */
  readonly users: () => AsyncIterable<{ readonly name: string; readonly arn: string }>;
  /** What the order rests on; a saved position counts only in the same list. */
  readonly version: number | string;
  readonly ask: (name: string) => Promise<ReadList<Item>>;
  readonly signals: (user: FoundRecord, item: Item) => Iterable<Signal>;
}

/** One call per user, a few at a time: refusals counted and said once, users that are gone passed over. */
export async function* perUser<Item>({ context, api }: Task, plan: PerUser<Item>): AsyncGenerator<Signal, void, void> {
  const calls = new PerItemCalls(api);
  const unmatched = new UnmatchedUsers(plan.operation, api);
  const malformed: string[] = [];
  const done = savedPosition(context.cursor, plan.version);

  async function* remaining() {
    let position = 0;
    for await (const user of plan.users()) {
      position += 1;
      if (position > done) yield user;
    }
  }

  let asked = 0;
  const answers = context.each(remaining(), async (user) => ({
    user,
    page: await calls.ask(() => plan.ask(user.name)),
  }));
  for await (const { user, page } of answers) {
    asked += 1;
    malformed.push(...(page?.malformed ?? []));
    const items = page?.items ?? [];
    const found = items.length === 0 ? undefined : unmatched.watch(context.find(user.arn));
    if (found !== undefined) for (const item of items) yield* plan.signals(found, item);
    if (asked % USERS_PER_CHECKPOINT === 0) yield checkpoint({ version: plan.version, done: done + asked });
  }
  yield* malformedGaps(plan.operation, malformed);
  yield* calls.gaps("users");
  yield* unmatched.gaps();
}

export function savedPosition(cursor: unknown, version: number | string): number {
  if (typeof cursor !== "object" || cursor === null) return 0;
  const saved = cursor as { readonly version?: unknown; readonly done?: unknown };
  return saved.version === version && typeof saved.done === "number" ? saved.done : 0;
}

/** What a call for a user that is gone by now resolves to. */
export const GONE = {
  NoSuchEntity: { items: [], malformed: [], next: null },
  NoSuchEntityException: { items: [], malformed: [], next: null },
} as const;
