import { unknown } from "rollcall/sdk";
import type { CredentialRecord, Known, Signal } from "rollcall/sdk";
import { collecting } from "../collection.ts";
import type { AwsCollection, Task } from "../collection.ts";
import { between, known } from "../cost.ts";
import { PerItemCalls, malformedGaps } from "../gaps.ts";
import { readCertificate } from "../normalize/certificates.ts";
import { accountUrn, entityUrn } from "../normalize/urns.ts";
import { authorize } from "../operations.ts";
import { IAM_PAGE, walk } from "../paging.ts";
import { serverCertificate, serverCertificateBody } from "../schema/credentials.ts";
import type { ServerCertificate } from "../schema/credentials.ts";
import { iamPage } from "../schema/page.ts";

const OPERATION = "iam:ListServerCertificates";

/** TLS certificates that were uploaded to IAM: they belong to the account, and keep working for whoever holds the key. */
export const serverCertificates: AwsCollection = {
  id: "server-certificates",
  title: "Server certificates",
  emits: {
    // Not `credential` as such: these are the account's, and where they are refused, users' have been seen all the same.
    facts: [
      "credential.name",
      "credential.enabled",
      "credential.createdAt",
      "credential.rotatedAt",
      "credential.expiresAt",
      "credential.fingerprint",
      "credential.tags",
    ],
    authoritative: { credential: ["server-certificate"] },
  },
  requires: authorize(OPERATION, "iam:GetServerCertificate"),
  blindSpots: [
    "certificates of AWS Certificate Manager are not IAM's and are not read",
    "whether a certificate is in use is not said by IAM",
  ],
  cost(estimate) {
    const count = known(estimate, "credential/server-certificate");
    return count === undefined
      ? between(1, 41, "nothing known; 20 certificates by quota")
      : between(1 + count, 3 + count, `${count} certificates known`);
  },
  collect: collecting(collectCertificates),
};

async function* collectCertificates({ context, api, place }: Task): AsyncGenerator<Signal, void, void> {
  const bodies = new PerItemCalls(api);
  const pages = walk<ServerCertificate>({
    operation: OPERATION,
    fetch: (marker) =>
      api.call(OPERATION, { MaxItems: IAM_PAGE, ...(marker === undefined ? {} : { Marker: marker }) }, (answer) =>
        iamPage(OPERATION, answer, "ServerCertificateMetadataList", serverCertificate),
      ),
    id: (certificate) => certificate.id,
  });
  for await (const page of pages) {
    const fingerprinted = context.each(page.items, async (certificate) => {
      const body = await bodies.ask(() =>
        api.call("iam:GetServerCertificate", { ServerCertificateName: certificate.name }, serverCertificateBody),
      );
      return { certificate, facts: body === undefined ? undefined : readCertificate(body) };
    });
    for await (const { certificate, facts } of fingerprinted) {
      const fingerprint: Known<string> = facts?.keyFingerprint ?? unknown("the certificate could not be read");
      const record: CredentialRecord = {
        type: "credential",
        urn: entityUrn(place, "server-certificate", certificate.id),
        kind: "server-certificate",
        identity: accountUrn(place.partition, place.account),
        secrecy: "certificate",
        name: certificate.name,
        aliases: [certificate.arn, certificate.id, certificate.name],
        tags: {},
        // IAM has no switch: a certificate that is there can be put on a listener.
        enabled: true,
        createdAt: certificate.uploadedAt ?? unknown("AWS did not say"),
        rotatedAt: certificate.uploadedAt ?? unknown("AWS did not say"),
        expiresAt: certificate.expiresAt ?? facts?.expiresAt ?? unknown("AWS did not say"),
        fingerprint,
        attributes: {
          path: certificate.path,
          ...(facts === undefined ? {} : { certificateSha256: facts.certificateFingerprint }),
        },
      };
      yield record;
    }
    yield* malformedGaps(OPERATION, page.malformed);
  }
  yield* bodies.gaps("certificates");
}
