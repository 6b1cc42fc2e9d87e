import { asOf, checkpoint, gap, unknown } from "rollcall/sdk";
import type { CredentialRecord, FoundRecord, IdentityRecord, Signal } from "rollcall/sdk";
import { collecting, scopeEnvironment } from "../collection.ts";
import type { AwsCollection, Task } from "../collection.ts";
import { exactly } from "../cost.ts";
import { REPORT_CALLS, REPORT_NOTE, REPORT_OPERATIONS, credentialReport } from "../credential-report.ts";
import { endsWork, gapOf, malformedGaps, unlistedUsers } from "../gaps.ts";
import { latestUse } from "../normalize/last-use.ts";
import { userNature } from "../normalize/nature.ts";
import type { ReportRow } from "../normalize/report.ts";
import { observation, rootRecords } from "../normalize/root.ts";
import { since } from "../normalize/tracking.ts";
import { entityUrn } from "../normalize/urns.ts";
import { authorize } from "../operations.ts";
import { reportedUsers } from "../reported-users.ts";
import { serviceCredentials } from "../service-credentials.ts";
import { userDigest } from "../user-list.ts";

const ROWS_PER_CHECKPOINT = 500;

/** What the credential report alone tells: passwords, second factors, the root user, and each user's last use. */
export const credentialReportCollection: AwsCollection = {
  id: "credential-report",
  title: "Credential report: passwords, MFA, root, last use",
  after: ["authorization-details", "users", "service-specific-credentials"],
  emits: {
    facts: [
      "identity",
      "identity.name",
      "identity.nature",
      "identity.natureReason",
      "identity.custody",
      "identity.enabled",
      "identity.createdAt",
      "identity.environment",
      "identity.path",
      "identity.description",
      "identity.mfaEnabled",
      "identity.boundary",
      "identity.tags",
      "credential",
      "credential.name",
      "credential.enabled",
      "credential.createdAt",
      "credential.rotatedAt",
      "credential.expiresAt",
      "credential.fingerprint",
      "credential.tags",
      "usage",
    ],
    authoritative: { identity: ["root"], credential: ["password", "root-access-key"] },
    usage: ["credential-report"],
  },
  // What the report cannot see is in those two lists, which are at hand unless this is resumed after a crash.
  requires: authorize(...REPORT_OPERATIONS, "iam:ListServiceSpecificCredentials", "iam:ListUsers"),
  blindSpots: [
    "AWS serves a report that is up to four hours old; what changed since then shows in the next one",
    "last uses are recorded at most every 15 minutes, passwords' since 2014-10-20, access keys' since 2015-04-22",
    "AWS records no use of service-specific credentials, signing certificates and SSH keys: a user that has one may be busy without a trace here",
    "of a root user's key, the report has no id and only the date of its creation or last change",
  ],
  cost: () => exactly(REPORT_CALLS, "one report per account"),
  collect: collecting(collectReport),
};

async function* collectReport(task: Task): AsyncGenerator<Signal, void, void> {
  const { session, context, api, place } = task;
  const { report, refusal } = await credentialReport(session, api);
  if (refusal !== undefined) yield gapOf(refusal, api);
  yield asOf(report.generatedAt, REPORT_NOTE);

  const beside = await besideReport(task);
  const unread: string[] = [];
  let matched = 0;
  let strangers = 0;
  for (const row of report.rows()) {
    if ("unread" in row) {
      unread.push(row.unread);
    } else if (row.root) {
      yield* rootRecords(place, row, report.generatedAt, scopeEnvironment(context.scope));
    } else {
      const user = context.find(row.arn);
      if (user === undefined) {
        strangers += 1;
      } else if (isSameUser(user, row)) {
        matched += 1;
        yield* userSignals(task, row, user, report.generatedAt, beside);
        if (matched % ROWS_PER_CHECKPOINT === 0) yield checkpoint(null);
      }
    }
  }
  yield* malformedGaps("iam:GetCredentialReport", unread);
  const listed = session.usersListed(place.account);
  // Users that were deleted since the report was written are expected; users that nobody could list are not.
  if (strangers > 0 && listed !== true && (matched === 0 || listed === false)) {
    yield gap({
      class: "dependency",
      operation: REPORT,
      reason: "users of the report could not be matched, because the account's users could not be listed",
      count: strangers,
      remedy: `grant iam:GetAccountAuthorizationDetails or iam:ListUsers to ${api.actor} in ${api.account}`,
    });
  } else {
    yield* unreportedSignals(task);
  }
}

