import type { PageCursor } from "rollcall/sdk";
import type { Api } from "./api.ts";
import { IAM_PAGE, walk } from "./paging.ts";
import type { AwsPage } from "./paging.ts";
import { iamPage } from "./schema/page.ts";
import { listedUser } from "./schema/principals.ts";
import type { ListedUser } from "./schema/principals.ts";
import type { AwsSession } from "./session.ts";

/** A credential report is at most four hours old; a user older than this is in every one. */
export const YOUNGEST_REPORTED = 6 * 3_600_000;

export function listUsers(api: Api, from?: PageCursor): AsyncGenerator<AwsPage<ListedUser>, void, void> {
  return walk<ListedUser>({
    operation: "iam:ListUsers",
    fetch: (marker) =>
      api.call("iam:ListUsers", { MaxItems: IAM_PAGE, ...(marker === undefined ? {} : { Marker: marker }) }, (answer) =>
        iamPage("iam:ListUsers", answer, "Users", listedUser),
      ),
    id: (user) => user.id,
    from,
  });
}

/** What of the list of users other collections need. */
export interface UserDigest {
  /** Users that may be too young for the credential report. */
  readonly recent: readonly ListedUser[];
  /** By user id: the last use of a console password, also of one that was taken away since, which the report forgets. */
  readonly passwordUses: ReadonlyMap<string, number>;
}

/** Collects a digest while a listing goes by. */
export class UserDigestBuilder implements UserDigest {
  readonly recent: ListedUser[] = [];
  readonly passwordUses = new Map<string, number>();
  readonly #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  add(user: ListedUser): void {
    if (user.createdAt > this.#now - YOUNGEST_REPORTED) this.recent.push(user);
    if (user.passwordLastUsedAt !== undefined) this.passwordUses.set(user.id, user.passwordLastUsedAt);
  }
}

/** The digest of the `users` collection; listed again only where that is not at hand, in a run that was resumed. */
export function userDigest(session: AwsSession, api: Api, now: number): Promise<UserDigest> {
  return session.userDigest(api.account, async () => {
    const digest = new UserDigestBuilder(now);
    for await (const page of listUsers(api)) for (const user of page.items) digest.add(user);
    return digest;
  });
}
