import type { PageCursor } from "rollcall/sdk";
import type { Api } from "./api.ts";
import { IAM_PAGE, walk } from "./paging.ts";
import type { AwsPage } from "./paging.ts";
import { iamPage } from "./schema/page.ts";
import { listedUser } from "./schema/principals.ts";
import type { ListedUser } from "./schema/principals.ts";
import type { AwsSession } from "./session.ts";

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

/** A user as a listing named it. */
export interface RosterUser {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
}

/** All users of one listing. A page is kept as one text, because a scan keeps the rosters of several accounts. */
export interface Roster {
  /** Whether the listing came to its end and every user in it could be read. */
  readonly whole: boolean;
  users(): Iterable<RosterUser>;
}

export class RosterBuilder {
  readonly #pages: string[] = [];

  add(users: readonly RosterUser[]): void {
    if (users.length > 0)
      this.#pages.push(JSON.stringify(users.map(({ id, name, arn, createdAt }) => [id, name, arn, createdAt])));
  }

  build(whole: boolean): Roster {
    const pages = this.#pages;
    return {
      whole,
      *users() {
        for (const page of pages) {
          const rows = JSON.parse(page) as readonly (readonly [string, string, string, number])[];
          for (const [id, name, arn, createdAt] of rows) yield { id, name, arn, createdAt };
        }
      },
    };
  }
}

/** What of the list of users other collections need. */
export interface UserDigest {
  readonly roster: Roster;
  /** By user id: the last use of a console password, also of one that was taken away since, which the report forgets. */
  readonly passwordUses: ReadonlyMap<string, number>;
}

/** Collects a digest while a listing goes by. */
export class UserDigestBuilder {
  readonly #roster = new RosterBuilder();
  readonly #passwordUses = new Map<string, number>();
  #whole = true;

  add({ items, malformed }: Pick<AwsPage<ListedUser>, "items" | "malformed">): void {
    this.#whole &&= malformed.length === 0;
    this.#roster.add(items);
    for (const user of items)
      if (user.passwordLastUsedAt !== undefined) this.#passwordUses.set(user.id, user.passwordLastUsedAt);
  }

  build(): UserDigest {
    return { roster: this.#roster.build(this.#whole), passwordUses: this.#passwordUses };
  }
}

/** The digest of the `users` collection; listed again only where that is not at hand, in a run that was resumed. */
export function userDigest(session: AwsSession, api: Api): Promise<UserDigest> {
  return session.userDigest(api.account, async () => {
    const digest = new UserDigestBuilder();
    for await (const page of listUsers(api)) digest.add(page);
    return digest.build();
  });
}