/** What the report does not say of users that there are. */
async function* unreportedSignals({ session, context, api }: Task): AsyncGenerator<Signal, void, void> {
  const users = await reportedUsers(session, api).catch((error: unknown) => {
    if (endsWork(error)) throw error;
    return undefined;
  });
  if (users?.whole !== true) yield unlistedUsers(REPORT, api);
  let leftOut = 0;
  for (const { arn, young } of users?.unreported ?? []) {
    const user = context.find(arn);
    // Whoever was in an earlier report is not too young for this one, whatever the dates say.
    if (!young || user?.facts["mfaEnabled"] !== undefined) {
      leftOut += 1;
    } else if (user?.type === "identity") {
      const identity: IdentityRecord = {
        type: "identity",
        urn: user.urn,
        kind: "user",
        mfaEnabled: unknown(TOO_YOUNG),
      };
      yield identity;
    }
  }
  if (leftOut > 0)
    yield gap({
      class: "drift",
      operation: REPORT,
      reason:
        "users of the account are not in the credential report: they were renamed since it was written, or left out",
      count: leftOut,
      remedy: "scan again when AWS writes the next report, which it does at most every four hours",
    });
}

const REPORT = "iam:GetCredentialReport";
const TOO_YOUNG = "the user is younger than the credential report, which AWS caches for up to 4 hours";

/** Whether the row, which has whole seconds, speaks of this user, and not of one that was deleted since and had its name. */
function isSameUser(user: FoundRecord, row: ReportRow): boolean {
  const { createdAt } = user.facts;
  return (
    user.type === "identity" &&
    (typeof createdAt !== "number" || Math.floor(createdAt / 1000) === Math.floor(row.createdAt / 1000))
  );
}

/** What is known of users' last use beside the report. */
interface BesideReport {
  /** Uses of passwords by user id, also of those that were taken away since. */
  readonly passwordUses: ReadonlyMap<string, number>;
  /**
   * Whether users may have, or have had, credentials that nobody could list, and whose use the report does not show:
   * its silence about a user then says nothing. (Those that were listed have records of their own.)
   */
  readonly blind: boolean;
}

async function besideReport({ session, api }: Task): Promise<BesideReport> {
  const [credentials, digest] = await Promise.allSettled([serviceCredentials(session, api), userDigest(session, api)]);
  for (const outcome of [credentials, digest]) {
    if (outcome.status === "rejected" && endsWork(outcome.reason)) throw outcome.reason;
  }
  return {
    passwordUses: digest.status === "fulfilled" ? digest.value.passwordUses : new Map(),
    blind: credentials.status === "rejected" || digest.status === "rejected",
  };
}

function* userSignals(
  task: Task,
  row: ReportRow,
  user: FoundRecord,
  generatedAt: number,
  beside: BesideReport,
): Iterable<Signal> {
  const { session, place } = task;
  const { password } = row;
  const id = user.urn.slice(user.urn.lastIndexOf("/") + 1);
  const path = typeof user.facts["path"] === "string" ? user.facts["path"] : "/";
  const identity: IdentityRecord = {
    type: "identity",
    urn: user.urn,
    kind: "user",
    ...userNature(
      session.config.natures,
      { name: row.name, path, tags: user.tags },
      {
        password: password.enabled === true,
        keys: row.keys.length,
        certificates: row.certificates.length,
      },
    ),
    mfaEnabled: password.enabled === false ? null : (row.mfa ?? unknown("the credential report does not say")),
  };
  yield identity;

  if (password.enabled === true) {
    const setAt = password.changedAt ?? unknown("the credential report does not say");
    const credential: CredentialRecord = {
      type: "credential",
      urn: entityUrn(place, "password", id),
      kind: "password",
      identity: user.urn,
      secrecy: "static-secret",
      name: "console password",
      tags: {},
      enabled: true,
      createdAt: setAt,
      rotatedAt: setAt,
      // A password that is due has to be changed at the next sign-in; it does not stop working by itself.
      expiresAt: null,
      fingerprint: null,
      attributes:
        typeof password.nextRotationAt === "number"
          ? { nextRotationAt: new Date(password.nextRotationAt).toISOString() }
          : {},
    };
    yield credential;
    yield* observation(credential.urn, password.lastUsedAt, undefined, since("password", row.createdAt), generatedAt);
  }

  const last = latestUse(row, beside.passwordUses.get(id));
  // A use that is known counts in any case; silence counts only for what can be seen.
  yield* observation(
    user.urn,
    last.at,
    last.where,
    beside.blind ? generatedAt : since("user", row.createdAt),
    generatedAt,
  );
}
