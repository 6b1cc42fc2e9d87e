import { gap, unknown } from "rollcall/sdk";
import type { CredentialRecord, FoundRecord, Signal } from "rollcall/sdk";
import { collecting } from "../collection.ts";
import type { AwsCollection, Task } from "../collection.ts";
import { between, known } from "../cost.ts";
import { REPORT_OPERATIONS, credentialReport } from "../credential-report.ts";
import { unlistedUsers } from "../gaps.ts";
import { readCertificate } from "../normalize/certificates.ts";
import { entityUrn } from "../normalize/urns.ts";
import { authorize } from "../operations.ts";
import { wholeList } from "../paging.ts";
import { reportedUsers } from "../reported-users.ts";
import { signingCertificate } from "../schema/credentials.ts";
import type { SigningCertificate } from "../schema/credentials.ts";
import { iamPage } from "../schema/page.ts";
import { GONE, perUser } from "./per-user.ts";

const OPERATION = "iam:ListSigningCertificates";

/** X.509 signing certificates, asked for only where the credential report shows one: they are rare, and have no bulk call. */
export const signingCertificates: AwsCollection = {
  id: "signing-certificates",
  title: "Signing certificates",
  after: ["credential-report"],
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
    authoritative: { credential: ["signing-certificate"] },
  },
  requires: authorize(OPERATION, ...REPORT_OPERATIONS, "iam:ListUsers"),
  blindSpots: [
    "AWS does not record when a signing certificate was last used",
    "the certificate of a user that is younger than the credential report is seen when AWS writes the next one",
    "the report has room for two certificates of a user; more are found only together with them",
  ],
  cost(estimate) {
    const holders =
      known(estimate, "identity/user") === undefined
        ? undefined
        : estimate.holders("identity/user", "signing-certificate");
    return holders === undefined
      ? between(0, 100, "nothing known; few users have one")
      : between(holders, holders + 2, `${holders} users with certificates known`);
  },
  collect: collecting(collectCertificates),
};

async function* collectCertificates(task: Task): AsyncGenerator<Signal, void, void> {
  const { session, api } = task;
  // Without the report, asking every user would cost a call each for something that hardly anybody has.
  const { report } = await credentialReport(session, api);
  const users = await reportedUsers(session, api);
  let unread = 0;
  yield* perUser<SigningCertificate>(task, {
    operation: OPERATION,
    version: users.fingerprint,
    async *users() {
      for (const row of report.rows()) {
        if ("unread" in row || row.root || row.certificates.length === 0 || users.isGone(row)) continue;
        yield { name: row.name, arn: row.arn };
      }
      // Those whom the report should have, and has not, may have had a certificate all along.
      for (const user of users.unreported) if (!user.young) yield { name: user.name, arn: user.arn };
    },
    ask: (name) =>
      wholeList(
        OPERATION,
        (marker) =>
          api.call(
            OPERATION,
            { UserName: name, ...(marker === undefined ? {} : { Marker: marker }) },
            (answer) => iamPage(OPERATION, answer, "Certificates", signingCertificate, { mayOmitEnd: true }),
            { absent: GONE },
          ),
        (certificate) => certificate.id,
      ),
    *signals(user, certificate) {
      const record = certificateRecord(task, user, certificate);
      if (typeof record.fingerprint !== "string") unread += 1;
      yield record;
    },
  });
  if (!users.whole) yield unlistedUsers(OPERATION, api);
  if (unread > 0)
    yield gap({
      class: "schema",
      operation: OPERATION,
      reason: "certificates could not be parsed",
      count: unread,
      facts: ["credential.expiresAt", "credential.fingerprint"],
    });
}

function certificateRecord({ place }: Task, user: FoundRecord, certificate: SigningCertificate): CredentialRecord {
  const facts = readCertificate(certificate.body);
  const unreadable = unknown("the certificate could not be parsed");
  return {
    type: "credential",
    urn: entityUrn(place, "signing-certificate", certificate.id),
    kind: "signing-certificate",
    identity: user.urn,
    secrecy: "certificate",
    name: facts?.subject.replaceAll("\n", ", ") ?? certificate.id,
    aliases: [certificate.id],
    tags: {},
    enabled: certificate.active,
    createdAt: certificate.uploadedAt ?? unknown("AWS did not say"),
    rotatedAt: certificate.uploadedAt ?? unknown("AWS did not say"),
    expiresAt: facts?.expiresAt ?? unreadable,
    fingerprint: facts?.keyFingerprint ?? unreadable,
    attributes: facts === undefined ? {} : { certificateSha256: facts.certificateFingerprint },
  };
}
