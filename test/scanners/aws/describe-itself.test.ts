import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import type { Diagnosis, Estimate } from "rollcall/sdk";
import { isFactName } from "rollcall/sdk";
import { afterEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { awsConfigFrom } from "../../../scanners/aws/config.ts";
import aws from "../../../scanners/aws/index.ts";
import { awsWire } from "../../../scanners/aws/wire.ts";
import { createGateway } from "../../../src/transport/index.ts";
import { acmeConfig, startBench } from "./support/acme-scan.ts";
import type { Bench } from "./support/acme-scan.ts";

const authorizations = [aws.requires, ...aws.collections.map(({ requires }) => requires)];

describe("the declarations", () => {
  test("name facts that exist, pages of the vendor, and collections that there are", () => {
    const ids = aws.collections.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, emits, requires, after } of aws.collections) {
      expect(
        emits.facts.filter((fact) => !isFactName(fact)),
        id,
      ).toEqual([]);
      expect(requires.docs, id).toHaveLength(requires.operations.length);
      for (const page of requires.docs)
        expect(page, id).toMatch(/^https:\/\/docs\.aws\.amazon\.com\/\S+API_\w+\.html$/);
      for (const earlier of after ?? []) expect(ids, id).toContain(earlier);
    }
  });

  test("predict in ranges, narrow where the inventory knows, and never for nothing", () => {
    const scope = {
      urn: "nhi:aws/aws/account/111122223333",
      kind: "account",
      title: "x",
      id: "111122223333",
      hints: { regions: ["eu-central-1"] },
    };
    const nothing: Estimate = { scope, count: () => undefined, holders: () => undefined };
    const unfinished: Estimate = { scope, count: () => 0, holders: () => 0 };
    const counts: Readonly<Record<string, number>> = {
      "identity/root": 1,
      "identity/user": 5_000,
      "identity/role": 2_500,
      group: 20,
      "permission-set/managed-policy": 1_000,
      "permission-set/aws-managed-policy": 90,
    };
    const known: Estimate = {
      scope,
      count: (key) => counts[key] ?? 0,
      holders: (_identity, credential) => (credential === "access-key" ? 4_500 : 0),
    };
    for (const collection of aws.collections) {
      const [wide, first, narrow] = [collection.cost(nothing), collection.cost(unfinished), collection.cost(known)];
      expect(first, collection.id).toEqual(wide);
      expect(wide.min <= wide.max && narrow.min <= narrow.max, collection.id).toBe(true);
      expect(narrow.basis, collection.id).not.toBe("");
      expect(narrow.max, collection.id).toBeLessThanOrEqual(wide.max);
    }
    const asked = aws.collections
      .filter(({ optIn }) => optIn === undefined)
      .map((collection) => collection.cost(known));
    const total = (end: "min" | "max") => asked.reduce((sum, range) => sum + range[end], 0);
    expect(total("max") / total("min")).toBeLessThan(1.05);
  });
});

test("the prediction of keys leaves room for newcomers, and stays narrow where there are many", () => {
  const keys = aws.collections.find(({ id }) => id === "access-keys");
  const cost = (holders: number) =>
    keys?.cost({
      scope: { urn: "nhi:aws/aws/account/111122223333", kind: "account", title: "x", id: "111122223333" },
      count: () => 5_000,
      holders: () => holders,
    });
  expect(cost(10)).toMatchObject({ min: 10, max: 35 });
  expect(cost(4_500)).toMatchObject({ min: 4_500, max: 4_637 });
});

