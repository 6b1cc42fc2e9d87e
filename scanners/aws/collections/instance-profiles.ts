import { checkpoint } from "rollcall/sdk";
import type { AnchorRecord, Signal } from "rollcall/sdk";
import { collecting } from "../collection.ts";
import type { AwsCollection, Task } from "../collection.ts";
import { pagesOf } from "../cost.ts";
import { malformedGaps } from "../gaps.ts";
import { entityUrn } from "../normalize/urns.ts";
import { authorize } from "../operations.ts";
import { IAM_PAGE, pageCursor, walk } from "../paging.ts";
import { profileDetail } from "../schema/principals.ts";
import type { ProfileDetail } from "../schema/principals.ts";
import { iamPage } from "../schema/page.ts";

const OPERATION = "iam:ListInstanceProfiles";

/** Instance profiles, also those without a role, which the bulk call does not show. */
export const instanceProfiles: AwsCollection = {
  id: "instance-profiles",
  title: "Instance profiles",
  emits: {
    facts: [
      "anchor",
      "anchor.name",
      "anchor.issuer",
      "anchor.audiences",
      "anchor.enabled",
      "anchor.createdAt",
      "anchor.expiresAt",
      "anchor.fingerprint",
    ],
    authoritative: { anchor: ["instance-profile"] },
  },
  requires: authorize(OPERATION),
  blindSpots: ["which machines have a profile is EC2's to say, and is not read"],
  cost: (estimate) => pagesOf(estimate, ["anchor/instance-profile"], IAM_PAGE, 10, "instance profiles"),
  collect: collecting(collectProfiles),
};

async function* collectProfiles({ context, api, place }: Task): AsyncGenerator<Signal, void, void> {
  const pages = walk<ProfileDetail>({
    operation: OPERATION,
    fetch: (marker) =>
      api.call(OPERATION, { MaxItems: IAM_PAGE, ...(marker === undefined ? {} : { Marker: marker }) }, (answer) =>
        iamPage(OPERATION, answer, "InstanceProfiles", profileDetail),
      ),
    id: (profile) => profile.id,
    from: pageCursor(context.cursor),
  });
  for await (const page of pages) {
    for (const profile of page.items) {
      const anchor: AnchorRecord = {
        type: "anchor",
        urn: entityUrn(place, "instance-profile", profile.id),
        kind: "instance-profile",
        name: profile.name,
        aliases: [profile.arn, profile.id, profile.name],
        issuer: null,
        audiences: null,
        enabled: true,
        createdAt: profile.createdAt,
        expiresAt: null,
        fingerprint: null,
        attributes: { path: profile.path, roles: profile.roles.map((role) => role.arn) },
      };
      yield anchor;
    }
    yield* malformedGaps(OPERATION, page.malformed);
    if (page.cursor !== undefined) yield checkpoint(page.cursor);
  }
}
