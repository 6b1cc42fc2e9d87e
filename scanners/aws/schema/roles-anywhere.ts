import {
  Malformed,
  fields,
  flag,
  instant,
  optionalInstant,
  optionalList,
  optionalText,
  text,
  texts,
} from "./fields.ts";
import { tokenPage } from "./page.ts";
import type { ReadPage } from "./page.ts";

export interface TrustAnchor {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly createdAt: number;
  readonly sourceType: string;
  /** PEM, where the anchor is a bundle of certificates. */
  readonly certificate: string | undefined;
  readonly authorityArn: string | undefined;
}

export interface Profile {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly roleArns: readonly string[];
}

export interface Subject {
  readonly id: string;
  readonly arn: string;
  readonly enabled: boolean;
  readonly x509Subject: string;
  readonly createdAt: number;
  readonly lastSeenAt: number | undefined;
}

export interface RevocationList {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly createdAt: number | undefined;
  readonly trustAnchorArn: string | undefined;
}

export const trustAnchorPage = (answer: unknown): ReadPage<TrustAnchor> =>
  tokenPage(answer, "trustAnchors", "nextToken", trustAnchor);
export const profilePage = (answer: unknown): ReadPage<Profile> => tokenPage(answer, "profiles", "nextToken", profile);
export const subjectPage = (answer: unknown): ReadPage<Subject> => tokenPage(answer, "subjects", "nextToken", subject);
export const crlPage = (answer: unknown): ReadPage<RevocationList> =>
  tokenPage(answer, "crls", "nextToken", revocationList);

function trustAnchor(raw: unknown): TrustAnchor {
  const item = fields(raw, "a trust anchor");
  const source = fields(item["source"], "source");
  const data = fields(source["sourceData"] ?? {}, "sourceData");
  return {
    id: text(item, "trustAnchorId"),
    arn: text(item, "trustAnchorArn"),
    name: text(item, "name"),
    enabled: flag(item, "enabled"),
    createdAt: instant(item, "createdAt"),
    sourceType: text(source, "sourceType"),
    certificate: optionalText(data, "x509CertificateData"),
    authorityArn: optionalText(data, "acmPcaArn"),
  };
}

function profile(raw: unknown): Profile {
  const item = fields(raw, "a profile");
  return {
    id: text(item, "profileId"),
    arn: text(item, "profileArn"),
    name: text(item, "name"),
    enabled: flag(item, "enabled"),
    roleArns: texts(item, "roleArns"),
  };
}

function subject(raw: unknown): Subject {
  const item = fields(raw, "a subject");
  return {
    id: text(item, "subjectId"),
    arn: text(item, "subjectArn"),
    enabled: flag(item, "enabled"),
    x509Subject: text(item, "x509Subject"),
    createdAt: instant(item, "createdAt"),
    lastSeenAt: optionalInstant(item, "lastSeenAt"),
  };
}

function revocationList(raw: unknown): RevocationList {
  const item = fields(raw, "a revocation list");
  return {
    id: text(item, "crlId"),
    arn: text(item, "crlArn"),
    name: text(item, "name"),
    enabled: flag(item, "enabled"),
    createdAt: optionalInstant(item, "createdAt"),
    trustAnchorArn: optionalText(item, "trustAnchorArn"),
  };
}

export interface SubjectCertificate {
  readonly enabled: boolean;
  readonly seenAt: number;
  readonly serial: string | undefined;
  readonly certificate: string | undefined;
}

/** The certificates that a subject has shown, the latest first. */
export function subjectCertificates(answer: unknown): readonly SubjectCertificate[] {
  const body = fields(answer, "the answer");
  const detail = body["subject"];
  if (detail === undefined) throw new Malformed("subject is missing");
  return optionalList(fields(detail, "subject"), "credentials")
    .map((raw) => {
      const item = fields(raw, "a credential");
      return {
        enabled: flag(item, "enabled"),
        seenAt: optionalInstant(item, "seenAt") ?? 0,
        serial: optionalText(item, "serialNumber"),
        certificate: optionalText(item, "x509CertificateData"),
      };
    })
    .toSorted((a, b) => b.seenAt - a.seenAt);
}
