import * as iam from "@aws-sdk/client-iam";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generateAcme } from "../../../fixtures/acme/index.ts";
import type { AwsEmulator } from "../../../fixtures/emulators/aws/index.ts";
import { MANAGEMENT_CREDENTIALS, startAwsEmulator } from "../../../fixtures/emulators/aws/index.ts";
import { DirectQueryProtocol } from "../../../scanners/aws/protocol.ts";

/** The SDK's reader and ours must make the same objects of every answer that the scanner asks for. */
let emulator: AwsEmulator;
let accounts: readonly { readonly id: string; readonly credentials: typeof MANAGEMENT_CREDENTIALS }[];

beforeAll(async () => {
  const estate = generateAcme({ seed: 11, now: Date.UTC(2026, 10, 23), scannerExternalId: null });
  emulator = await startAwsEmulator(estate, { clockRuns: false });
  const sts = new STSClient({ endpoint: emulator.url, region: "us-east-1", credentials: MANAGEMENT_CREDENTIALS });
  accounts = await Promise.all(
    estate.activeAccounts.map(async ({ id }) => {
      const { Credentials } = await sts.send(
        new AssumeRoleCommand({
          RoleArn: `arn:aws:iam::${id}:role/${estate.scannerRole}`,
          RoleSessionName: "conformance",
        }),
      );
      const credentials = {
        accessKeyId: Credentials?.AccessKeyId ?? "",
        secretAccessKey: Credentials?.SecretAccessKey ?? "",
        sessionToken: Credentials?.SessionToken ?? "",
      };
      const client = new iam.IAMClient({ endpoint: emulator.url, region: "us-east-1", credentials });
      for (let polls = 0; polls < 5; polls += 1) await client.send(new iam.GenerateCredentialReportCommand({}));
      return { id, credentials: credentials as typeof MANAGEMENT_CREDENTIALS };
    }),
  );
});

afterAll(() => emulator.close());

const commands: readonly (readonly [string, () => unknown])[] = [
  ["GetAccountAuthorizationDetails", () => new iam.GetAccountAuthorizationDetailsCommand({ MaxItems: 1_000 })],
  ["GetAccountSummary", () => new iam.GetAccountSummaryCommand({})],
  ["GenerateCredentialReport", () => new iam.GenerateCredentialReportCommand({})],
  ["GetAccountPasswordPolicy", () => new iam.GetAccountPasswordPolicyCommand({})],
  ["ListUsers", () => new iam.ListUsersCommand({ MaxItems: 1_000 })],
  ["ListRoles", () => new iam.ListRolesCommand({ MaxItems: 1_000 })],
  ["ListAccountAliases", () => new iam.ListAccountAliasesCommand({})],
  ["ListDelegationRequests", () => new iam.ListDelegationRequestsCommand({})],
  ["ListInstanceProfiles", () => new iam.ListInstanceProfilesCommand({})],
  ["ListOpenIDConnectProviders", () => new iam.ListOpenIDConnectProvidersCommand({})],
  ["ListSAMLProviders", () => new iam.ListSAMLProvidersCommand({})],
  ["ListServerCertificates", () => new iam.ListServerCertificatesCommand({})],
  ["ListServiceSpecificCredentials", () => new iam.ListServiceSpecificCredentialsCommand({ AllUsers: true })],
  ["ListVirtualMFADevices", () => new iam.ListVirtualMFADevicesCommand({})],
];

describe("one answer, two readers", () => {
  test.each(commands)("iam:%s", async (_name, command) => {
    for (const { credentials } of accounts) {
      const base = { endpoint: emulator.url, region: "us-east-1", credentials };
      const theirs = await outcome(new iam.IAMClient(base), command());
      const ours = await outcome(new iam.IAMClient({ ...base, protocol: DirectQueryProtocol }), command());
      expect(ours).toEqual(theirs);
      expect(Object.keys(ours as object).length).toBeGreaterThan(0);
    }
  });

  test("iam:GetCredentialReport, with the report itself", async () => {
    for (const { credentials } of accounts) {
      const base = { endpoint: emulator.url, region: "us-east-1", credentials };
      const theirs = (await outcome(new iam.IAMClient(base), new iam.GetCredentialReportCommand({}))) as {
        Content?: Uint8Array;
      };
      const ours = (await outcome(
        new iam.IAMClient({ ...base, protocol: DirectQueryProtocol }),
        new iam.GetCredentialReportCommand({}),
      )) as { Content?: Uint8Array };
      expect(ours).toEqual(theirs);
      expect(Buffer.from(ours.Content ?? []).toString("utf8")).toContain("<root_account>");
    }
  });

  test("sts:GetCallerIdentity", async () => {
    for (const { id, credentials } of accounts) {
      const base = { endpoint: emulator.url, region: "us-east-1", credentials };
      const theirs = await outcome(new STSClient(base), new GetCallerIdentityCommand({}));
      const ours = await outcome(
        new STSClient({ ...base, protocol: DirectQueryProtocol }),
        new GetCallerIdentityCommand({}),
      );
      expect(ours).toEqual(theirs);
      expect(ours).toMatchObject({ Account: id });
    }
  });
});

/** The answer without what differs between two requests; a refusal is compared by its name. */
async function outcome(client: unknown, command: unknown): Promise<unknown> {
  try {
    const answer = await (client as { send(value: unknown): Promise<Record<string, unknown>> }).send(command);
    const { $metadata: _metadata, ...rest } = answer;
    return rest;
  } catch (error) {
    return { refused: (error as Error).name };
  }
}
