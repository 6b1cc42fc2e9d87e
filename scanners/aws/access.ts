import { ProviderError, isProviderError } from "rollcall/sdk";
import type { Door } from "rollcall/sdk";
import { createApi } from "./api.ts";
import type { Api } from "./api.ts";
import type { AwsClient, AwsCredentials, CredentialSource } from "./client.ts";
import { callerIdentity, assumedCredentials } from "./schema/identity.ts";
import { renewing } from "./renewing.ts";

/** Who the credentials belong to. */
export interface Caller {
  readonly account: string;
  readonly arn: string;
  readonly partition: string;
}

export interface AssumedRole {
  readonly account: string;
  readonly arn: string;
  readonly externalId: string | undefined;
}

/** A way into one account. */
export interface Access {
  /**
   * Signs in, once, and proves that it is the right account.
   *
   * @throws {ProviderError} the same each time where the account refuses us: it is not asked again.
   */
  ready(): Promise<void>;
  readonly client: AwsClient;
  /** The role that was assumed; `undefined` where the configured credentials belong to the account. */
  readonly role: AssumedRole | undefined;
}

export interface AccessOptions {
  readonly role: AssumedRole;
  readonly caller: Caller;
  /** STS, with the configured credentials. */
  readonly sts: Api;
  readonly door: Door;
  readonly client: (credentials: CredentialSource) => AwsClient;
}

/**
 * Access to another account by `sts:AssumeRole`, through the door like everything else. The credentials live in
 * memory, are renewed before they expire, and once more when AWS says that they have.
 */
export function createAccess(options: AccessOptions): Access {
  const { role } = options;
  const credentials = renewing(() => assume(options), SESSION_SECONDS * 1000);
  const client = options.client(credentials);
  let proven: Promise<void> | undefined;
  return {
    client,
    role,
    ready() {
      if (proven === undefined) {
        const attempt = credentials.get().then(() => prove(options, client));
        proven = attempt;
        attempt.catch((error: unknown) => {
          const lasting = isProviderError(error) && (error.class === "denied" || error.class === "auth");
          if (!lasting && proven === attempt) proven = undefined;
        });
      }
      return proven;
    },
  };
}

/** What every role allows, and the most that a role assumed from a role gets. */
const SESSION_SECONDS = 3_600;

async function assume({ role, caller, sts }: AccessOptions): Promise<AwsCredentials> {
  try {
    return await sts.call(
      "sts:AssumeRole",
      {
        RoleArn: role.arn,
        RoleSessionName: "rollcall",
        DurationSeconds: SESSION_SECONDS,
        ...(role.externalId === undefined ? {} : { ExternalId: role.externalId }),
      },
      assumedCredentials,
    );
  } catch (error) {
    if (!isProviderError(error) || error.class !== "denied") throw error;
    const secret = role.externalId === undefined ? "without an external id" : "with the configured external id";
    throw new ProviderError(error.message, {
      ...error.details,
      remedy: `in ${role.account}, let ${caller.arn} assume ${role.arn} ${secret}, or leave the account out (accounts: exclude)`,
    });
  }
}

async function prove({ role, door }: AccessOptions, client: AwsClient): Promise<void> {
  const api = createApi({ account: role.account, door, access: { ready: async () => undefined, client, role } });
  const seen = await api.call("sts:GetCallerIdentity", {}, callerIdentity);
  if (seen.account !== role.account) {
    throw new ProviderError(`sts:GetCallerIdentity answers for ${seen.account} where ${role.account} was entered`, {
      class: "auth",
      operation: "sts:GetCallerIdentity",
      remedy: `check that ${role.arn} is the role of that account`,
    });
  }
}
