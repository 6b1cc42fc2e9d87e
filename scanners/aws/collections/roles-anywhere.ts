import { isProviderError, unknown } from "rollcall/sdk";
import type { AnchorRecord, CredentialRecord, Signal, TrustRecord, UsageObservation } from "rollcall/sdk";
import { collecting } from "../collection.ts";
import type { AwsCollection, Task } from "../collection.ts";
import { between, known } from "../cost.ts";
import type { RestOperation } from "../client.ts";
import { PerItemCalls, endsWork, gapOf, malformedGaps } from "../gaps.ts";
import { readCertificate } from "../normalize/certificates.ts";
import type { CertificateFacts } from "../normalize/certificates.ts";
import { accountUrn, entityUrn } from "../normalize/urns.ts";
import { authorize } from "../operations.ts";
import { walk } from "../paging.ts";
import type { ReadPage } from "../schema/page.ts";
import { crlPage, profilePage, subjectCertificates, subjectPage, trustAnchorPage } from "../schema/roles-anywhere.ts";
import type { Profile, RevocationList, Subject, SubjectCertificate, TrustAnchor } from "../schema/roles-anywhere.ts";
import { regionsOf } from "../wire.ts";

const LISTS = [
  "rolesanywhere:ListTrustAnchors",
  "rolesanywhere:ListProfiles",
  "rolesanywhere:ListSubjects",
  "rolesanywhere:ListCrls",
] as const;

/** IAM Roles Anywhere, region by region: machines outside AWS that become roles with a certificate. */
export const rolesAnywhere: AwsCollection = {
  id: "roles-anywhere",
  title: "IAM Roles Anywhere",
  after: ["authorization-details", "roles"],
  emits: {
    // Not `trust`, `credential` and `usage` as such: where this is refused, those of IAM have been seen all the same.
    facts: [
      "anchor",
      "anchor.name",
      "anchor.issuer",
      "anchor.audiences",
      "anchor.enabled",
      "anchor.createdAt",
      "anchor.expiresAt",
      "anchor.fingerprint",
      "trust.partyScope",
      "trust.partyRelation",
      "trust.issuer",
      "trust.subjects",
      "trust.audiences",
      "trust.externalId",
      "trust.pinned",
      "trust.conditions",
      "credential.name",
      "credential.enabled",
      "credential.createdAt",
      "credential.rotatedAt",
      "credential.expiresAt",
      "credential.fingerprint",
      "credential.tags",
    ],
    authoritative: {
      anchor: ["roles-anywhere-trust-anchor", "roles-anywhere-crl", "roles-anywhere-profile"],
      credential: ["roles-anywhere-subject"],
      trust: "all",
    },
    usage: ["roles-anywhere-subject"],
  },
  requires: authorize(...LISTS, "rolesanywhere:GetSubject"),
  blindSpots: [
    "regions that the configuration does not name (`regions`) are not read",
    "a certificate that was never shown to Roles Anywhere is not known to it",
  ],
  cost(estimate) {
    const regions = estimate.scope.hints?.["regions"];
    const count = Array.isArray(regions) ? regions.length : 1;
    const subjects = known(estimate, "credential/roles-anywhere-subject");
    const least = count * LISTS.length;
    return subjects === undefined
      ? between(least, least + 1_000, `${count} regions; a call for each subject, of which nothing is known`)
      : between(least, least + subjects + 2, `${count} regions, ${subjects} subjects known`);
  },
  collect: collecting(collectRegions),
};

async function* collectRegions(task: Task): AsyncGenerator<Signal, void, void> {
  for (const region of regionsOf(task.session.config, task.session.environment)) {
    yield* collectList(task, region, "rolesanywhere:ListTrustAnchors", trustAnchorPage, (anchor) => [
      anchorRecord(task, region, anchor),
    ]);
    yield* collectList(task, region, "rolesanywhere:ListProfiles", profilePage, (profile) =>
      profileRecords(task, region, profile),
    );
    yield* collectSubjects(task, region);
    yield* collectList(task, region, "rolesanywhere:ListCrls", crlPage, (list) => [
      revocationRecord(task, region, list),
    ]);
  }
}

/** One list of one region. A region that refuses is a gap of its own; the others are read. */
async function* collectList<Item extends { readonly id: string }>(
  task: Task,
  region: string,
  operation: RestOperation,
  parse: (answer: unknown) => ReadPage<Item>,
  records: (item: Item) => Iterable<Signal>,
): AsyncGenerator<Signal, void, void> {
  const { api } = task;
  const pages = walk<Item>({
    operation,
    fetch: (token) =>
      api.get(
        operation,
        { region, query: { pageSize: "100", ...(token === undefined ? {} : { nextToken: token }) } },
        parse,
      ),
    id: (item) => item.id,
  });
  try {
    for await (const page of pages) {
      for (const item of page.items) yield* records(item);
      yield* malformedGaps(operation, page.malformed);
    }
  } catch (error) {
    if (endsWork(error) || !isProviderError(error)) throw error;
    yield gapOf(error, api, { reason: `${region}: ${error.message}` });
  }
}

