import { gap, isProviderError, urn } from "rollcall/sdk";
import type { Gap, Scope, ScopeRecord, ScopesContext } from "rollcall/sdk";
import type { Api } from "./api.ts";
import type { AwsConfig } from "./config.ts";
import { endsWork, gapOf } from "./gaps.ts";
import { accountEnvironment } from "./normalize/environment.ts";
import { accountUrn, organizationUrn, organizationalUnitUrn, parseArn } from "./normalize/urns.ts";
import { walk } from "./paging.ts";
import { accountPage, resourceTags } from "./schema/organization.ts";
import type { ListedAccount } from "./schema/organization.ts";
import type { AwsSession } from "./session.ts";
import { homeRegion, regionsOf } from "./wire.ts";

/** How AWS is called in coverage before any account is known: what these credentials can see. */
export function rootScope(config: AwsConfig): Scope {
  const id = config.organization?.managementAccount ?? config.account ?? config.profile ?? "default";
  const what = config.organization === undefined ? "account" : "organization";
  return {
    urn: urn({ provider: "aws", namespace: config.partition ?? "aws", kind: "listing", nativeId: id }),
    kind: "listing",
    title: `the AWS ${what} of ${id === "default" ? "the default credentials" : id}`,
    id,
  };
}

/** The accounts to read: the credentials' own, or all of the organization. */
export async function* awsScopes(session: AwsSession, context: ScopesContext): AsyncGenerator<Scope | Gap, void, void> {
  const { config, caller } = session;
  if (config.organization === undefined) {
    const known = config.accounts.own !== undefined;
    session.list({
      accounts: new Set([caller.account]),
      incomplete: known
        ? undefined
        : "whether the account is ours is not known: list ours under accounts: own, or read the organization",
    });
    yield ownScope(session);
    return;
  }
  yield* organizationScopes(session, context);
}

function ownScope(session: AwsSession): Scope {
  const { account } = session.caller;
  return scopeOf(
    session,
    { id: account, arn: "", name: undefined, email: undefined, state: "ACTIVE", path: undefined },
    {},
    false,
  );
}

