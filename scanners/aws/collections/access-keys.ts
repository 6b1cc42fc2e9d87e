import { isProviderError } from "rollcall/sdk";
import type { CredentialRecord, FoundRecord, ProviderError, Signal } from "rollcall/sdk";
import { collecting } from "../collection.ts";
import type { AwsCollection, Task } from "../collection.ts";
import { between, known, QUOTA } from "../cost.ts";
import { REPORT_OPERATIONS, credentialReport } from "../credential-report.ts";
import { PerItemCalls, endsWork, unlistedUsers } from "../gaps.ts";
import { matchSlots } from "../normalize/key-slots.ts";
import type { KeySlot } from "../normalize/report.ts";
import { since } from "../normalize/tracking.ts";
import { entityUrn } from "../normalize/urns.ts";
import { authorize } from "../operations.ts";
import { keyUse } from "../schema/credentials.ts";
import type { KeyUse } from "../schema/credentials.ts";
import { iamPage } from "../schema/page.ts";
import { listedKey } from "../schema/principals.ts";
import type { ListedKey } from "../schema/principals.ts";
import { wholeList } from "../paging.ts";
import { reportedUsers } from "../reported-users.ts";
import type { ReportedUsers } from "../reported-users.ts";
import { listUsers } from "../user-list.ts";
import { GONE, perUser } from "./per-user.ts";

const LIST = "iam:ListAccessKeys";
/** One source, whether the report or AWS itself told: two would each have to be asked for ever. */
const USE = "access-key-use";

/** How many more users with keys than the inventory knows a prediction allows for. */
const GROWTH = 0.025;
const NEWCOMERS = 24;

/** Access keys: asked for user by user, because AWS has no bulk call with ids: those whom the report shows with a key, and those whom it does not show at all. */
export const accessKeys: AwsCollection = {
  id: "access-keys",
  title: "Access keys",
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
      "usage",
    ],
    authoritative: { credential: ["access-key"] },
    usage: [USE],
  },
  // The report and the list of users are at hand unless this collection is resumed in another process.
  requires: authorize(LIST, "iam:GetAccessKeyLastUsed", "iam:ListUsers", ...REPORT_OPERATIONS),
  blindSpots: [
    "the first key of a user that had none is seen when AWS writes the next credential report, up to four hours later",
    "last uses are recorded since 2015-04-22 and at most every 15 minutes",
  ],
  cost(estimate) {
    const users = known(estimate, "identity/user");
    const holders = users === undefined ? undefined : estimate.holders("identity/user", "access-key");
    if (holders !== undefined)
      return between(
        holders,
        holders + Math.ceil(holders * GROWTH) + NEWCOMERS,
        `${holders} users with keys known; each that is new, and each key that the report cannot tell apart, takes one more`,
      );
    if (users !== undefined)
      return between(
        0,
        users * 3 + 10,
        `${users} users known: one call for each that has a key; for each user and each key, if there is no credential report`,
      );
    return between(0, QUOTA.users * 3, `nothing known; one call per user with a key, and at most ${QUOTA.users} users`);
  },
  collect: collecting(collectKeys),
};

/** One user whose keys are to be listed, with what the report says of them. */
interface Holder {
  readonly name: string;
  readonly arn: string;
  readonly slots: readonly KeySlot[];
}

/** A key with what is known of its use. */
interface KnownKey {
  readonly key: ListedKey;
  readonly slot: KeySlot | undefined;
  /** The last use, where AWS had to be asked for it. */
  readonly asked: KeyUse | undefined;
}

async function* collectKeys(task: Task): AsyncGenerator<Signal, void, void> {
  const { api } = task;
  const plan = await planOf(task);
  const uses = new PerItemCalls(api);
  const slots = new Map<string, readonly KeySlot[]>();
  yield* perUser<KnownKey>(task, {
    operation: LIST,
    version: plan.version,
    async *users() {
      for await (const holder of plan.holders()) {
        slots.set(holder.name, holder.slots);
        yield holder;
      }
    },
    async ask(name) {
      const page = await wholeList(
        LIST,
        (marker) =>
          api.call(
            LIST,
            { UserName: name, ...(marker === undefined ? {} : { Marker: marker }) },
            (answer) => iamPage(LIST, answer, "AccessKeyMetadata", listedKey, { mayOmitEnd: true }),
            { absent: GONE },
          ),
        (key) => key.id,
      );
      const items = await withUse(task, page.items, slots.get(name) ?? [], plan.generatedAt, uses);
      slots.delete(name);
      return { ...page, items };
    },
    signals: (user, known) => keySignals(task, plan.generatedAt, known, user),
  });
  yield* uses.gaps("keys");
  if (!plan.whole) yield unlistedUsers(LIST, api);
}

