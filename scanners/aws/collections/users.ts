import { checkpoint } from "rollcall/sdk";
import type { IdentityRecord, Signal } from "rollcall/sdk";
import { collecting } from "../collection.ts";
import type { AwsCollection, Task } from "../collection.ts";
import { pagesOf, QUOTA } from "../cost.ts";
import { malformedGaps } from "../gaps.ts";
import { entityAliases, entityUrn } from "../normalize/urns.ts";
import type { Place } from "../normalize/urns.ts";
import { authorize } from "../operations.ts";
import { IAM_PAGE, pageCursor } from "../paging.ts";
import type { ListedUser } from "../schema/principals.ts";
import { UserDigestBuilder, listUsers } from "../user-list.ts";

/** Names the users even where the bulk call is refused, and knows those that are too young for the credential report. */
export const users: AwsCollection = {
  id: "users",
  title: "List of users",
  emits: {
    facts: [
      "identity",
      "identity.name",
      "identity.custody",
      "identity.enabled",
      "identity.createdAt",
      "identity.path",
      "identity.description",
    ],
    authoritative: { identity: ["user"] },
  },
  requires: authorize("iam:ListUsers"),
  cost: (estimate) => pagesOf(estimate, ["identity/user"], IAM_PAGE, QUOTA.entities / IAM_PAGE, "users"),
  collect: collecting(collectUsers),
};

async function* collectUsers({ session, context, api, place }: Task): AsyncGenerator<Signal, void, void> {
  const from = pageCursor(context.cursor);
  const digest = new UserDigestBuilder();
  let complete = true;
  try {
    for await (const page of listUsers(api, from)) {
      digest.add(page);
      for (const user of page.items) yield userRecord(place, user);
      yield* malformedGaps("iam:ListUsers", page.malformed);
      complete &&= page.malformed.length === 0;
      if (page.cursor !== undefined) yield checkpoint(page.cursor);
    }
  } catch (error) {
    // Whoever wants the digest hears the same refusal, instead of asking again.
    session.noteUserDigest(place.account, Promise.reject(error));
    session.noteUsersListed(place.account, false);
    throw error;
  }
  session.noteUsersListed(place.account, complete);
  // A resumed listing has not seen the first pages; whoever needs the digest then lists again.
  if (from === undefined) session.noteUserDigest(place.account, Promise.resolve(digest.build()));
}

function userRecord(place: Place, user: ListedUser): IdentityRecord {
  return {
    type: "identity",
    urn: entityUrn(place, "user", user.id),
    kind: "user",
    name: user.name,
    aliases: entityAliases(place, { kind: "user", ...user }),
    custody: "self-held",
    enabled: true,
    createdAt: user.createdAt,
    path: user.path,
    description: null,
  };
}
