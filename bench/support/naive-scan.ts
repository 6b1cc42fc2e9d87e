import * as iam from "@aws-sdk/client-iam";
import { OrganizationsClient, paginateListAccounts } from "@aws-sdk/client-organizations";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import pLimit from "p-limit";
import { ESTATE_CREDENTIALS } from "./estate-process.ts";

/**
 * The leanest per-object pattern that a full-field peer uses: list everything, then ask about each thing alone
 * (6 calls a user, 3 a role, 2 a group, 2 a policy, 1 an inline policy).
 */
export interface NaiveResult {
  readonly keys: readonly { readonly id: string; readonly lastUsedAt: number | null }[];
}

export async function naiveScan(url: string): Promise<NaiveResult> {
  const base = { endpoint: url, region: "us-east-1", credentials: ESTATE_CREDENTIALS };
  const organizations = new OrganizationsClient(base);
  const sts = new STSClient(base);
  const keys: { id: string; lastUsedAt: number | null }[] = [];
  for await (const page of paginateListAccounts({ client: organizations }, {})) {
    for (const account of page.Accounts ?? []) {
      if (account.State !== undefined && account.State !== "ACTIVE") continue;
      const role = await sts.send(
        new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account.Id}:role/RollcallAudit`, RoleSessionName: "naive" }),
      );
      const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = role.Credentials ?? {};
      const client = new iam.IAMClient({
        ...base,
        credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
      });
      keys.push(...(await scanAccount(client)));
    }
  }
  return { keys };
}

async function scanAccount(client: iam.IAMClient): Promise<{ id: string; lastUsedAt: number | null }[]> {
  const limit = pLimit(20);
  const keys: { id: string; lastUsedAt: number | null }[] = [];
  const quiet = async <T>(work: Promise<T>): Promise<T | undefined> => work.catch(() => undefined);

  const users: iam.User[] = [];
  for await (const page of iam.paginateListUsers({ client }, {})) users.push(...(page.Users ?? []));
  await Promise.all(
    users.map((user) =>
      limit(async () => {
        const UserName = user.UserName ?? "";
        await quiet(client.send(new iam.GetLoginProfileCommand({ UserName })));
        await client.send(new iam.ListMFADevicesCommand({ UserName }));
        await client.send(new iam.ListGroupsForUserCommand({ UserName }));
        await client.send(new iam.ListAttachedUserPoliciesCommand({ UserName }));
        const inline = await client.send(new iam.ListUserPoliciesCommand({ UserName }));
        for (const PolicyName of inline.PolicyNames ?? [])
          await client.send(new iam.GetUserPolicyCommand({ UserName, PolicyName }));
        const listed = await client.send(new iam.ListAccessKeysCommand({ UserName }));
        for (const { AccessKeyId = "" } of listed.AccessKeyMetadata ?? []) {
          const used = await client.send(new iam.GetAccessKeyLastUsedCommand({ AccessKeyId }));
          keys.push({ id: AccessKeyId, lastUsedAt: used.AccessKeyLastUsed?.LastUsedDate?.getTime() ?? null });
        }
      }),
    ),
  );

  const roles: iam.Role[] = [];
  for await (const page of iam.paginateListRoles({ client }, {})) roles.push(...(page.Roles ?? []));
  await Promise.all(
    roles.map((role) =>
      limit(async () => {
        const RoleName = role.RoleName ?? "";
        await client.send(new iam.GetRoleCommand({ RoleName }));
        await client.send(new iam.ListAttachedRolePoliciesCommand({ RoleName }));
        const inline = await client.send(new iam.ListRolePoliciesCommand({ RoleName }));
        for (const PolicyName of inline.PolicyNames ?? [])
          await client.send(new iam.GetRolePolicyCommand({ RoleName, PolicyName }));
      }),
    ),
  );

  const groups: iam.Group[] = [];
  for await (const page of iam.paginateListGroups({ client }, {})) groups.push(...(page.Groups ?? []));
  await Promise.all(
    groups.map((group) =>
      limit(async () => {
        const GroupName = group.GroupName ?? "";
        await client.send(new iam.ListAttachedGroupPoliciesCommand({ GroupName }));
        const inline = await client.send(new iam.ListGroupPoliciesCommand({ GroupName }));
        for (const PolicyName of inline.PolicyNames ?? [])
          await client.send(new iam.GetGroupPolicyCommand({ GroupName, PolicyName }));
      }),
    ),
  );

  const policies: iam.Policy[] = [];
  for await (const page of iam.paginateListPolicies({ client }, { Scope: "Local" }))
    policies.push(...(page.Policies ?? []));
  for await (const page of iam.paginateListPolicies({ client }, { Scope: "AWS", OnlyAttached: true }))
    policies.push(...(page.Policies ?? []));
  await Promise.all(
    policies.map((policy) =>
      limit(async () => {
        const PolicyArn = policy.Arn ?? "";
        await client.send(new iam.GetPolicyCommand({ PolicyArn }));
        await client.send(new iam.GetPolicyVersionCommand({ PolicyArn, VersionId: policy.DefaultVersionId ?? "v1" }));
      }),
    ),
  );
  return keys;
}
