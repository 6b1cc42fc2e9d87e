import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import {
  GetAccountAuthorizationDetailsCommand,
  GetCredentialReportCommand,
  GenerateCredentialReportCommand,
  IAMClient,
  ListRolesCommand,
  ListUsersCommand,
} from "@aws-sdk/client-iam";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { OrganizationsClient, paginateListAccounts } from "@aws-sdk/client-organizations";
import { openInventory } from "../../src/inventory/index.ts";
import { ESTATE_CREDENTIALS } from "./estate-process.ts";
import { scanEstate } from "./scan-estate.ts";
import { NOW } from "./synthetic.ts";

export interface ChildResult {
  readonly seconds: number;
  /** Users, roles and groups. */
  readonly entities: number;
  readonly peakKilobytes: number;
}

/** One whole process, so that its peak memory is its own; the clock runs from the first request to the last row. */
export async function runChild(way: "ours" | "floor", url: string, database: string): Promise<ChildResult> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), way, url, database], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`the child process (${way}) ended with ${code}`);
  return JSON.parse(output) as ChildResult;
}

async function ours(url: string, database: string): Promise<number> {
  const inventory = openInventory({ path: database, mode: "write", now: () => NOW });
  await scanEstate(url, inventory);
  const [row] = inventory.reader.select<{ n: number }>(
    "select (select count(*) from identity where kind in ('user', 'role')) + (select count(*) from identity_group) as n",
  );
  inventory.close();
  return row?.n ?? 0;
}

async function floor(url: string): Promise<number> {
  const base = { endpoint: url, region: "us-east-1", credentials: ESTATE_CREDENTIALS };
  const accounts: string[] = [];
  for await (const page of paginateListAccounts({ client: new OrganizationsClient(base) }, {})) {
    accounts.push(
      ...(page.Accounts ?? [])
        .filter(({ State }) => State === undefined || State === "ACTIVE")
        .map(({ Id = "" }) => Id),
    );
  }
  const entities = await Promise.all(
    accounts.map(async (account) => {
      const role = await new STSClient(base).send(
        new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/RollcallAudit`, RoleSessionName: "floor" }),
      );
      const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = role.Credentials ?? {};
      return floorOf(
        new IAMClient({
          ...base,
          credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
        }),
      );
    }),
  );
  return entities.reduce((sum, count) => sum + count, 0);
}

async function floorOf(client: IAMClient): Promise<number> {
  let entities = 0;
  while ((await client.send(new GenerateCredentialReportCommand({}))).State !== "COMPLETE");
  const report = await client.send(new GetCredentialReportCommand({}));
  Buffer.from(report.Content ?? [])
    .toString("utf8")
    .split("\n")
    .map((line) => line.split(","));
  for (let Marker: string | undefined, more = true; more;) {
    const page = await client.send(
      new GetAccountAuthorizationDetailsCommand({
        MaxItems: 1_000,
        Marker,
        Filter: ["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"],
      }),
    );
    entities +=
      (page.UserDetailList?.length ?? 0) + (page.RoleDetailList?.length ?? 0) + (page.GroupDetailList?.length ?? 0);
    for (const role of page.RoleDetailList ?? []) {
      parse(role.AssumeRolePolicyDocument);
      role.RolePolicyList?.forEach(({ PolicyDocument }) => parse(PolicyDocument));
    }
    page.UserDetailList?.forEach(({ UserPolicyList }) =>
      UserPolicyList?.forEach(({ PolicyDocument }) => parse(PolicyDocument)),
    );
    page.Policies?.forEach(({ PolicyVersionList }) => PolicyVersionList?.forEach(({ Document }) => parse(Document)));
    ({ Marker, IsTruncated: more = false } = page);
  }
  for (let Marker: string | undefined, more = true; more;) {
    ({ Marker, IsTruncated: more = false } = await client.send(new ListUsersCommand({ MaxItems: 1_000, Marker })));
  }
  for (let Marker: string | undefined, more = true; more;) {
    ({ Marker, IsTruncated: more = false } = await client.send(new ListRolesCommand({ MaxItems: 1_000, Marker })));
  }
  return entities;
}

function parse(document: string | undefined): void {
  if (document !== undefined) JSON.parse(decodeURIComponent(document));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , way, url = "", database = ""] = process.argv;
  const start = performance.now();
  const entities = way === "ours" ? await ours(url, database) : await floor(url);
  const result: ChildResult = {
    seconds: (performance.now() - start) / 1_000,
    entities,
    peakKilobytes: process.resourceUsage().maxRSS,
  };
  process.stdout.write(JSON.stringify(result));
}
