import { expect, test } from "vitest";
import { awsConfig, awsConfigFrom } from "../../../scanners/aws/config.ts";
import type { StandardIssue } from "rollcall/sdk";

async function issues(value: unknown): Promise<readonly StandardIssue[]> {
  return (await awsConfig["~standard"].validate(value)).issues ?? [];
}

test("an empty block is a whole configuration", () => {
  expect(awsConfigFrom({})).toMatchObject({
    accounts: { exclude: [] },
    regions: [],
    partners: [],
    production: { accounts: [], tags: {}, names: [] },
  });
  expect(awsConfigFrom({}).organization).toBeUndefined();
});

test("an organization has a role by default", () => {
  expect(awsConfigFrom({ organization: {} }).organization).toEqual({ role: "RollcallAudit" });
});

test("account numbers may be written without quotes, and keep their zeros", () => {
  const config = awsConfigFrom({ account: 12345678901, accounts: { exclude: ["111122223333", 222233334444] } });
  expect(config.account).toBe("012345678901");
  expect(config.accounts.exclude).toEqual(["111122223333", "222233334444"]);
});

test("patterns of tags may be one or many, and a given list replaces the default", () => {
  const config = awsConfigFrom({
    natures: { machine: { tags: { kind: "svc" } } },
    production: { tags: { env: ["prod", "live"] } },
  });
  expect(config.natures.machine.tags).toEqual({ kind: ["svc"] });
  expect(config.natures.machine.paths).toContain("/service/*");
  expect(config.natures.human.paths).toContain("/people/*");
  expect(config.production.tags).toEqual({ env: ["prod", "live"] });
});

test("an unknown key is named, at its place, beside the known ones", async () => {
  expect(await issues({ organisation: {} })).toMatchObject([
    { code: "unrecognized_keys", keys: ["organisation"], path: [] },
  ]);
  expect(await issues({ accounts: { exlude: [] } })).toMatchObject([
    { code: "unrecognized_keys", keys: ["exlude"], path: ["accounts"] },
  ]);
  expect(Object.keys(awsConfig.shape)).toContain("organization");
});

test.each([
  [{ accessKeyId: "x" }, ["accessKeyId"]],
  [{ aws_secret_access_key: "x" }, ["aws_secret_access_key"]],
  [{ organization: { sessionToken: "x" } }, ["organization", "sessionToken"]],
  [{ profile: "AKIAIOSFODNN7EXAMPLE" }, ["profile"]],
  [{ accounts: { include: ["ASIAIOSFODNN7EXAMPLE"] } }, ["accounts", "include", 0]],
])("inline keys are refused with the way to do without: %j", async (value, path) => {
  const found = await issues(value);
  expect(found).toHaveLength(1);
  expect(found[0]?.path).toEqual(path);
  expect(found[0]?.message).toMatch(/aws configure sso.*profile: NAME/);
  expect(JSON.stringify(found)).not.toContain("FODNN7");
});

test.each([
  [{ endpoint: "http://emulator.example:4566" }, /https:\/\/ address/],
  [{ endpoint: "https://user:secret@emulator.example" }, /https:\/\/ address/],
  [{ account: "1234" }, /12 digits/],
  [{ regions: ["Frankfurt"] }, /region/],
  [{ partition: "aws-mars" }, /one of aws-cn/],
  [{ organization: { role: "a role" } }, /role's name/],
])("what cannot work is refused: %j", async (value, message) => {
  const found = await issues(value);
  expect(found).toHaveLength(1);
  expect(found[0]?.message).toMatch(message);
});

test("loopback needs no TLS", async () => {
  for (const endpoint of ["http://127.0.0.1:4566", "http://localhost:5000/", "http://[::1]:5000"])
    expect(await issues({ endpoint })).toEqual([]);
});