describe("the least-privilege policy", () => {
  test("of an organization", () => {
    const policy = aws.policy(
      authorizations,
      awsConfigFrom({ organization: { role: "Auditor" }, partition: "aws-us-gov" }),
    );
    const { Statement } = JSON.parse(policy.text) as {
      readonly Statement: readonly {
        readonly Sid: string;
        readonly Action: readonly string[];
        readonly Resource: unknown;
      }[];
    };
    expect(Statement.map(({ Sid, Resource }) => [Sid, Resource])).toEqual([
      ["RollcallReadsIam", "*"],
      ["RollcallListsAccounts", "*"],
      ["RollcallReadsRolesAnywhere", "*"],
      ["RollcallEntersAccounts", "arn:aws-us-gov:iam::*:role/Auditor"],
    ]);
    const actions = Statement.flatMap(({ Action }) => Action);
    expect(actions.toSorted()).toEqual(
      [...new Set(authorizations.flatMap(({ operations }) => operations))]
        .filter((operation) => operation !== "sts:GetCallerIdentity")
        .toSorted(),
    );
    expect(actions.filter((action) => !/:(?:Get|List)/.test(action)).toSorted()).toEqual([
      "iam:GenerateCredentialReport",
      "sts:AssumeRole",
    ]);
    expect(policy.howTo).toMatch(/Auditor/);
  });

  test("of one account, and of a part of the collections", () => {
    const sids = (text: string) =>
      (JSON.parse(text) as { Statement: { Sid: string }[] }).Statement.map(({ Sid }) => Sid);
    expect(sids(aws.policy(authorizations, awsConfigFrom({})).text)).toEqual([
      "RollcallReadsIam",
      "RollcallReadsRolesAnywhere",
    ]);
    const users = aws.collections.find(({ id }) => id === "users");
    expect(JSON.parse(aws.policy([users?.requires ?? aws.requires], awsConfigFrom({})).text)).toMatchObject({
      Statement: [{ Action: ["iam:ListUsers"] }],
    });
  });
});

