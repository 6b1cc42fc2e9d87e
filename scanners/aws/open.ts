import { EXIT, UserError, isProviderError } from "rollcall/sdk";
import type { OpenContext } from "rollcall/sdk";
import type { AwsConfig } from "./config.ts";
import type { Environment } from "./endpoints.ts";
import { callerIdentity } from "./schema/identity.ts";
import { AwsSession } from "./session.ts";
import { homeRegion } from "./wire.ts";

/**
 * Signs in with AWS's own chain and proves who we are. The SDK is loaded here and not before.
 *
 * @throws {UserError} where the credentials belong to another account or partition than the configuration says.
 * @throws {ProviderError} where AWS does not take them.
 */
export async function openSession(
  config: AwsConfig,
  { door }: OpenContext,
  environment: Environment = process.env,
): Promise<AwsSession> {
  const { createClient, providerChain } = await import("./client.ts");
  const region = homeRegion(config, environment);
  const session = new AwsSession({
    config,
    environment,
    region,
    door,
    base: providerChain(config.profile, region),
    client: createClient,
  });
  const caller = await whoAmI(session, config, door);
  if (config.account !== undefined && caller.account !== config.account) {
    throw new UserError(
      `The credentials belong to the account ${caller.account} (${caller.arn}), and the configuration names ${config.account}`,
      {
        next: "choose another profile, or change account: in the configuration",
      },
    );
  }
  if (config.partition !== undefined && caller.partition !== config.partition) {
    throw new UserError(
      `The credentials belong to the partition ${caller.partition}, and the configuration names ${config.partition}`,
      {
        next: "choose another profile or region, or change partition: in the configuration",
      },
    );
  }
  session.identify(caller);
  return session;
}

async function whoAmI(session: AwsSession, config: AwsConfig, door: OpenContext["door"]) {
  try {
    return await session.baseApi(door).call("sts:GetCallerIdentity", {}, callerIdentity);
  } catch (error) {
    if (!isProviderError(error) || error.class !== "auth") throw error;
    const profile = config.profile === undefined ? "" : ` --profile ${config.profile}`;
    throw new UserError(error.message, {
      exit: EXIT.nothingRead,
      next: `sign in again: aws sso login${profile}, or check the keys with aws sts get-caller-identity${profile}`,
      cause: error,
    });
  }
}
