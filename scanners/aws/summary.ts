import { gap, isProviderError } from "rollcall/sdk";
import type { Gap } from "rollcall/sdk";
import type { Api } from "./api.ts";
import { endsWork } from "./gaps.ts";
import { Malformed, fields } from "./schema/fields.ts";
import type { AwsSession } from "./session.ts";

export type Summary = Readonly<Record<string, number>>;

/** IAM's own counters of the account, asked for once. */
export function accountSummary(session: AwsSession, api: Api): Promise<Summary> {
  return session.summary(api.account, () => askSummary(api));
}

function askSummary(api: Api): Promise<Summary> {
  return api.call("iam:GetAccountSummary", {}, (answer) => {
    const map = fields(fields(answer, "the answer")["SummaryMap"], "SummaryMap");
    const counters = Object.entries(map).filter((entry): entry is [string, number] => typeof entry[1] === "number");
    if (!counters.some(([name]) => name === "Users")) throw new Malformed("SummaryMap has no counter of users");
    return Object.fromEntries(counters);
  });
}

const COUNTERS = { users: "Users", roles: "Roles", groups: "Groups", policies: "Policies" } as const;

/**
 * Compares what a listing showed with what IAM says that there is. A listing that falls short of both the counters of
 * before and those of now is not complete, whatever its pages say. Where the counters are refused, nothing is compared;
 * that refusal is the `account` collection's gap.
 */
export async function shortfall(
  session: AwsSession,
  api: Api,
  seen: Readonly<Record<keyof typeof COUNTERS, number>>,
): Promise<Gap | undefined> {
  try {
    const before = missing(await accountSummary(session, api), seen);
    if (before.length === 0) return undefined;
    const now = missing(await askSummary(api), seen);
    if (now.length === 0) return undefined;
    return gap({
      class: "drift",
      operation: "iam:GetAccountAuthorizationDetails",
      reason: `AWS states ${now.join(", ")}`,
      remedy: "scan again; AWS shows a change everywhere only after a while",
    });
  } catch (error) {
    if (endsWork(error) || !isProviderError(error)) throw error;
    return undefined;
  }
}

function missing(stated: Summary, seen: Readonly<Record<keyof typeof COUNTERS, number>>): readonly string[] {
  return (Object.keys(COUNTERS) as (keyof typeof COUNTERS)[]).flatMap((what) => {
    const count = stated[COUNTERS[what]];
    return count === undefined || seen[what] >= count ? [] : [`${count} ${what}, and ${seen[what]} were listed`];
  });
}