async function* collectSubjects(task: Task, region: string): AsyncGenerator<Signal, void, void> {
  const { api, context } = task;
  const subjects: Subject[] = [];
  yield* collectList(task, region, "rolesanywhere:ListSubjects", subjectPage, (subject) => {
    subjects.push(subject);
    return [];
  });
  const details = new PerItemCalls(api);
  const asked = context.each(subjects, async (subject) => ({
    subject,
    certificates: await details.ask(() =>
      api.get("rolesanywhere:GetSubject", { region, id: subject.id }, subjectCertificates),
    ),
  }));
  for await (const { subject, certificates } of asked) yield* subjectSignals(task, region, subject, certificates);
  yield* details.gaps("subjects");
}

function anchorRecord({ place }: Task, region: string, anchor: TrustAnchor): AnchorRecord {
  const certificate = anchor.certificate === undefined ? undefined : readCertificate(anchor.certificate);
  const absent = unknown(
    anchor.certificate === undefined
      ? "the authority's certificate is with AWS Private CA"
      : "the certificate could not be parsed",
  );
  return {
    type: "anchor",
    urn: entityUrn(place, "roles-anywhere-trust-anchor", anchor.id),
    kind: "roles-anywhere-trust-anchor",
    name: anchor.name,
    aliases: [anchor.arn, anchor.id],
    issuer: certificate?.subject.replaceAll("\n", ", ") ?? anchor.authorityArn ?? null,
    audiences: null,
    enabled: anchor.enabled,
    createdAt: anchor.createdAt,
    expiresAt: certificate?.expiresAt ?? absent,
    fingerprint: certificate?.keyFingerprint ?? absent,
    attributes: { region, source: anchor.sourceType },
  };
}

function revocationRecord({ place }: Task, region: string, list: RevocationList): AnchorRecord {
  return {
    type: "anchor",
    urn: entityUrn(place, "roles-anywhere-crl", list.id),
    kind: "roles-anywhere-crl",
    name: list.name,
    aliases: [list.arn, list.id],
    issuer: list.trustAnchorArn ?? null,
    audiences: null,
    enabled: list.enabled,
    createdAt: list.createdAt ?? unknown("AWS did not say"),
    expiresAt: null,
    fingerprint: null,
    attributes: { region },
  };
}

/** A profile hands its roles to whoever shows a certificate that a trust anchor vouches for. */
function* profileRecords({ place, context }: Task, region: string, profile: Profile): Iterable<Signal> {
  const anchor: AnchorRecord = {
    type: "anchor",
    urn: entityUrn(place, "roles-anywhere-profile", profile.id),
    kind: "roles-anywhere-profile",
    name: profile.name,
    aliases: [profile.arn, profile.id],
    issuer: null,
    audiences: null,
    enabled: profile.enabled,
    createdAt: unknown("AWS does not list it"),
    expiresAt: null,
    fingerprint: null,
    attributes: { region, roles: profile.roleArns },
  };
  yield anchor;
  if (!profile.enabled) return;
  for (const arn of profile.roleArns) {
    const role = context.find(arn);
    // A profile may name a role that was deleted long ago.
    if (role?.type !== "identity") continue;
    const record: TrustRecord = {
      type: "trust",
      urn: entityUrn(place, "trust", `${role.urn.slice(role.urn.lastIndexOf("/") + 1)}:roles-anywhere:${profile.id}`),
      identity: role.urn,
      mechanism: "roles-anywhere",
      effect: "allow",
      party: "workload",
      principal: profile.arn,
      partyScope: accountUrn(place.partition, place.account),
      partyRelation: "same-scope",
      issuer: null,
      subjects: null,
      audiences: null,
      externalId: null,
      // A profile alone admits whom any enabled trust anchor vouches for; the role's own trust policy says more.
      pinned: true,
      conditions: null,
    };
    yield record;
  }
}

function* subjectSignals(
  { place, context, session }: Task,
  region: string,
  subject: Subject,
  certificates: readonly SubjectCertificate[] | undefined,
): Iterable<Signal> {
  const latest = certificates?.[0];
  const facts: CertificateFacts | undefined =
    latest?.certificate === undefined ? undefined : readCertificate(latest.certificate);
  const absent = unknown(
    certificates === undefined ? "rolesanywhere:GetSubject was refused" : "no readable certificate was shown",
  );
  const record: CredentialRecord = {
    type: "credential",
    urn: entityUrn(place, "roles-anywhere-subject", subject.id),
    kind: "roles-anywhere-subject",
    identity: accountUrn(place.partition, place.account),
    secrecy: "certificate",
    name: subject.x509Subject,
    aliases: [subject.arn, subject.id],
    tags: {},
    enabled: subject.enabled,
    createdAt: subject.createdAt,
    rotatedAt: unknown("AWS does not say when the certificate was made"),
    expiresAt: facts?.expiresAt ?? absent,
    fingerprint: facts?.keyFingerprint ?? absent,
    attributes: { region, ...(latest?.serial === undefined ? {} : { serialNumber: latest.serial }) },
  };
  yield record;
  if (subject.lastSeenAt === undefined) return;
  const seen: UsageObservation = {
    type: "usage",
    subject: record.urn,
    source: "roles-anywhere-subject",
    lastUsedAt: subject.lastSeenAt,
    where: region,
    observedFrom: null,
    observedThrough: session.lookedUntil(context.now),
  };
  yield seen;
}
