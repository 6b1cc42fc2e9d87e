import { checkpoint, gap, isUnknown } from "rollcall/sdk";
import type { PageCursor, Signal, Urn } from "rollcall/sdk";
import { collecting, scopeEnvironment } from "../collection.ts";
import type { AwsCollection, Task } from "../collection.ts";
import { between, pagesOf, QUOTA } from "../cost.ts";
import { malformedGaps } from "../gaps.ts";
import { groupRecords, roleRecords, userRecords } from "../normalize/identities.ts";
import type { Normalized, Setting } from "../normalize/identities.ts";
import { managedPolicyRecord, policyUrn } from "../normalize/policies.ts";
import { entityUrn } from "../normalize/urns.ts";
import type { Place } from "../normalize/urns.ts";
import { authorize } from "../operations.ts";
import { IAM_PAGE, pageCursor, walk } from "../paging.ts";
import { detailId, detailPage } from "../schema/authorization-details.ts";
import type { Detail } from "../schema/authorization-details.ts";
import { UrnCache } from "../urn-cache.ts";
import { shortfall } from "../summary.ts";
import { RosterBuilder } from "../user-list.ts";

const OPERATION = "iam:GetAccountAuthorizationDetails";

/** What grants and memberships point at comes first, so that everything points at something known: a call more each. */
const PHASES = [["LocalManagedPolicy", "AWSManagedPolicy"], ["Group"], ["User", "Role"]] as const;

/** The backbone: one bulk call tells who there is, what they may do and who may become them. */
export const authorizationDetails: AwsCollection = {
  id: "authorization-details",
  title: "Users, roles, groups, policies and trust",
  after: ["account"],
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
      "group",
      "group.name",
      "group.createdAt",
      "membership",
      "permission-set",
      "permission-set.name",
      "permission-set.document",
      "permission-set.createdAt",
      "permission-set.updatedAt",
      "grant",
      "grant.resource",
      "grant.conditions",
      "trust",
      "trust.partyScope",
      "trust.partyRelation",
      "trust.issuer",
      "trust.subjects",
      "trust.audiences",
      "trust.externalId",
      "trust.pinned",
      "trust.conditions",
      "owner",
      "usage",
    ],
    authoritative: {
      identity: ["user", "role"],
      group: "all",
      membership: "all",
      grant: "all",
      trust: "all",
      owner: "all",
      "permission-set": ["managed-policy", "inline-policy", "aws-managed-policy"],
    },
    usage: ["role-last-used"],
  },
  requires: authorize(OPERATION, "iam:GetAccountSummary"),
  blindSpots: [
    "AWS looks back at most 400 days for a role's last use, and less in regions that are younger than that",
    "policies on resources (buckets, keys, queues), service and resource control policies, and session policies are not read",
    "an AWS managed policy is seen only while it is attached",
  ],
  cost(estimate) {
    const most = QUOTA.entities / IAM_PAGE;
    const parts = [
      pagesOf(
        estimate,
        ["permission-set/managed-policy", "permission-set/aws-managed-policy"],
        IAM_PAGE,
        most,
        "policies",
      ),
      pagesOf(estimate, ["group"], IAM_PAGE, most, "groups"),
      pagesOf(estimate, ["identity/user", "identity/role"], IAM_PAGE, most, "users and roles"),
    ];
    const sum = (end: "min" | "max") => parts.reduce((total, part) => total + part[end], 0);
    return between(sum("min"), sum("max"), `${parts.map(({ basis }) => basis).join("; ")}; up to ${IAM_PAGE} a page`);
  },
  collect: collecting(collectDetails),
};

interface Counts {
  readonly users: number;
  readonly roles: number;
  readonly groups: number;
  readonly policies: number;
}

interface Cursor {
  readonly phase: number;
  readonly page: PageCursor | null;
  readonly counts: Counts;
}

async function* collectDetails(task: Task): AsyncGenerator<Signal, void, void> {
  const { context, api, session, place } = task;
  const saved = savedCursor(context.cursor);
  const counts = { users: 0, roles: 0, groups: 0, policies: 0, ...saved?.counts };
  const urns = new UrnCache((alias) => context.find(alias)?.urn);
  const groups = new Map<string, Urn>();
  const setting = settingOf(task, urns, groups);
  const problems = new Problems();
  const roster = new RosterBuilder();

  let complete = true;
  for (const [phase, filter] of PHASES.entries()) {
    const resumed = saved?.phase === phase ? (saved.page ?? undefined) : undefined;
    if (saved !== undefined && saved.phase > phase) {
      // A resumed run has the records of this phase, and needs their names again.
      await recall(task, filter, urns, groups);
      continue;
    }
    const pages = walk<Detail>({
      operation: OPERATION,
      fetch: (marker) => fetchPage(task, filter, marker),
      id: detailId,
      from: resumed,
    });
    for await (const page of pages) {
      yield* malformedGaps(OPERATION, page.malformed);
      complete &&= page.malformed.length === 0;
      remember(place, page.items, urns, groups);
      roster.add(page.items.flatMap((detail) => (detail.type === "user" ? [detail.user] : [])));
      for (const detail of page.items) {
        count(counts, detail, place.account);
        yield* problems.watch(detail, normalize(setting, detail));
      }
      if (page.cursor !== undefined) yield checkpoint({ phase, page: page.cursor, counts } satisfies Cursor);
    }
    if (phase + 1 < PHASES.length) yield checkpoint({ phase: phase + 1, page: null, counts } satisfies Cursor);
  }
  yield* problems.gaps();
  const short = await shortfall(session, api, counts);
  if (short !== undefined) yield short;
  session.noteUsersListed(place.account, complete);
  // A resumed listing has not seen the first pages.
  if (saved === undefined) session.noteDetailedUsers(place.account, roster.build(complete && short === undefined));
}

