import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { awsManagedByArn } from "../../../fixtures/acme/index.ts";
import type { AccountState, Role, Way } from "../../../fixtures/acme/index.ts";
import { startBench } from "./support/acme-scan.ts";
import type { Bench } from "./support/acme-scan.ts";

/** Policies, grants, memberships, trust and providers of the demonstration estate, whole sets against its own entities. */
let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
  await bench.scan();
});
afterAll(() => bench[Symbol.asyncDispose]());

const states = (): readonly AccountState[] => bench.estate.activeAccounts.map(({ id }) => bench.estate.state(id));
const urn = (account: string, kind: string, id: string) =>
  `nhi:aws/aws:${account}/${kind}/${encodeURIComponent(id).replaceAll(/%(3A|40|2B|2C|3D)/g, decodeURIComponent)}`;
const sorted = (lines: Iterable<string>) => [...lines].toSorted();

const byKey = (entries: Iterable<readonly [string, unknown]>) => [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1));

interface Holder {
  readonly urn: string;
  readonly id: string;
  readonly inlinePolicies: readonly { readonly name: string; readonly document: { readonly text: string } }[];
  readonly attachedPolicies: readonly { readonly arn: string }[];
}

function* holders(state: AccountState): Iterable<Holder> {
  const account = state.account.id;
  for (const user of state.users) yield { ...user, urn: urn(account, "user", user.id) };
  for (const role of state.roles) yield { ...role, urn: urn(account, "role", role.id) };
  for (const group of state.groups) yield { ...group, urn: urn(account, "group", group.id) };
}

function policyUrn(state: AccountState, arn: string): string {
  const managed = awsManagedByArn(arn);
  if (managed !== undefined) return `nhi:aws/aws/aws-managed-policy/${managed.id}`;
  for (const policy of state.policies)
    if (policy.arn === arn) return urn(state.account.id, "managed-policy", policy.id);
  throw new RangeError(`no policy ${arn}`);
}

test("every grant, inline and attached, and no other", () => {
  const seen = bench
    .rows<{ line: string }>("select principal || ' ' || permission_set as line from access_grant")
    .map(({ line }) => line);
  const expected = states().flatMap((state) =>
    [...holders(state)].flatMap((holder) => [
      ...holder.inlinePolicies.map(
        ({ name }) => `${holder.urn} ${urn(state.account.id, "inline-policy", `${holder.id}:${name}`)}`,
      ),
      ...holder.attachedPolicies.map(({ arn }) => `${holder.urn} ${policyUrn(state, arn)}`),
    ]),
  );
  expect(sorted(seen)).toEqual(sorted(expected));
});