async function* organizationScopes(
  session: AwsSession,
  context: ScopesContext,
): AsyncGenerator<Scope | Gap, void, void> {
  const { config, caller } = session;
  const from = config.organization?.managementAccount ?? caller.account;
  const api = session.api(from, context.door);
  const accounts = new Map<string, ListedAccount>();
  try {
    const pages = walk<ListedAccount>({
      operation: "organizations:ListAccounts",
      fetch: (token) =>
        api.call("organizations:ListAccounts", token === undefined ? {} : { NextToken: token }, accountPage),
      id: (account) => account.id,
    });
    let unread = 0;
    for await (const page of pages) {
      for (const account of page.items) accounts.set(account.id, account);
      unread += page.malformed.length;
    }
    if (unread > 0)
      yield gap({
        class: "schema",
        operation: "organizations:ListAccounts",
        reason: "accounts could not be read",
        count: unread,
      });
    session.list({
      accounts: new Set(accounts.keys()),
      incomplete: unread === 0 ? undefined : "some accounts of the organization could not be read",
    });
  } catch (error) {
    if (endsWork(error) || !isProviderError(error)) throw error;
    session.list({
      accounts: new Set(accounts.keys()),
      incomplete: "the accounts of the organization could not be listed",
    });
    yield listingGap(error, api);
  }
  if (accounts.size === 0) {
    // Without its record: what an earlier listing said of the account is not to be replaced by less.
    const { record: _record, ...scope } = ownScope(session);
    yield scope;
    return;
  }
  for (const account of [...accounts.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const tags = await tagsOf(session, api, account);
    if ("gap" in tags) yield tags.gap;
    yield scopeOf(session, account, "gap" in tags ? {} : tags.tags, true);
  }
}

function listingGap(error: Parameters<typeof gapOf>[0], api: Api): Gap {
  if (error.details.code === "AWSOrganizationsNotInUseException") {
    return gapOf(error, api, { reason: "the account is not a member of an organization" });
  }
  const detail = gapOf(error, api);
  return detail.remedy !== undefined && error.class !== "denied"
    ? detail
    : {
        ...detail,
        remedy: `grant organizations:ListAccounts to ${api.actor}, or set organization: managementAccount to the account that may list them`,
      };
}

/** An account's tags, asked for only where they decide what production is: one call per account. */
async function tagsOf(
  session: AwsSession,
  api: Api,
  account: ListedAccount,
): Promise<{ readonly tags: Readonly<Record<string, string>> } | { readonly gap: Gap }> {
  if (Object.keys(session.config.production.tags).length === 0) return { tags: {} };
  const tags: Record<string, string> = {};
  try {
    const seen = new Set<string>();
    let next: string | null | undefined;
    do {
      const page = await api.call(
        "organizations:ListTagsForResource",
        { ResourceId: account.id, ...(next === undefined || next === null ? {} : { NextToken: next }) },
        resourceTags,
      );
      for (const [key, value] of Object.entries(page.tags))
        Object.defineProperty(tags, key, { value, enumerable: true, configurable: true, writable: true });
      next = page.next;
      if (next !== null && seen.has(next))
        return {
          gap: gap({
            class: "pagination",
            operation: "organizations:ListTagsForResource",
            reason: "the tags of an account go round in circles",
          }),
        };
      if (next !== null) seen.add(next);
    } while (next !== null);
    return { tags };
  } catch (error) {
    if (endsWork(error) || !isProviderError(error)) throw error;
    return { gap: gapOf(error, api, { facts: ["scope.environment", "identity.environment"] }) };
  }
}

/** States in which nobody can sign in (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html). */
const CLOSED = new Set(["SUSPENDED", "CLOSED", "PENDING_CLOSURE", "PENDING_ACTIVATION"]);

function scopeOf(
  session: AwsSession,
  account: ListedAccount,
  tags: Readonly<Record<string, string>>,
  listed: boolean,
): Scope {
  const { config, caller } = session;
  const { partition } = caller;
  const environment = accountEnvironment(config.production, { id: account.id, name: account.name, tags });
  const organization = parseArn(account.arn);
  const skip = skipOf(config, account);
  const record: ScopeRecord = {
    type: "scope",
    urn: accountUrn(partition, account.id),
    kind: "account",
    aliases: [
      account.id,
      ...[account.arn, account.email, account.name].filter((alias) => alias !== undefined && alias !== ""),
    ] as string[],
    ...(listed
      ? { name: account.name ?? account.id, status: account.state, parent: parentOf(partition, account), tags }
      : {}),
    ...(environment === undefined ? {} : { environment }),
  };
  return {
    urn: record.urn,
    kind: "account",
    title: account.name === undefined ? account.id : `${account.name} (${account.id})`,
    id: account.id,
    record,
    ...(skip === undefined ? {} : { skip }),
    hints: {
      ...(environment === undefined ? {} : { environment }),
      ...(listed && organization?.account === account.id ? { management: true } : {}),
      regions: [...regionsOf(config, session.environment)],
      home: homeRegion(config, session.environment),
    },
  };
}

function skipOf(config: AwsConfig, account: ListedAccount): Scope["skip"] {
  if (CLOSED.has(account.state)) {
    return {
      status: "not-applicable",
      gap: {
        class: "denied",
        reason: `the account is ${account.state}: nobody can sign in to it (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html)`,
      },
    };
  }
  const { include, exclude } = config.accounts;
  if (exclude.includes(account.id))
    return {
      status: "not-attempted",
      gap: { class: "opt-in", reason: "left out by the configuration (accounts: exclude)" },
    };
  if (include !== undefined && !include.includes(account.id)) {
    return {
      status: "not-attempted",
      gap: { class: "opt-in", reason: "left out by the configuration (accounts: include names others)" },
    };
  }
  return undefined;
}

/** The unit above the account: the last one of its path, or the organization of its ARN. */
function parentOf(partition: string, account: ListedAccount): string | null {
  const steps = account.path?.split("/").filter((step) => step !== "" && step !== account.id) ?? [];
  const unit = steps.findLast((step) => /^(?:ou|r)-/.test(step));
  if (unit !== undefined) return organizationalUnitUrn(partition, unit);
  const organization = steps[0] ?? /\/(o-[a-z0-9]+)\//.exec(account.arn)?.[1];
  return organization === undefined ? null : organizationUrn(partition, organization);
}
