import type { CredentialRecord, Signal } from "rollcall/sdk";
import { collecting } from "../collection.ts";
import type { AwsCollection, Task } from "../collection.ts";
import { between, known } from "../cost.ts";
import { malformedGaps, UnmatchedUsers } from "../gaps.ts";
import { entityUrn, pathlessArn } from "../normalize/urns.ts";
import { authorize } from "../operations.ts";
import { CREDENTIAL_SERVICES, serviceCredentials } from "../service-credentials.ts";

const OPERATION = "iam:ListServiceSpecificCredentials";

/** Credentials for one service each: CodeCommit, Keyspaces, and the API keys of Bedrock and CloudWatch Logs. */
export const serviceSpecificCredentials: AwsCollection = {
  id: "service-specific-credentials",
  title: "Service-specific credentials and API keys",
  after: ["authorization-details", "users"],
  emits: {
    facts: [
      "credential",
      "credential.name",
      "credential.enabled",
      "credential.createdAt",
      "credential.rotatedAt",
      "credential.expiresAt",
      "credential.fingerprint",
      "credential.tags",
    ],
    authoritative: { credential: ["service-specific-credential"] },
  },
  requires: authorize(OPERATION),
  blindSpots: ["AWS does not record when a service-specific credential was last used"],
  cost(estimate) {
    const count = known(estimate, "credential/service-specific-credential");
    return between(
      1,
      (count === undefined ? 10 : Math.ceil(count / 1_000)) + CREDENTIAL_SERVICES.length,
      `${count ?? "nothing"} known; a call per service where AWS wants it named`,
    );
  },
  collect: collecting(collectCredentials),
};

async function* collectCredentials({ session, context, api, place }: Task): AsyncGenerator<Signal, void, void> {
  const { items, malformed } = await serviceCredentials(session, api);
  const unmatched = new UnmatchedUsers(OPERATION, api);
  for (const credential of items) {
    const user = unmatched.watch(context.find(pathlessArn(place, "user", credential.userName)));
    if (user === undefined) continue;
    const record: CredentialRecord = {
      type: "credential",
      urn: entityUrn(place, "service-specific-credential", credential.id),
      kind: "service-specific-credential",
      identity: user.urn,
      secrecy: "static-secret",
      name: credential.label ?? credential.id,
      aliases: [credential.id],
      tags: {},
      enabled: credential.active,
      createdAt: credential.createdAt,
      rotatedAt: credential.createdAt,
      expiresAt: credential.expiresAt ?? null,
      fingerprint: null,
      attributes: { service: credential.service },
    };
    yield record;
  }
  yield* malformedGaps(OPERATION, malformed);
  yield* unmatched.gaps();
}
