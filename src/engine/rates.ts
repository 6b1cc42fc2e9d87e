/**
 * What providers usually let through, for telling the minutes of a scan in advance. The governor does not read this
 * table: it learns the true rates while it scans.
 */
export interface UsualRate {
  /** Calls per second of one quota. */
  readonly perSecond: number;
  /** What has a quota of its own: each action in each scope, each scope, or the whole source. */
  readonly quota: "action" | "scope" | "source";
  readonly basis: string;
}

const RATES: Readonly<Record<string, UsualRate>> = {
  // AWS publishes no IAM figure; these are the limiters that Turbot ships (steampipe-plugin-aws, pull request 2547).
  aws: {
    perSecond: 15,
    quota: "action",
    basis: "15 calls per second, action and account, as the Steampipe AWS plugin paces IAM",
  },
  // https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
  azure: {
    perSecond: 25,
    quota: "scope",
    basis: "25 reads per second and subscription (Azure Resource Manager's documented refill rate)",
  },
  // https://cloud.google.com/iam/quotas
  gcp: { perSecond: 100, quota: "scope", basis: "6,000 IAM reads per minute and project (Google's documented quota)" },
  // https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
  github: {
    perSecond: 5_000 / 3_600,
    quota: "source",
    basis: "5,000 calls per hour and token (GitHub's documented primary limit)",
  },
};

const UNLISTED: UsualRate = {
  perSecond: 5,
  quota: "scope",
  basis: "no published figure; 5 calls per second and scope assumed",
};

export function usualRate(scanner: string): UsualRate {
  return RATES[scanner] ?? UNLISTED;
}