test("every document, as its author wrote it, in the version that counts", () => {
  const seen = new Map(
    bench
      .rows<{ urn: string; document: string }>("select urn, document from permission_set where document_known = 1")
      .map((row) => [row.urn, JSON.parse(row.document) as unknown]),
  );
  const expected = new Map<string, unknown>();
  for (const state of states()) {
    for (const policy of state.policies) {
      const standing = policy.versions.find(({ id }) => id === policy.defaultVersion);
      expected.set(urn(state.account.id, "managed-policy", policy.id), JSON.parse(standing?.document.text ?? "null"));
    }
    for (const holder of holders(state)) {
      for (const { name, document } of holder.inlinePolicies)
        expected.set(urn(state.account.id, "inline-policy", `${holder.id}:${name}`), JSON.parse(document.text));
      for (const { arn } of holder.attachedPolicies) {
        const managed = awsManagedByArn(arn);
        if (managed !== undefined)
          expected.set(`nhi:aws/aws/aws-managed-policy/${managed.id}`, JSON.parse(managed.document.text));
      }
    }
  }
  expect([...seen.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
  for (const [key, document] of expected) expect(seen.get(key), key).toEqual(document);
});

test("every membership, boundary and group", () => {
  const members = bench
    .rows<{ line: string }>("select member || ' ' || group_urn as line from membership")
    .map(({ line }) => line);
  const boundaries = bench
    .rows<{ line: string }>("select urn || ' ' || boundary as line from identity where boundary is not null")
    .map(({ line }) => line);
  const groups = bench.rows<{ urn: string }>("select urn from identity_group").map((row) => row.urn);
  const expected = { members: [] as string[], boundaries: [] as string[], groups: [] as string[] };
  for (const state of states()) {
    const account = state.account.id;
    for (const group of state.groups) expected.groups.push(urn(account, "group", group.id));
    for (const user of state.users) {
      for (const name of user.groups)
        expected.members.push(
          `${urn(account, "user", user.id)} ${urn(account, "group", state.groups.find(name)?.id ?? "")}`,
        );
    }
    for (const identity of [...state.users, ...state.roles]) {
      if (identity.boundary !== null)
        expected.boundaries.push(
          `${urn(account, identity.kind, identity.id)} ${policyUrn(state, identity.boundary.arn)}`,
        );
    }
  }
  expect(sorted(members)).toEqual(sorted(expected.members));
  expect(sorted(boundaries)).toEqual(sorted(expected.boundaries));
  expect(sorted(groups)).toEqual(sorted(expected.groups));
});

describe("trust", () => {
  interface TrustRow {
    readonly identity: string;
    readonly mechanism: string;
    readonly party: string;
    readonly principal: string;
    readonly party_scope: string | null;
    readonly party_relation: string | null;
    readonly issuer: string | null;
    readonly subjects: string | null;
    readonly audiences: string | null;
    readonly external_id: number | null;
    readonly pinned: number | null;
  }

  const relation = (own: string, other: string) =>
    other === own
      ? "same-scope"
      : bench.estate.account(other) !== undefined
        ? "own"
        : bench.estate.organization.partners.includes(other)
          ? "partner"
          : "outside";

  /** A way in as its author meant it, and as the scanner read it, in the same words. */
  function told(state: AccountState, role: Role, way: Way): string {
    const who = urn(state.account.id, "role", role.id);
    switch (way.kind) {
      case "service":
        return `${who} service ${way.service}`;
      case "account":
        return `${who} account ${way.account} ${relation(state.account.id, way.account)} ${way.externalId ? "external id" : "open"}`;
      case "anyone":
        return `${who} anyone ${way.pinned ? "pinned" : "open"}`;
      case "oidc":
        return `${who} oidc https://${way.issuer}`;
      case "saml":
        return `${who} saml ${way.provider}`;
      case "deleted":
      default:
        return `${who} deleted ${way.id}`;
    }
  }

  function read(row: TrustRow): string {
    switch (row.party) {
      case "service":
        return `${row.identity} service ${row.principal}`;
      case "account":
      case "identity":
        return `${row.identity} account ${row.party_scope?.slice(-12)} ${row.party_relation} ${row.external_id === 1 ? "external id" : "open"}`;
      case "anyone":
        return `${row.identity} anyone ${row.pinned === 1 ? "pinned" : "open"}`;
      case "deleted":
        return `${row.identity} deleted ${row.principal}`;
      default:
        return row.mechanism === "saml-federation"
          ? `${row.identity} saml ${row.principal}`
          : `${row.identity} oidc ${row.issuer}`;
    }
  }

  const ways = () =>
    bench.rows<TrustRow>(
      "select * from trust where effect = 'allow' and mechanism <> 'attached-to' and party <> 'workload'",
    );

  test("lets in whom its author let in, and nobody else", () => {
    const expected = states().flatMap((state) =>
      [...state.roles].flatMap((role) => role.trust.ways.map((way) => told(state, role, way))),
    );
    // One way may be written in several statements; what counts is whether there is one.
    expect(sorted(new Set(ways().map(read)))).toEqual(sorted(new Set(expected)));
  });

  test("is bounded exactly where the author of a federation says so", () => {
    const bounded = new Map<string, boolean>();
    for (const row of ways().filter(({ mechanism }) => mechanism === "oidc-federation")) {
      const subjects = row.subjects === null ? undefined : (JSON.parse(row.subjects) as readonly string[]);
      const audiences = row.audiences === null ? undefined : (JSON.parse(row.audiences) as readonly string[]);
      const named =
        subjects !== undefined &&
        subjects.every((subject) => !/^(?:repo:)?\*/.test(subject) && !/^repo:[^/]*\*/.test(subject));
      bounded.set(`${row.identity} ${row.issuer}`, named && audiences !== undefined);
    }
    const expected = new Map<string, boolean>();
    for (const state of states()) {
      for (const role of state.roles) {
        for (const way of role.trust.ways)
          if (way.kind === "oidc")
            expected.set(`${urn(state.account.id, "role", role.id)} https://${way.issuer}`, way.bounded);
      }
    }
    expect(byKey(bounded)).toEqual(byKey(expected));
  });

  test("of instance profiles and of Roles Anywhere", () => {
    const attached = bench
      .rows<{ line: string }>("select identity || ' ' || principal as line from trust where mechanism = 'attached-to'")
      .map(({ line }) => line);
    const anywhere = bench
      .rows<{ line: string }>(
        "select identity || ' ' || principal as line from trust where mechanism = 'roles-anywhere' and party = 'workload'",
      )
      .map(({ line }) => line);
    const expected = { attached: [] as string[], anywhere: [] as string[] };
    for (const state of states()) {
      const account = state.account.id;
      for (const role of state.roles)
        if (role.instanceProfile !== null)
          expected.attached.push(`${urn(account, "role", role.id)} ${role.instanceProfile.arn}`);
      for (const regional of state.rolesAnywhere.values()) {
        for (const profile of regional.profiles) {
          for (const arn of profile.roleArns) {
            const role = state.roles.find(arn.slice(arn.lastIndexOf("/") + 1));
            if (role !== undefined && profile.enabled)
              expected.anywhere.push(`${urn(account, "role", role.id)} ${profile.arn}`);
          }
        }
      }
    }
    expect(sorted(attached)).toEqual(sorted(expected.attached));
    expect(sorted(anywhere)).toEqual(sorted(expected.anywhere));
    expect(expected.anywhere.length).toBeGreaterThan(0);
  });
});

test("every provider, profile, trust anchor and revocation list, with its dates and state", () => {
  const seen = bench
    .rows<{ line: string }>(
      "select kind || ' ' || name || ' ' || enabled || ' ' || coalesce(expires_at, 'never') as line from anchor where expires_at_known = 1",
    )
    .map(({ line }) => line);
  const unknown = bench
    .rows<{ name: string }>("select name from anchor where expires_at_known = 0")
    .map(({ name }) => name);
  const expected = states().flatMap((state) => [
    ...state.oidcProviders.map(({ url }) => `oidc-provider ${url} 1 never`),
    ...state.samlProviders.map(
      ({ arn, validUntil }) => `saml-provider ${arn.slice(arn.lastIndexOf("/") + 1)} 1 ${validUntil}`,
    ),
    ...state.emptyProfiles.map(({ name }) => `instance-profile ${name} 1 never`),
    ...[...state.roles].flatMap(({ instanceProfile }) =>
      instanceProfile === null ? [] : [`instance-profile ${instanceProfile.name} 1 never`],
    ),
    ...[...state.rolesAnywhere.values()].flatMap((regional) => [
      ...regional.profiles.map(({ name, enabled }) => `roles-anywhere-profile ${name} ${Number(enabled)} never`),
      ...regional.revocationLists.map(({ name, enabled }) => `roles-anywhere-crl ${name} ${Number(enabled)} never`),
      ...regional.trustAnchors
        .filter(({ source }) => source.kind === "CERTIFICATE_BUNDLE")
        .map(({ name, enabled }) => `roles-anywhere-trust-anchor ${name} ${Number(enabled)} `),
    ]),
  ]);
  const undated = (line: string) => (line.startsWith("roles-anywhere-trust-anchor") ? line.replace(/\d+$/, "") : line);
  expect(sorted(seen.map(undated))).toEqual(sorted(expected));
  expect(sorted(unknown)).toEqual(
    sorted(
      states().flatMap((state) =>
        [...state.rolesAnywhere.values()].flatMap(({ trustAnchors }) =>
          trustAnchors.filter(({ source }) => source.kind === "AWS_ACM_PCA").map(({ name }) => name),
        ),
      ),
    ),
  );
});

test("owners that tags name, tags themselves, and environments by account", () => {
  const owners = bench
    .rows<{ line: string }>("select subject || ' ' || owner as line from owner")
    .map(({ line }) => line);
  const expected = states().flatMap((state) =>
    [...state.users, ...state.roles].flatMap((identity) =>
      Object.entries(identity.tags)
        .filter(
          ([key, value]) =>
            ["owner", "team", "contact", "squad", "maintainer", "owners"].includes(key.toLowerCase()) &&
            value.trim() !== "",
        )
        .map(([, value]) => `${urn(state.account.id, identity.kind, identity.id)} ${value.trim()}`),
    ),
  );
  expect(sorted(owners)).toEqual(sorted(expected));

  const tags = bench.rows<{ urn: string; tags: string }>(
    "select urn, tags from identity where kind in ('user', 'role')",
  );
  const told = new Map(
    states().flatMap((state) =>
      [...state.users, ...state.roles].map(
        (identity) => [urn(state.account.id, identity.kind, identity.id), identity.tags] as const,
      ),
    ),
  );
  for (const row of tags)
    expect(byKey(Object.entries(JSON.parse(row.tags) as object)), row.urn).toEqual(
      byKey(Object.entries(told.get(row.urn) ?? {})),
    );

  const environments = bench.rows<{ scope: string; environment: string }>(
    "select scope, environment from identity where kind = 'root'",
  );
  expect(environments.map(({ scope, environment }) => `${scope.slice(-12)} ${environment}`).toSorted()).toEqual(
    sorted(states().map(({ account }) => `${account.id} ${account.production ? "production" : "non-production"}`)),
  );
});
