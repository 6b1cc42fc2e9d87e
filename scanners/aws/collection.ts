import type { CollectContext, Collection, Scope, Signal } from "rollcall/sdk";
import type { Api } from "./api.ts";
import { withGaps } from "./gaps.ts";
import type { Place } from "./normalize/urns.ts";
import type { AwsSession } from "./session.ts";

export type AwsCollection = Collection<AwsSession>;

/** What a collection's body works with. */
export interface Task {
  readonly session: AwsSession;
  readonly context: CollectContext;
  readonly api: Api;
  readonly place: Place;
}

/** A collection's `collect` from its body: signed in to the scope's account, with refusals turned into gaps. */
export function collecting(body: (task: Task) => AsyncGenerator<Signal, void, void>): AwsCollection["collect"] {
  return (session, context) => {
    const account = context.scope.id;
    const api = session.api(account, context.door);
    return withGaps(api, body({ session, context, api, place: session.place(account) }));
  };
}

/** The environment that the listing of accounts found for the scope. */
export function scopeEnvironment(scope: Scope): string | undefined {
  const environment = scope.hints?.["environment"];
  return typeof environment === "string" ? environment : undefined;
}
