import { checkpoint } from "rollcall/sdk";
import type { IdentityRecord, Signal } from "rollcall/sdk";
import { collecting } from "../collection.ts";
import type { AwsCollection, Task } from "../collection.ts";
import { between, pagesOf } from "../cost.ts";
import { malformedGaps } from "../gaps.ts";
import { entityUrn } from "../normalize/urns.ts";
import { authorize } from "../operations.ts";
import { IAM_PAGE, pageCursor, walk } from "../paging.ts";
import { mfaDevice } from "../schema/credentials.ts";
import type { MfaDevice } from "../schema/credentials.ts";
import { iamPage } from "../schema/page.ts";

const OPERATION = "iam:ListVirtualMFADevices";

/** Who has a virtual second factor right now: says what the credential report says where that is refused. */
export const virtualMfaDevices: AwsCollection = {
  id: "virtual-mfa-devices",
  title: "Virtual MFA devices",
  after: ["authorization-details", "users"],
  emits: { facts: ["identity.mfaEnabled"] },
  requires: authorize(OPERATION),
  blindSpots: ["hardware devices and passkeys are not in this list; the credential report counts them"],
  cost: (estimate) =>
    between(
      1,
      pagesOf(estimate, ["identity/user"], IAM_PAGE, 50, "users").max,
      "at most one device for each user, mostly",
    ),
  collect: collecting(collectDevices),
};

async function* collectDevices({ context, api, place }: Task): AsyncGenerator<Signal, void, void> {
  const pages = walk<MfaDevice>({
    operation: OPERATION,
    fetch: (marker) =>
      api.call(
        OPERATION,
        { AssignmentStatus: "Any", MaxItems: IAM_PAGE, ...(marker === undefined ? {} : { Marker: marker }) },
        (answer) => iamPage(OPERATION, answer, "VirtualMFADevices", mfaDevice),
      ),
    id: (device) => device.serial,
    from: pageCursor(context.cursor),
  });
  for await (const page of pages) {
    for (const { userArn } of page.items) {
      if (userArn === undefined) continue;
      const root = userArn === `arn:${place.partition}:iam::${place.account}:root`;
      const urn = root ? entityUrn(place, "root", place.account) : context.find(userArn)?.urn;
      if (urn === undefined) continue;
      const record: IdentityRecord = { type: "identity", urn, kind: root ? "root" : "user", mfaEnabled: true };
      yield record;
    }
    yield* malformedGaps(OPERATION, page.malformed);
    if (page.cursor !== undefined) yield checkpoint(page.cursor);
  }
}
