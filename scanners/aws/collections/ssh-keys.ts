import { unknown } from "rollcall/sdk";
import type { CredentialRecord, FoundRecord, Known, Signal } from "rollcall/sdk";
import { collecting } from "../collection.ts";
import type { AwsCollection, Task } from "../collection.ts";
import { between, known, QUOTA } from "../cost.ts";
import { PerItemCalls } from "../gaps.ts";
import { sshFingerprint } from "../normalize/certificates.ts";
import { entityUrn } from "../normalize/urns.ts";
import { authorize } from "../operations.ts";
import { wholeList } from "../paging.ts";
import { sshKey, sshKeyBody } from "../schema/credentials.ts";
import type { SshKey } from "../schema/credentials.ts";
import { iamPage } from "../schema/page.ts";
import { listUsers } from "../user-list.ts";
import { GONE, perUser } from "./per-user.ts";

const OPERATION = "iam:ListSSHPublicKeys";

/** SSH keys for CodeCommit: one call for each user, because AWS has no bulk call and no report of them. */
export const sshKeys: AwsCollection = {
  id: "ssh-keys",
  title: "SSH public keys (CodeCommit)",
  after: ["authorization-details", "users"],
  optIn: {
    reason: "one call per user and one per key: AWS has no bulk call for SSH keys, and only CodeCommit takes them",
  },
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
    authoritative: { credential: ["ssh-public-key"] },
  },
  requires: authorize(OPERATION, "iam:GetSSHPublicKey", "iam:ListUsers"),
  blindSpots: ["AWS does not record when an SSH key was last used"],
  cost(estimate) {
    const users = known(estimate, "identity/user");
    const keys = known(estimate, "credential/ssh-public-key");
    if (users === undefined)
      return between(1, QUOTA.users * 3, `nothing known; one call per user, and at most ${QUOTA.users} users`);
    const pages = Math.max(1, Math.ceil(users / 1_000));
    return between(
      users + (keys ?? 0),
      users + pages * 2 + (keys ?? users) + 2,
      `${users} users known, ${keys ?? "no"} keys known`,
    );
  },
  collect: collecting(collectKeys),
};

interface FingerprintedKey {
  readonly key: SshKey;
  readonly fingerprint: Known<string>;
}

async function* collectKeys(task: Task): AsyncGenerator<Signal, void, void> {
  const { api } = task;
  const bodies = new PerItemCalls(api);
  yield* perUser<FingerprintedKey>(task, {
    operation: OPERATION,
    // IAM lists users in the order of their names.
    version: 1,
    async *users() {
      for await (const page of listUsers(api)) yield* page.items;
    },
    async ask(name) {
      const page = await wholeList(
        OPERATION,
        (marker) =>
          api.call(
            OPERATION,
            { UserName: name, ...(marker === undefined ? {} : { Marker: marker }) },
            (answer) => iamPage(OPERATION, answer, "SSHPublicKeys", sshKey, { mayOmitEnd: true }),
            { absent: GONE },
          ),
        (key) => key.id,
      );
      const items: FingerprintedKey[] = [];
      for (const key of page.items) items.push({ key, fingerprint: await fingerprintOf(task, bodies, name, key) });
      return { ...page, items };
    },
    *signals(user, { key, fingerprint }) {
      yield keyRecord(task, user, key, fingerprint);
    },
  });
  yield* bodies.gaps("keys");
}

/** From the public key itself: AWS's own fingerprint is an MD5, which compares with nobody else's. */
async function fingerprintOf({ api }: Task, bodies: PerItemCalls, name: string, key: SshKey): Promise<Known<string>> {
  const body = await bodies.ask(() =>
    api.call("iam:GetSSHPublicKey", { UserName: name, SSHPublicKeyId: key.id, Encoding: "SSH" }, sshKeyBody),
  );
  if (body === undefined) return unknown("the public key could not be read");
  return sshFingerprint(body) ?? unknown("the public key could not be parsed");
}

function keyRecord({ place }: Task, user: FoundRecord, key: SshKey, fingerprint: Known<string>): CredentialRecord {
  return {
    type: "credential",
    urn: entityUrn(place, "ssh-public-key", key.id),
    kind: "ssh-public-key",
    identity: user.urn,
    secrecy: "private-key",
    name: key.id,
    aliases: [key.id],
    tags: {},
    enabled: key.active,
    createdAt: key.uploadedAt ?? unknown("AWS did not say"),
    rotatedAt: key.uploadedAt ?? unknown("AWS did not say"),
    expiresAt: null,
    fingerprint,
  };
}
