import { isProviderError } from "rollcall/sdk";
import type { ScopeRecord, Signal } from "rollcall/sdk";
import type { Api } from "../api.ts";
import { collecting } from "../collection.ts";
import type { AwsCollection, Task } from "../collection.ts";
import { exactly } from "../cost.ts";
import { endsWork, gapOf } from "../gaps.ts";
import { accountUrn } from "../normalize/urns.ts";
import { authorize } from "../operations.ts";
import { delegationRequest, federationIssuer, organizationFeatures, passwordPolicy } from "../schema/account.ts";
import { iamPage } from "../schema/page.ts";
import { wholeList } from "../paging.ts";
import { accountSummary } from "../summary.ts";

const PARTS = [
  "iam:GetAccountSummary",
  "iam:ListAccountAliases",
  "iam:GetAccountPasswordPolicy",
  "iam:ListDelegationRequests",
  "iam:GetOutboundWebIdentityFederationInfo",
  "iam:ListOrganizationsFeatures",
] as const;

/** The account's own settings, and IAM's counters, against which the bulk listing is checked. */
export const account: AwsCollection = {
  id: "account",
  title: "Account settings",
  emits: { facts: ["scope", "scope.name"] },
  requires: authorize(...PARTS),
  cost(estimate) {
    const calls = isManagement(estimate.scope.hints) ? PARTS.length : PARTS.length - 1;
    return exactly(calls, "one call per setting");
  },
  collect: collecting(collectAccount),
};

function isManagement(hints: Readonly<Record<string, unknown>> | undefined): boolean {
  return hints?.["management"] === true;
}

async function* collectAccount(task: Task): AsyncGenerator<Signal, void, void> {
  const { session, context, api, place } = task;
  const parts: readonly (() => Promise<Part>)[] = [
    async () => ({ attributes: { counters: await accountSummary(session, api) } }),
    async () => {
      const [alias] = await aliases(api);
      return alias === undefined ? {} : { alias };
    },
    async () => ({
      attributes: {
        passwordPolicy: await api.call("iam:GetAccountPasswordPolicy", {}, passwordPolicy, {
          absent: { NoSuchEntity: null, NoSuchEntityException: null },
        }),
      },
    }),
    async () => ({ attributes: { delegationRequests: await delegationRequests(api) } }),
    async () => ({
      attributes: {
        outboundFederationIssuer: await api.call("iam:GetOutboundWebIdentityFederationInfo", {}, federationIssuer, {
          absent: { FeatureDisabled: null, FeatureDisabledException: null },
        }),
      },
    }),
    ...(isManagement(context.scope.hints)
      ? [
          async () => ({
            attributes: {
              centralRootFeatures: await api.call("iam:ListOrganizationsFeatures", {}, organizationFeatures),
            },
          }),
        ]
      : []),
  ];

  let alias: string | undefined;
  const attributes: Record<string, unknown> = {};
  for await (const part of context.each(parts, settle)) {
    if ("error" in part) {
      yield gapOf(part.error, api);
      continue;
    }
    alias ??= part.value.alias;
    Object.assign(attributes, part.value.attributes);
  }
  const record: ScopeRecord = {
    type: "scope",
    urn: accountUrn(place.partition, place.account),
    kind: "account",
    ...(alias === undefined ? {} : { name: alias, aliases: [alias] }),
    attributes,
  };
  yield record;
}

interface Part {
  readonly alias?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

async function settle(part: () => Promise<Part>) {
  try {
    return { value: await part() };
  } catch (error) {
    if (endsWork(error) || !isProviderError(error)) throw error;
    return { error };
  }
}

async function aliases(api: Api): Promise<readonly string[]> {
  const list = await wholeList(
    "iam:ListAccountAliases",
    (marker) =>
      api.call("iam:ListAccountAliases", marker === undefined ? {} : { Marker: marker }, (answer) =>
        iamPage("iam:ListAccountAliases", answer, "AccountAliases", String, { mayOmitEnd: true }),
      ),
    (alias) => alias,
  );
  return list.items;
}

/** Requests of partners for access that wait for somebody, or were answered. */
async function delegationRequests(api: Api) {
  const list = await wholeList(
    "iam:ListDelegationRequests",
    (marker) =>
      api.call("iam:ListDelegationRequests", marker === undefined ? {} : { Marker: marker }, (answer) =>
        iamPage("iam:ListDelegationRequests", answer, "DelegationRequests", delegationRequest, { mayOmitEnd: true }),
      ),
    (request) => request.id,
  );
  return list.items;
}
