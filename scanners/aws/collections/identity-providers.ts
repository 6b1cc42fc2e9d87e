import { unknown } from "rollcall/sdk";
import type { AnchorRecord, Signal } from "rollcall/sdk";
import { collecting } from "../collection.ts";
import type { AwsCollection, Task } from "../collection.ts";
import { between, known } from "../cost.ts";
import { PerItemCalls, malformedGaps } from "../gaps.ts";
import { readSamlMetadata } from "../normalize/saml.ts";
import { entityUrn, parseArn } from "../normalize/urns.ts";
import { authorize } from "../operations.ts";
import type { Operation } from "../operations.ts";
import { listedProvider, oidcProvider, samlProvider } from "../schema/credentials.ts";
import type { OidcProvider, SamlProvider } from "../schema/credentials.ts";
import { fields, list } from "../schema/fields.ts";
import { readItems } from "../schema/page.ts";

const FACTS = [
  "anchor",
  "anchor.name",
  "anchor.issuer",
  "anchor.audiences",
  "anchor.enabled",
  "anchor.createdAt",
  "anchor.expiresAt",
  "anchor.fingerprint",
  "anchor.tags",
] as const;

/** OpenID Connect providers: whose tokens this account accepts. */
export const oidcProviders: AwsCollection = {
  id: "oidc-providers",
  title: "OpenID Connect providers",
  emits: { facts: FACTS, authoritative: { anchor: ["oidc-provider"] } },
  requires: authorize("iam:ListOpenIDConnectProviders", "iam:GetOpenIDConnectProvider"),
  cost: (estimate) => providerCalls(known(estimate, "anchor/oidc-provider")),
  collect: collecting(async function* collectOidc(task) {
    yield* collectProviders(task, {
      list: "iam:ListOpenIDConnectProviders",
      key: "OpenIDConnectProviderList",
      read: (arn) => task.api.call("iam:GetOpenIDConnectProvider", { OpenIDConnectProviderArn: arn }, oidcProvider),
      record: oidcRecord,
    });
  }),
};

/** SAML providers: whose assertions this account accepts, and when their certificates end. */
export const samlProviders: AwsCollection = {
  id: "saml-providers",
  title: "SAML providers",
  emits: { facts: FACTS, authoritative: { anchor: ["saml-provider"] } },
  requires: authorize("iam:ListSAMLProviders", "iam:GetSAMLProvider"),
  cost: (estimate) => providerCalls(known(estimate, "anchor/saml-provider")),
  collect: collecting(async function* collectSaml(task) {
    yield* collectProviders(task, {
      list: "iam:ListSAMLProviders",
      key: "SAMLProviderList",
      read: (arn) => task.api.call("iam:GetSAMLProvider", { SAMLProviderArn: arn }, samlProvider),
      record: samlRecord,
    });
  }),
};

function providerCalls(count: number | undefined) {
  return count === undefined
    ? between(1, 201, "nothing known; 100 providers by quota")
    : between(1 + count, 2 + count, `${count} providers known`);
}

interface Providers<Provider> {
  readonly list: Operation & ("iam:ListOpenIDConnectProviders" | "iam:ListSAMLProviders");
  readonly key: string;
  readonly read: (arn: string) => Promise<Provider>;
  readonly record: (task: Task, arn: string, provider: Provider | undefined) => AnchorRecord;
}

/** Both lists come whole, in one answer without an end marker: IAM documents no paging for them. */
async function* collectProviders<Provider>(task: Task, plan: Providers<Provider>): AsyncGenerator<Signal, void, void> {
  const { api, context } = task;
  const { items, malformed } = await api.call(plan.list, {}, (answer) =>
    readItems(list(fields(answer, "the answer"), plan.key), listedProvider),
  );
  const details = new PerItemCalls(api);
  for await (const { arn, provider } of context.each(items, async (arn) => ({
    arn,
    provider: await details.ask(() => plan.read(arn)),
  }))) {
    yield plan.record(task, arn, provider);
  }
  yield* malformedGaps(plan.list, malformed);
  yield* details.gaps("providers");
}

const UNREAD = unknown("the provider could not be read");

function oidcRecord({ place }: Task, arn: string, provider: OidcProvider | undefined): AnchorRecord {
  const host = parseArn(arn)?.resource.replace(/^oidc-provider\//, "") ?? arn;
  return {
    type: "anchor",
    urn: entityUrn(place, "oidc-provider", host),
    kind: "oidc-provider",
    name: host,
    aliases: [arn, host],
    issuer: `https://${(provider?.url ?? host).replace(/^https:\/\//, "")}`,
    enabled: true,
    expiresAt: null,
    ...(provider === undefined
      ? { audiences: UNREAD, createdAt: UNREAD, fingerprint: UNREAD, tags: UNREAD }
      : {
          audiences: provider.audiences,
          createdAt: provider.createdAt ?? unknown("AWS did not say"),
          fingerprint: provider.thumbprints.length === 0 ? null : `SHA1:${provider.thumbprints.join(",")}`,
          tags: provider.tags,
        }),
  };
}

function samlRecord({ place }: Task, arn: string, provider: SamlProvider | undefined): AnchorRecord {
  const name = parseArn(arn)?.resource.replace(/^saml-provider\//, "") ?? arn;
  const metadata = provider?.metadata === undefined ? undefined : readSamlMetadata(provider.metadata);
  return {
    type: "anchor",
    urn: entityUrn(place, "saml-provider", name),
    kind: "saml-provider",
    name,
    aliases: [arn, name],
    audiences: null,
    enabled: true,
    ...(provider === undefined
      ? { issuer: UNREAD, createdAt: UNREAD, expiresAt: UNREAD, fingerprint: UNREAD, tags: UNREAD }
      : {
          issuer: metadata?.entityId ?? unknown("the metadata names no entity"),
          createdAt: provider.createdAt ?? unknown("AWS did not say"),
          expiresAt: earliest(provider.validUntil, metadata?.expiresAt) ?? unknown("neither AWS nor the metadata says"),
          fingerprint: metadata?.keyFingerprint ?? unknown("the metadata has no readable certificate"),
          tags: provider.tags,
          attributes: {
            ...(provider.encryption === undefined ? {} : { assertionEncryption: provider.encryption }),
            decryptionKeys: provider.privateKeys.map(({ id, at }) => ({
              id,
              ...(at === undefined ? {} : { createdAt: new Date(at).toISOString() }),
            })),
          },
        }),
  };
}

function earliest(...instants: readonly (number | undefined)[]): number | undefined {
  const known = instants.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