async function withUse(
  { api }: Task,
  keys: readonly ListedKey[],
  slots: readonly KeySlot[],
  generatedAt: number | undefined,
  uses: PerItemCalls,
): Promise<readonly KnownKey[]> {
  const known: KnownKey[] = [];
  for (const { key, slot } of matchSlots(keys, slots, generatedAt ?? Number.NEGATIVE_INFINITY)) {
    const asked =
      slot === undefined
        ? await uses.ask(() => api.call("iam:GetAccessKeyLastUsed", { AccessKeyId: key.id }, keyUse))
        : undefined;
    known.push({ key, slot, asked });
  }
  return known;
}

interface Plan {
  /** The report's own time; `undefined`: there is none, so nothing is known of any key's use. */
  readonly generatedAt: number | undefined;
  /** A resumed run goes on only in the same list. */
  readonly version: number | string;
  /** Whether everybody who may have a key is among the holders. */
  readonly whole: boolean;
  holders(): AsyncGenerator<Holder, void, void>;
}

async function planOf({ session, api }: Task): Promise<Plan> {
  try {
    const { report } = await credentialReport(session, api);
    const users = await usersOf(session, api);
    return {
      generatedAt: report.generatedAt,
      version: users.fingerprint,
      whole: users.whole,
      async *holders() {
        for (const row of report.rows()) {
          if ("unread" in row || row.root || row.keys.length === 0 || users.isGone(row)) continue;
          yield { name: row.name, arn: row.arn, slots: row.keys };
        }
        for (const user of users.unreported) yield { name: user.name, arn: user.arn, slots: [] };
        if (users.refusal !== undefined) throw users.refusal;
      },
    };
  } catch (error) {
    if (!isProviderError(error) || !WITHOUT_REPORT.includes(error.class)) throw error;
    return {
      generatedAt: undefined,
      version: 0,
      whole: true,
      async *holders() {
        for await (const page of listUsers(api)) {
          for (const user of page.items) yield { name: user.name, arn: user.arn, slots: [] };
        }
      },
    };
  }
}

/** Where nobody could list the users, those in the report are asked all the same, and then the refusal is said. */
async function usersOf(
  session: Task["session"],
  api: Task["api"],
): Promise<ReportedUsers & { readonly refusal?: ProviderError }> {
  try {
    return await reportedUsers(session, api);
  } catch (error) {
    if (endsWork(error) || !isProviderError(error)) throw error;
    return { whole: true, unreported: [], isGone: () => false, fingerprint: "unlisted", refusal: error };
  }
}

/** Reasons for which there is no report at all, so that every user has to be asked. The refusal is that collection's gap. */
const WITHOUT_REPORT: readonly string[] = ["denied", "protocol", "schema", "timeout"];

function* keySignals(
  task: Task,
  generatedAt: number | undefined,
  { key, slot, asked }: KnownKey,
  user: FoundRecord,
): Iterable<Signal> {
  const record: CredentialRecord = {
    type: "credential",
    urn: entityUrn(task.place, "access-key", key.id),
    kind: "access-key",
    identity: user.urn,
    secrecy: "static-secret",
    name: key.id,
    aliases: [key.id],
    tags: {},
    enabled: key.active,
    createdAt: key.createdAt,
    // A key's secret is set once, when it is made.
    rotatedAt: key.createdAt,
    expiresAt: null,
    fingerprint: null,
  };
  yield record;
  const observedFrom = since("key", key.createdAt);
  if (slot?.lastUsedAt !== undefined && generatedAt !== undefined) {
    yield {
      type: "usage",
      subject: record.urn,
      source: USE,
      lastUsedAt: slot.lastUsedAt,
      ...placed(slot.where),
      observedFrom,
      observedThrough: generatedAt,
    };
  } else if (asked !== undefined) {
    yield {
      type: "usage",
      subject: record.urn,
      source: USE,
      lastUsedAt: asked.at,
      ...placed(asked.where),
      observedFrom,
      observedThrough: task.session.lookedUntil(task.context.now),
    };
  }
}

function placed(where: string | undefined): { readonly where?: string } {
  return where === undefined ? {} : { where };
}
