import { checkpoint } from "rollcall/sdk";
import type { IdentityRecord, Signal } from "rollcall/sdk";
import { collecting } from "../collection.ts";
import type { AwsCollection, Task } from "../collection.ts";
import { pagesOf, QUOTA } from "../cost.ts";
import { malformedGaps } from "../gaps.ts";
import { roleCare, roleCustody } from "../normalize/nature.ts";
import { entityAliases, entityUrn } from "../normalize/urns.ts";
import { authorize } from "../operations.ts";
import { IAM_PAGE, pageCursor, walk } from "../paging.ts";
import { iamPage } from "../schema/page.ts";
import { listedRole } from "../schema/principals.ts";
import type { ListedRole } from "../schema/principals.ts";

const OPERATION = "iam:ListRoles";

/** Descriptions and session lengths, which the bulk call leaves out; and the roles' names, where that is refused. */
export const roles: AwsCollection = {
  id: "roles",
  title: "List of roles",
  emits: {
    facts: [
      "identity",
      "identity.name",
      "identity.custody",
      "identity.enabled",
      "identity.createdAt",
      "identity.path",
      "identity.description",
      "identity.mfaEnabled",
    ],
    authoritative: { identity: ["role"] },
  },
  requires: authorize(OPERATION),
  cost: (estimate) => pagesOf(estimate, ["identity/role"], IAM_PAGE, QUOTA.entities / IAM_PAGE, "roles"),
  collect: collecting(collectRoles),
};

async function* collectRoles({ context, api, place }: Task): AsyncGenerator<Signal, void, void> {
  const pages = walk<ListedRole>({
    operation: OPERATION,
    fetch: (marker) =>
      api.call(OPERATION, { MaxItems: IAM_PAGE, ...(marker === undefined ? {} : { Marker: marker }) }, (answer) =>
        iamPage(OPERATION, answer, "Roles", listedRole),
      ),
    id: (role) => role.id,
    from: pageCursor(context.cursor),
  });
  for await (const page of pages) {
    for (const role of page.items) {
      const record: IdentityRecord = {
        type: "identity",
        urn: entityUrn(place, "role", role.id),
        kind: "role",
        name: role.name,
        aliases: entityAliases(place, { kind: "role", ...role }),
        custody: roleCustody(roleCare(role.path)),
        enabled: true,
        createdAt: role.createdAt,
        path: role.path,
        description: role.description ?? null,
        mfaEnabled: null,
        attributes: role.maxSessionSeconds === undefined ? {} : { maxSessionSeconds: role.maxSessionSeconds },
      };
      yield record;
    }
    yield* malformedGaps(OPERATION, page.malformed);
    if (page.cursor !== undefined) yield checkpoint(page.cursor);
  }
}
