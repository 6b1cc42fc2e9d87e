import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as iam from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { awsConfigFrom } from "../../scanners/aws/config.ts";
import aws from "../../scanners/aws/index.ts";
import type { ScanResult, Source } from "../../src/engine/contract.ts";
import { scan } from "../../src/engine/index.ts";
import type { Inventory } from "../../src/inventory/contract.ts";
import { openInventory } from "../../src/inventory/index.ts";

/**
 * The scanner against a server that nobody here wrote: moto, populated through the AWS SDK. What moto serves must
 * arrive whole; what it does not serve must show as a gap and not as an absence.
 */
const MOTO = process.env["ROLLCALL_MOTO"];
const ACCOUNT = "123456789012";
const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: "arn:aws:iam::999988887777:root" }, Action: "sts:AssumeRole" }],
});
const ADMIN = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] });

let server: ChildProcess;
let endpoint: string;
let folder: string;
let inventory: Inventory;
let result: ScanResult;
let made: { readonly userId: string; readonly roleId: string; readonly keyId: string; readonly policyId: string };

beforeAll(async () => {
  if (MOTO === undefined) throw new Error("ROLLCALL_MOTO must name moto's server program: .ci/run makes one in .venv");
  const port = await freePort();
  endpoint = `http://127.0.0.1:${port}`;
  server = spawn(MOTO, ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  const client = new iam.IAMClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "testing", secretAccessKey: "testing" },
    maxAttempts: 1,
  });
  await untilAnswers(client);
  made = await populate(client);

  process.env["AWS_ACCESS_KEY_ID"] = "testing";
  process.env["AWS_SECRET_ACCESS_KEY"] = "testing";
  folder = mkdtempSync(join(tmpdir(), "rollcall-moto-"));
  inventory = openInventory({ path: join(folder, "moto.db"), mode: "write", now: Date.now });
  const source = {
    scanner: aws,
    config: awsConfigFrom({ endpoint, region: "us-east-1" }),
    deep: [],
  } as unknown as Source;
  result = await scan({
    inventory,
    sources: [source],
    rules: [],
    network: { share: 1, deadline: 10_000 },
    version: "test",
    now: Date.now,
    signal: new AbortController().signal,
    onEvent: () => undefined,
  });
}, 120_000);

afterAll(() => {
  inventory?.close();
  server?.kill();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

describe("the AWS scanner on moto", () => {
  test("finds exactly the identities that were made", () => {
    const rows = inventory.reader.select(
      "select kind, name, urn from identity where kind in ('user', 'role') order by kind, name",
    );
    expect(rows).toEqual([
      { kind: "role", name: "partner-reader", urn: `nhi:aws/aws:${ACCOUNT}/role/${made.roleId}` },
      { kind: "user", name: "svc-export", urn: `nhi:aws/aws:${ACCOUNT}/user/${made.userId}` },
    ]);
  });

  test("finds the access key, its holder and its state", () => {
    const rows = inventory.reader.select("select urn, identity, enabled from credential where kind = 'access-key'");
    expect(rows).toEqual([
      {
        urn: `nhi:aws/aws:${ACCOUNT}/access-key/${made.keyId}`,
        identity: `nhi:aws/aws:${ACCOUNT}/user/${made.userId}`,
        enabled: 1,
      },
    ]);
  });

  test("finds the grant and the document behind it", () => {
    const rows = inventory.reader.select<{ principal: string; document: string }>(
      "select g.principal, p.document from effective_grant g join permission_set p on p.urn = g.permission_set where p.kind = 'managed-policy'",
    );
    expect(rows.map(({ principal, document }) => ({ principal, document: JSON.parse(document) as unknown }))).toEqual([
      { principal: `nhi:aws/aws:${ACCOUNT}/user/${made.userId}`, document: JSON.parse(ADMIN) as unknown },
    ]);
  });

  test("finds the trust in another account", () => {
    expect(
      inventory.reader.select(
        "select party, principal, external_id, external_id_known from trust where mechanism = 'assume-role'",
      ),
    ).toEqual([
      { party: "account", principal: "arn:aws:iam::999988887777:root", external_id: 0, external_id_known: 1 },
    ]);
  });

  test("what moto cannot serve is a gap, never an absence", () => {
    const rows = inventory.reader.select<{ collection: string; status: string; gaps: string }>(
      "select collection, status, gaps from coverage where status <> 'complete' order by collection",
    );
    const unserved = rows.find(({ collection }) => collection === "service-specific-credentials");
    expect(unserved?.status).toBe("partial");
    expect(unserved?.gaps).toContain("iam:ListServiceSpecificCredentials");
    expect(result.exit.code).toBe(4);
    expect(result.scopes.map(({ id, status }) => ({ id, status }))).toEqual([{ id: ACCOUNT, status: "partial" }]);
  });
});

async function populate(client: iam.IAMClient) {
  const user = await client.send(
    new iam.CreateUserCommand({ UserName: "svc-export", Path: "/service/", Tags: [{ Key: "team", Value: "data" }] }),
  );
  const key = await client.send(new iam.CreateAccessKeyCommand({ UserName: "svc-export" }));
  const role = await client.send(
    new iam.CreateRoleCommand({ RoleName: "partner-reader", AssumeRolePolicyDocument: TRUST }),
  );
  const policy = await client.send(new iam.CreatePolicyCommand({ PolicyName: "everything", PolicyDocument: ADMIN }));
  await client.send(new iam.AttachUserPolicyCommand({ UserName: "svc-export", PolicyArn: policy.Policy?.Arn ?? "" }));
  return {
    userId: user.User?.UserId ?? "",
    keyId: key.AccessKey?.AccessKeyId ?? "",
    roleId: role.Role?.RoleId ?? "",
    policyId: policy.Policy?.PolicyId ?? "",
  };
}

async function untilAnswers(client: iam.IAMClient): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      await client.send(new iam.ListUsersCommand({}));
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  throw new Error("moto did not answer within 20 seconds");
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
