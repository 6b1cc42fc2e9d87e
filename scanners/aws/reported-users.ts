import { createHash } from "node:crypto";
import type { Api } from "./api.ts";
import { credentialReport } from "./credential-report.ts";
import { endsWork } from "./gaps.ts";
import type { CredentialReport, ReportRow } from "./normalize/report.ts";
import type { AwsSession } from "./session.ts";
import { userDigest } from "./user-list.ts";
import type { Roster, RosterUser } from "./user-list.ts";

/** A listed user that the credential report has no row of. */
export interface UnreportedUser extends RosterUser {
  /** Made after the report was written, which explains it. Any other was renamed since, or left out. */
  readonly young: boolean;
}

/** The credential report held against the account's users as they were listed in this run. */
export interface ReportedUsers {
  /** Whether a listing had all users: only then is everybody either in the report or among {@link unreported}. */
  readonly whole: boolean;
  /** In the order of their ids. */
  readonly unreported: readonly UnreportedUser[];
  /** Whether the row is of a user that is no more, or has another name by now; asking for that name tells nothing. */
  isGone(row: ReportRow): boolean;
  /** Another text for another outcome. */
  readonly fingerprint: string;
}

/**
 * Compares the report with the listings, by ARN and by the time of creation: a report is up to four hours old, so it
 * may have a user under a name that is now another's, and it is one answer, which may have left somebody out. Done once
 * for all collections of the account that follow the report.
 *
 * @throws {ProviderError} where nothing could list the users.
 */
export function reportedUsers(session: AwsSession, api: Api): Promise<ReportedUsers> {
  return session.reportedUsers(api.account, async () => {
    const { report } = await credentialReport(session, api);
    return compare(report, await rosters(session, api));
  });
}

/** The list of users, and the bulk call's. Each may have seen what the other could not. */
async function rosters(session: AwsSession, api: Api): Promise<readonly Roster[]> {
  const detailed = await session.detailedUsers(api.account);
  try {
    const { roster } = await userDigest(session, api);
    return detailed === undefined ? [roster] : [roster, detailed];
  } catch (error) {
    if (detailed === undefined || endsWork(error)) throw error;
    return [detailed];
  }
}

function compare(report: CredentialReport, listings: readonly Roster[]): ReportedUsers {
  const reported = new Set<string>();
  for (const row of report.rows()) if (!("unread" in row) && !row.root) reported.add(mark(row));

  // A user that changed its name between two listings is known under both, and reported if one of them is.
  const matched = new Set<string>();
  const listed = new Set<string>();
  const marks = new Set<string>();
  for (const roster of listings) {
    for (const user of roster.users()) {
      listed.add(user.arn);
      marks.add(mark(user));
      if (reported.has(mark(user))) matched.add(user.id);
    }
  }
  const unreported = new Map<string, UnreportedUser>();
  for (const roster of listings) {
    for (const user of roster.users()) {
      if (matched.has(user.id)) continue;
      unreported.set(`${user.id} ${user.arn}`, { ...user, young: second(user.createdAt) * 1000 >= report.generatedAt });
    }
  }
  const ordered = [...unreported.keys()].toSorted();
  const everyListing = listings.every(({ whole }) => whole);
  return {
    whole: listings.some(({ whole }) => whole),
    unreported: ordered.flatMap((key) => unreported.get(key) ?? []),
    isGone: (row) => !marks.has(mark(row)) && (everyListing || listed.has(row.arn)),
    fingerprint: createHash("sha256")
      .update(JSON.stringify([report.generatedAt, everyListing, ordered, [...marks].toSorted()]))
      .digest("hex"),
  };
}

/** The report has whole seconds. */
function second(at: number): number {
  return Math.floor(at / 1000);
}

function mark({ arn, createdAt }: { readonly arn: string; readonly createdAt: number }): string {
  return `${second(createdAt)} ${arn}`;
}
