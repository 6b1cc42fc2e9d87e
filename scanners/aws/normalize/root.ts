import { formatInstant, unknown } from "rollcall/sdk";
import type { CredentialRecord, IdentityRecord, NhiRecord, UsageObservation } from "rollcall/sdk";
import type { ReportRow } from "./report.ts";
import { latestUse } from "./last-use.ts";
import { since } from "./tracking.ts";
import { entityUrn } from "./urns.ts";
import type { Place } from "./urns.ts";

/**
 * The root user and its access keys, which only the credential report shows. A key has no id there: it is its slot
 * and the date of its creation or last change, so that a replaced key is another one.
 */
export function rootRecords(
  place: Place,
  row: ReportRow,
  generatedAt: number,
  environment: string | undefined,
): readonly (NhiRecord | UsageObservation)[] {
  const urn = entityUrn(place, "root", place.account);
  const identity: IdentityRecord = {
    type: "identity",
    urn,
    kind: "root",
    name: row.name,
    aliases: [row.arn],
    tags: {},
    nature: "human",
    natureReason: "the account's root user, which people sign in as",
    custody: "self-held",
    enabled: true,
    createdAt: row.createdAt,
    ...(environment === undefined ? {} : { environment }),
    path: null,
    description: null,
    mfaEnabled: row.mfa ?? unknown("the credential report does not say"),
    boundary: null,
  };
  const keys = row.keys.flatMap((slot): readonly (NhiRecord | UsageObservation)[] => {
    const setAt = slot.rotatedAt;
    const key: CredentialRecord = {
      type: "credential",
      urn: entityUrn(
        place,
        "root-access-key",
        `${slot.index}@${setAt === undefined ? "unknown" : formatInstant(setAt)}`,
      ),
      kind: "root-access-key",
      identity: urn,
      secrecy: "static-secret",
      name: `root key ${slot.index}`,
      tags: {},
      enabled: slot.active,
      createdAt: setAt ?? unknown("the credential report does not say"),
      rotatedAt: setAt ?? unknown("the credential report does not say"),
      expiresAt: null,
      fingerprint: null,
    };
    return [key, ...observation(key.urn, slot.lastUsedAt, slot.where, since("key", setAt), generatedAt)];
  });
  const last = latestUse(row);
  return [identity, ...keys, ...observation(urn, last.at, last.where, since("user", row.createdAt), generatedAt)];
}

export function observation(
  subject: string,
  at: number | null | undefined,
  where: string | undefined,
  observedFrom: number | null,
  observedThrough: number,
): readonly UsageObservation[] {
  if (at === undefined) return [];
  return [
    {
      type: "usage",
      subject,
      source: "credential-report",
      lastUsedAt: at,
      ...(where === undefined ? {} : { where }),
      observedFrom,
      observedThrough,
    },
  ];
}