function settingOf({ context, session, place }: Task, urns: UrnCache, groups: ReadonlyMap<string, Urn>): Setting {
  return {
    place,
    config: session.config,
    environment: scopeEnvironment(context.scope),
    relationOf: session.relationOf(place.account),
    lookedUntil: session.lookedUntil(context.now),
    policyOf: (arn) => urns.get(arn),
    groupOf: (name) => groups.get(name),
  };
}

function fetchPage(
  { api }: Task,
  filter: readonly ("User" | "Role" | "Group" | "LocalManagedPolicy" | "AWSManagedPolicy")[],
  marker: string | undefined,
) {
  return api.call(
    OPERATION,
    { Filter: [...filter], MaxItems: IAM_PAGE, ...(marker === undefined ? {} : { Marker: marker }) },
    (answer) => detailPage(OPERATION, answer),
  );
}

async function recall(
  task: Task,
  filter: (typeof PHASES)[number],
  urns: UrnCache,
  groups: Map<string, Urn>,
): Promise<void> {
  const pages = walk<Detail>({
    operation: OPERATION,
    fetch: (marker) => fetchPage(task, filter, marker),
    id: detailId,
  });
  for await (const page of pages) remember(task.place, page.items, urns, groups);
}

function remember(place: Place, details: readonly Detail[], urns: UrnCache, groups: Map<string, Urn>): void {
  for (const detail of details) {
    if (detail.type === "group") groups.set(detail.group.name, entityUrn(place, "group", detail.group.id));
    if (detail.type === "policy") urns.set(detail.policy.arn, policyUrn(place, detail.policy));
  }
}

function normalize(setting: Setting, detail: Detail): Normalized {
  switch (detail.type) {
    case "user":
      return userRecords(setting, detail.user);
    case "role":
      return roleRecords(setting, detail.role);
    case "group":
      return groupRecords(setting, detail.group);
    case "policy":
    default: {
      const record = managedPolicyRecord(setting.place, detail.policy);
      const unread = isUnknown(record.document) ? [record.document.unknown] : [];
      return { records: [record], unread, dangling: [] };
    }
  }
}

function count(counts: { -readonly [Key in keyof Counts]: number }, detail: Detail, account: string): void {
  switch (detail.type) {
    case "user":
      counts.users += 1;
      return;
    case "role":
      counts.roles += 1;
      return;
    case "group":
      counts.groups += 1;
      return;
    case "policy":
      // IAM's counter is of the account's own policies.
      if (detail.policy.arn.includes(`::${account}:`)) counts.policies += 1;
  }
}

/** What could not be read or followed, counted by kind and said once. */
class Problems {
  readonly #unread = new Map<string, number>();
  #dangling = 0;
  #example: string | undefined;

  *watch(detail: Detail, normalized: Normalized): Iterable<Signal> {
    yield* normalized.records;
    for (const reason of normalized.unread) {
      const what = `${detail.type}: ${reason}`;
      this.#unread.set(what, (this.#unread.get(what) ?? 0) + 1);
    }
    this.#dangling += normalized.dangling.length;
    this.#example ??= normalized.dangling[0];
  }

  *gaps(): Iterable<Signal> {
    for (const [reason, seen] of this.#unread)
      yield gap({ class: "schema", operation: OPERATION, reason, count: seen });
    if (this.#dangling > 0) {
      yield gap({
        class: "drift",
        operation: OPERATION,
        reason: `something refers to what the listing did not have (${this.#example ?? ""}): the account changed while it was read`,
        count: this.#dangling,
        remedy: "scan again",
      });
    }
  }
}

function savedCursor(cursor: unknown): Cursor | undefined {
  if (typeof cursor !== "object" || cursor === null) return undefined;
  const { phase, page, counts } = cursor as Partial<Cursor>;
  if (typeof phase !== "number" || typeof counts !== "object") return undefined;
  return { phase, page: pageCursor(page) ?? null, counts };
}
