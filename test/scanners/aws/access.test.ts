import { ProviderError, isProviderError } from "rollcall/sdk";
import type { Attempt, CallOptions, Door } from "rollcall/sdk";
import { describe, expect, test } from "vitest";
import { createAccess } from "../../../scanners/aws/access.ts";
import { createApi } from "../../../scanners/aws/api.ts";
import type { AwsClient } from "../../../scanners/aws/client.ts";
import { renewing } from "../../../scanners/aws/renewing.ts";

const ROLE = { account: "222233334444", arn: "arn:aws:iam::222233334444:role/RollcallAudit", externalId: "agreed" };
const CALLER = { account: "111122223333", arn: "arn:aws:sts::111122223333:assumed-role/x/y", partition: "aws" };

/** A door that only carries: each call is sent once, its answer parsed, its name noted. */
function carrier(log: string[]): Door {
  return {
    async call<Answer, Parsed>(
      operation: string,
      send: (attempt: Attempt) => Promise<Answer>,
      options: CallOptions<Answer, Parsed>,
    ) {
      log.push(`${operation} ${options.bucket}`);
      return options.parse(await send({ signal: new AbortController().signal, number: 1 }));
    },
    send: async () => {
      throw new Error("nothing is sent here");
    },
    now: () => 0,
  };
}

function enter(answers: Readonly<Record<string, () => unknown>>) {
  const log: string[] = [];
  const inputs: unknown[] = [];
  const client: AwsClient = {
    async send(operation, input) {
      inputs.push(input);
      return answers[operation]?.();
    },
    get: async () => undefined,
  };
  const door = carrier(log);
  const sts = createApi({
    account: CALLER.account,
    door,
    access: { ready: async () => undefined, client, role: undefined },
  });
  return { access: createAccess({ role: ROLE, caller: CALLER, sts, door, client: () => client }), log, inputs };
}

const issued = () => ({
  Credentials: { AccessKeyId: "ASIAX", SecretAccessKey: "s", SessionToken: "t", Expiration: new Date() },
});
const identity = (account: string) => () => ({
  Account: account,
  Arn: `arn:aws:sts::${account}:assumed-role/RollcallAudit/rollcall`,
  UserId: "AROAX:rollcall",
});

describe("entering an account", () => {
  test("assumes the role once, with the external id, and proves where it led", async () => {
    const { access, log, inputs } = enter({
      "sts:AssumeRole": issued,
      "sts:GetCallerIdentity": identity(ROLE.account),
    });
    await Promise.all([access.ready(), access.ready()]);
    await access.ready();
    expect(log).toEqual(["sts:AssumeRole sts/111122223333", "sts:GetCallerIdentity sts/222233334444"]);
    expect(inputs[0]).toEqual({
      RoleArn: ROLE.arn,
      RoleSessionName: "rollcall",
      DurationSeconds: 3600,
      ExternalId: "agreed",
    });
  });

  test("another account than the one that was meant is refused, and stays refused", async () => {
    const { access, log } = enter({ "sts:AssumeRole": issued, "sts:GetCallerIdentity": identity("999988887777") });
    for (const _attempt of [1, 2]) {
      const error = await access.ready().catch((thrown: unknown) => thrown);
      expect(isProviderError(error) && error.message).toBe(
        "sts:GetCallerIdentity answers for 999988887777 where 222233334444 was entered",
      );
      expect(isProviderError(error) && error.class).toBe("auth");
    }
    expect(log).toHaveLength(2);
  });

  test("a refusal is remembered and says what would help; a broken line is not remembered", async () => {
    const refuse = (errorClass: "denied" | "network") => () => {
      throw new ProviderError("sts:AssumeRole failed", { class: errorClass, operation: "sts:AssumeRole" });
    };
    const refused = enter({ "sts:AssumeRole": refuse("denied") });
    for (const _attempt of [1, 2]) {
      const error = await refused.access.ready().catch((thrown: unknown) => thrown);
      expect(isProviderError(error) && error.details.remedy).toBe(
        `in 222233334444, let ${CALLER.arn} assume ${ROLE.arn} with the configured external id, or leave the account out (accounts: exclude)`,
      );
    }
    expect(refused.log).toHaveLength(1);

    const cut = enter({ "sts:AssumeRole": refuse("network") });
    await expect(cut.access.ready()).rejects.toThrow();
    await expect(cut.access.ready()).rejects.toThrow();
    expect(cut.log).toHaveLength(2);
  });

  test("an answer without credentials is not one", async () => {
    await expect(enter({ "sts:AssumeRole": () => ({}) }).access.ready()).rejects.toThrow(/Credentials/);
  });
});

describe("credentials that end", () => {
  const HOUR = 3_600_000;

  test("are fetched once for everybody, and again shortly before their end", async () => {
    let now = 0;
    let fetched = 0;
    const source = renewing(
      async () => ({ accessKeyId: `key-${(fetched += 1)}`, secretAccessKey: "s" }),
      HOUR,
      () => now,
    );
    const all = await Promise.all([source.get(), source.get(), source.get()]);
    expect(all.map(({ accessKeyId }) => accessKeyId)).toEqual(["key-1", "key-1", "key-1"]);
    now = HOUR - 5 * 60_000;
    expect((await source.get()).accessKeyId).toBe("key-1");
    now += 1;
    expect((await source.get()).accessKeyId).toBe("key-2");
  });

  test("are forgotten when AWS no longer takes them, but only those", async () => {
    let fetched = 0;
    const source = renewing(
      async () => ({ accessKeyId: `key-${(fetched += 1)}`, secretAccessKey: "s" }),
      HOUR,
      () => 0,
    );
    const first = await source.get();
    source.refuse(first);
    const second = await source.get();
    expect(second.accessKeyId).toBe("key-2");
    source.refuse(first);
    await Promise.resolve();
    expect((await source.get()).accessKeyId).toBe("key-2");
  });
});
