import { isProviderError } from "rollcall/sdk";
import type { Api } from "./api.ts";
import { IAM_PAGE, wholeList } from "./paging.ts";
import { serviceCredential } from "./schema/credentials.ts";
import type { ServiceCredential } from "./schema/credentials.ts";
import { iamPage } from "./schema/page.ts";
import type { AwsSession } from "./session.ts";

const OPERATION = "iam:ListServiceSpecificCredentials";

/** Services that give users credentials of their own, for accounts where AWS wants each named. */
export const CREDENTIAL_SERVICES = [
  "codecommit.amazonaws.com",
  "cassandra.amazonaws.com",
  "bedrock.amazonaws.com",
  "logs.amazonaws.com",
] as const;

export interface ServiceCredentialList {
  readonly items: readonly ServiceCredential[];
  readonly malformed: readonly string[];
}

/**
 * All service-specific credentials of the account, listed once however many collections ask. The form for all users
 * is young: where AWS does not take it without a service's name, each service is asked for.
 *
 * @throws {ProviderError}
 */
export function serviceCredentials(session: AwsSession, api: Api): Promise<ServiceCredentialList> {
  return session.serviceCredentials(api.account, async () => {
    try {
      return await list(api, undefined);
    } catch (error) {
      if (!isProviderError(error) || !wantsService(error.details.code)) throw error;
    }
    const lists: ServiceCredentialList[] = [];
    for (const service of CREDENTIAL_SERVICES) lists.push(await list(api, service));
    return { items: lists.flatMap((one) => one.items), malformed: lists.flatMap((one) => one.malformed) };
  });
}

function wantsService(code: string | undefined): boolean {
  return code === "ValidationError" || code === "InvalidInput" || code === "MissingParameter";
}

function list(api: Api, service: string | undefined): Promise<ServiceCredentialList> {
  const named = service === undefined ? {} : { ServiceName: service };
  return wholeList<ServiceCredential>(
    OPERATION,
    (marker) =>
      api.call(
        OPERATION,
        { AllUsers: true, MaxItems: IAM_PAGE, ...named, ...(marker === undefined ? {} : { Marker: marker }) },
        (answer) => iamPage(OPERATION, answer, "ServiceSpecificCredentials", serviceCredential, { mayOmitEnd: true }),
      ),
    (credential) => credential.id,
  );
}