describe("a suggested configuration", () => {
  let home: string;
  const suggest = (files: Readonly<Record<string, string>>, environment: Readonly<Record<string, string>> = {}) => {
    home = mkdtempSync(join(tmpdir(), "rollcall-home-"));
    mkdirSync(join(home, ".aws"));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(home, ".aws", name), text);
    return aws.suggest?.({ HOME: home, ...environment });
  };
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  test("nothing where there is nothing of AWS", async () => {
    expect(await suggest({})).toBeUndefined();
  });

  test("an SSO profile, its account and region, and what else there is; no key", async () => {
    const block = await suggest({
      config:
        "[default]\nregion = us-east-1\n\n[profile audit]\nsso_session = acme\nsso_account_id = 111122223333\nregion = eu-central-1\n[sso-session acme]\nregion = eu-west-1\n",
      credentials:
        "[legacy]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY\n",
    });
    expect(block).not.toMatch(/AKIA|wJalr/);
    expect(block).toContain('Further profiles here: "default", "legacy"');
    const [source] = parse(block ?? "") as Record<string, unknown>[];
    expect(source).toEqual({ scanner: "aws", profile: "audit", region: "eu-central-1", account: "111122223333" });
    const { scanner: _scanner, ...settings } = source ?? {};
    expect(awsConfigFrom(settings)).toMatchObject({ profile: "audit", account: "111122223333" });
  });

  test("credentials of the environment, and a profile's name that is YAML's own language", async () => {
    expect(
      parse((await suggest({}, { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AWS_REGION: "eu-west-1" })) ?? ""),
    ).toEqual([{ scanner: "aws", region: "eu-west-1" }]);
    expect(parse((await suggest({ config: "[profile a: #b]\nregion = us-east-1\n" })) ?? "")).toEqual([
      { scanner: "aws", profile: "a: #b", region: "us-east-1" },
    ]);
  });

  test("every line of it that is commented out is right as well", async () => {
    const block = (await suggest({ config: "[profile x]\n" })) ?? "";
    const awake = block
      .split("\n")
      .map((line) => line.replace(/^ {2}# (?= *(?:- )?[a-z]+:)/, "  "))
      .join("\n");
    const [source] = parse(awake) as Record<string, unknown>[];
    const { scanner: _scanner, deep, ...settings } = source ?? {};
    expect(deep).toEqual(["ssh-keys"]);
    expect(Object.keys(settings).toSorted()).toEqual([
      "account",
      "accounts",
      "organization",
      "owners",
      "partners",
      "production",
      "profile",
    ]);
    expect(() => awsConfigFrom(settings)).not.toThrow();
  });
});

describe("the doctor", () => {
  async function diagnose(
    bench: Bench,
    config: object = {},
    environment: Readonly<Record<string, string>> = {},
  ): Promise<readonly Diagnosis[]> {
    const settings = awsConfigFrom({ ...acmeConfig(bench.estate, bench.emulator.url), ...config });
    const operations = new Set(authorizations.flatMap((authorization) => authorization.operations));
    const gateway = createGateway({
      scanner: "aws",
      wire: awsWire(settings, environment),
      operations,
      network: { share: 1 },
      now: Date.now,
      sleep: async () => undefined,
    });
    const found: Diagnosis[] = [];
    for await (const diagnosis of aws.diagnose(settings, {
      door: gateway.door("doctor", operations),
      signal: new AbortController().signal,
    }))
      found.push(diagnosis);
    gateway.close();
    return found;
  }

  test("says who we are, and that everything is permitted", async () => {
    await using bench = await startBench();
    const found = await diagnose(bench);
    expect(found[0]).toEqual({
      check: "sign-in",
      status: "ok",
      message: "arn:aws:sts::111122223333:assumed-role/RollcallAudit/bootstrap in the account 111122223333",
    });
    expect(found[1]).toMatchObject({ check: "account", status: "ok" });
    const declared = [...new Set(authorizations.flatMap(({ operations }) => operations))].toSorted();
    const operations = found.filter(({ check }) => /:/.test(check));
    // Signing in is what the first line is about.
    expect(operations.map(({ check }) => check).toSorted()).toEqual(
      declared.filter((operation) => operation !== "sts:GetCallerIdentity"),
    );
    expect(operations.filter(({ status }) => status !== "ok")).toEqual([
      {
        check: "organizations:ListTagsForResource",
        status: "unknown",
        message: "not probed, because no tags decide what is production here",
      },
    ]);
    const message = (operation: string) => found.find(({ check }) => check === operation)?.message;
    expect(message("rolesanywhere:ListSubjects")).toBe("permitted in eu-central-1, us-east-1");
    const entered = bench.estate.accounts.filter(({ status }) => status === "ACTIVE").length - 1;
    expect(message("sts:AssumeRole")).toBe(`permitted into ${entered} accounts beside our own`);
  });

  test("of an account alone: nothing of an organization, and what there is nothing to try on", async () => {
    await using bench = await startBench();
    bench.emulator.faults.add({
      when: { operation: "iam:ListUsers" },
      fault: { kind: "refuse", status: 403, code: "AccessDenied" },
    });
    const found = await diagnose(bench, { organization: undefined });
    expect(found.filter(({ check }) => /^(?:organizations|sts):/.test(check))).toEqual([]);
    const denied = found.filter(({ status, check }) => status === "problem" && check !== "clock");
    expect(denied.map(({ check }) => check)).toEqual(["iam:ListUsers"]);
    const unknown = found.filter(({ message }) => message.startsWith("not probed"));
    expect(unknown.map(({ check, message }) => [check, message])).toContainEqual([
      "iam:GetAccessKeyLastUsed",
      "not probed, because there is no access key at hand to try it on",
    ]);
    expect(unknown.map(({ check, message }) => [check, message])).toContainEqual([
      "iam:ListSigningCertificates",
      "not probed, because there is no user to try it on",
    ]);
  });

  test("names the accounts that do not let us in, and the region that refuses", async () => {
    await using bench = await startBench();
    bench.emulator.faults.add({
      when: { operation: "sts:AssumeRole" },
      fault: { kind: "refuse", status: 403, code: "AccessDenied" },
      times: 1,
    });
    bench.emulator.faults.add({
      when: { operation: "rolesanywhere:ListCrls", nth: { from: 2 } },
      fault: { kind: "refuse", status: 403, code: "AccessDeniedException" },
    });
    bench.emulator.faults.add({
      when: { operation: "iam:GetSSHPublicKey" },
      fault: { kind: "refuse", status: 403, code: "AccessDenied" },
    });
    const found = await diagnose(bench);
    const of = (operation: string) => found.filter(({ check }) => check === operation);
    expect(of("sts:AssumeRole")).toEqual([
      {
        check: "sts:AssumeRole",
        status: "problem",
        message: expect.stringMatching(
          /^1 of \d+ accounts could not be entered: acme-\S+ \((\d{12})\); \1: /,
        ) as unknown,
        next: expect.stringMatching(/^in \d{12}, let .* assume arn:aws:iam::\d{12}:role\/RollcallAudit/) as unknown,
      },
    ]);
    expect(of("rolesanywhere:ListCrls")).toMatchObject([
      { status: "problem", message: expect.stringMatching(/\(us-east-1\)$/) as unknown },
    ]);
    expect(of("iam:GetSSHPublicKey")).toMatchObject([
      { status: "unknown", message: expect.stringMatching(/needed for deep: ssh-keys alone/) as unknown },
    ]);
  });

  test("names what is missing, and who can grant it", async () => {
    await using bench = await startBench();
    bench.emulator.faults.add({
      when: { operation: "iam:ListServerCertificates" },
      fault: { kind: "refuse", status: 403, code: "AccessDenied" },
    });
    const found = await diagnose(bench);
    expect(found.filter(({ check, status }) => check !== "clock" && status === "problem")).toMatchObject([
      {
        check: "iam:ListServerCertificates",
        next: expect.stringMatching(/administrator of 111122223333 can grant iam:ListServerCertificates/) as unknown,
      },
    ]);
  });

  test("tells a wrong clock from a right one", async () => {
    await using bench = await startBench();
    const clock = async () => (await diagnose(bench)).find(({ check }) => check === "clock");
    bench.emulator.clock.advance(Date.now() - bench.emulator.clock.now());
    expect(await clock()).toMatchObject({ status: "ok" });
    bench.emulator.clock.advance(600_000);
    expect(await clock()).toMatchObject({
      status: "problem",
      message: expect.stringMatching(/clock is (?:59\d|60\d) s behind AWS's/) as unknown,
    });
  });

  test("the wrong account, no credentials that count, and nobody there", async () => {
    await using bench = await startBench();
    expect(await diagnose(bench, { account: "999988887777" })).toMatchObject([
      { check: "sign-in", status: "problem", message: expect.stringMatching(/names 999988887777/) as unknown },
    ]);
    const before = process.env["AWS_ACCESS_KEY_ID"];
    process.env["AWS_ACCESS_KEY_ID"] = "ASIAUNKNOWN";
    expect(await diagnose(bench)).toMatchObject([
      { check: "sign-in", status: "problem", next: expect.stringMatching(/aws sso login/) as unknown },
    ]);
    process.env["AWS_ACCESS_KEY_ID"] = before;
    expect(await diagnose(bench, { endpoint: "http://127.0.0.1:9" })).toMatchObject([
      { check: "reachability", status: "problem" },
    ]);
  }, 60_000);
});

test("knowing the scanner does not load its SDK", () => {
  const script = `
    import { registerHooks } from "node:module";
    import { pathToFileURL } from "node:url";
    registerHooks({ resolve: (name, context, next) => (name === "rollcall/sdk" ? next(pathToFileURL(process.cwd() + "/src/sdk/index.ts").href, context) : next(name, context)), load(url, context, next) { if (/@aws-sdk|@smithy/.test(url)) console.log(url); return next(url, context); } });
    const { default: aws } = await import(pathToFileURL(process.cwd() + "/scanners/aws/index.ts").href);
    if (aws.id !== "aws") process.exitCode = 1;
    aws.policy([aws.requires]);
    console.log("loaded");
  `;
  const run = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(run.stderr.replaceAll(/.*Warning.*\n?/g, "")).not.toMatch(/Error/);
  expect(run.stdout.trim()).toBe("loaded");
});
