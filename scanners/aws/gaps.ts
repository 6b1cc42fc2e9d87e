import { gap, isProviderError } from "rollcall/sdk";
import type { FactName, FoundRecord, Gap, ProviderError, Signal } from "rollcall/sdk";
import type { Api } from "./api.ts";

/** A refused or failed call as a gap that names the permission and who needs it. */
export function gapOf(
  error: ProviderError,
  api: Pick<Api, "account" | "actor">,
  more: { readonly count?: number; readonly reason?: string; readonly facts?: readonly FactName[] } = {},
): Gap {
  const { operation } = error.details;
  const remedy =
    error.details.remedy ??
    (error.class === "denied" ? `grant ${operation} to ${api.actor} in ${api.account}` : undefined);
  return gap({
    class: error.class,
    operation,
    reason: more.reason ?? error.message,
    ...(remedy === undefined ? {} : { remedy }),
    ...(more.count === undefined ? {} : { count: more.count }),
    ...(more.facts === undefined ? {} : { facts: more.facts }),
  });
}

/** Whether an error ends the work instead of becoming a gap: a bug, or the user's own wish to stop. */
export function endsWork(error: unknown): boolean {
  return !isProviderError(error) || error.class === "cancelled";
}

/** Runs a collection's body; what the provider refuses in it becomes a gap, with what was read before kept. */
export async function* withGaps(
  api: Pick<Api, "account" | "actor">,
  body: AsyncGenerator<Signal, void, void>,
): AsyncGenerator<Signal, void, void> {
  try {
    yield* body;
  } catch (error) {
    if (endsWork(error) || !isProviderError(error)) throw error;
    yield gapOf(error, api);
  }
}

/** Items that were not in the documented shape: counted by what was wrong with them. */
export function* malformedGaps(operation: string, malformed: readonly string[]): Iterable<Gap> {
  const counts = new Map<string, number>();
  for (const reason of malformed) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  for (const [reason, count] of counts) {
    yield gap({ class: "schema", operation, reason: `an item was set aside: ${reason}`, count });
  }
}

/** Nobody could say who all the users are, so some may not have been asked. */
export function unlistedUsers(operation: string, api: Pick<Api, "account" | "actor">): Gap {
  return gap({
    class: "dependency",
    operation,
    reason: "some users could not be listed, and the credential report may not have them either",
    remedy: `grant iam:GetAccountAuthorizationDetails or iam:ListUsers to ${api.actor} in ${api.account}, or scan again`,
  });
}

/** Denials in a row, without a single answer, after which a call that is made per user is not made any more. */
const HOPELESS = 20;

/**
 * Calls that are made once per user: refusals are counted and said once, and a permission that nobody granted is not
 * asked for thousands of times.
 */
export class PerItemCalls {
  readonly #api: Pick<Api, "account" | "actor">;
  readonly #failures = new Map<string, { readonly error: ProviderError; count: number }>();
  #answered = 0;
  #asked = 0;
  #skipped = 0;

  constructor(api: Pick<Api, "account" | "actor">) {
    this.#api = api;
  }

  /** The answer, or `undefined` where it was refused; the refusal is in {@link gaps}. */
  async ask<Answer>(call: () => Promise<Answer>): Promise<Answer | undefined> {
    this.#asked += 1;
    if (this.hopeless) {
      this.#skipped += 1;
      return undefined;
    }
    try {
      const answer = await call();
      this.#answered += 1;
      return answer;
    } catch (error) {
      if (endsWork(error) || !isProviderError(error)) throw error;
      const key = `${error.class} ${error.details.operation} ${error.details.code ?? ""}`;
      const known = this.#failures.get(key);
      if (known === undefined) this.#failures.set(key, { error, count: 1 });
      else known.count += 1;
      return undefined;
    }
  }

  get hopeless(): boolean {
    const refused = [...this.#failures.values()].filter(
      ({ error }) => error.class === "denied" || error.class === "auth" || error.class === "limit",
    );
    return this.#answered === 0 && refused.reduce((sum, { count }) => sum + count, 0) >= HOPELESS;
  }

  /** One gap per kind of failure. `what`: `"users"`. */
  *gaps(what: string): Iterable<Gap> {
    let skipped = this.#skipped;
    for (const { error, count } of this.#failures.values()) {
      const hidden = count + skipped;
      const rest = skipped > 0 ? `, ${skipped} of them not asked for any more` : "";
      skipped = 0;
      const { code } = error.details;
      yield gapOf(error, this.#api, {
        count: hidden,
        reason: `${error.details.operation}: ${code ?? error.class} for ${hidden} of ${this.#asked} ${what}${rest}`,
      });
    }
  }
}

/** Credentials whose user the inventory does not have: they cannot be kept, and that has to be said. */
export class UnmatchedUsers {
  readonly #operation: string;
  readonly #api: Pick<Api, "account" | "actor">;
  #count = 0;

  constructor(operation: string, api: Pick<Api, "account" | "actor">) {
    this.#operation = operation;
    this.#api = api;
  }

  /** The user, or `undefined`, counted. */
  watch(found: FoundRecord | undefined): FoundRecord | undefined {
    if (found?.type === "identity") return found;
    this.#count += 1;
    return undefined;
  }

  *gaps(): Iterable<Gap> {
    if (this.#count === 0) return;
    yield gap({
      class: "dependency",
      operation: this.#operation,
      reason: "credentials were left out, because the users that they belong to could not be listed",
      count: this.#count,
      remedy: `grant iam:GetAccountAuthorizationDetails or iam:ListUsers to ${this.#api.actor} in ${this.#api.account}, or scan again`,
    });
  }
}
