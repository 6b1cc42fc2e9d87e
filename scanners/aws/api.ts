import type { CallOptions, Door } from "rollcall/sdk";
import type { AwsClient, InputOf, RestInput, RestOperation, SdkOperation } from "./client.ts";

/** The calls of one account through one collection's door: every one governed, checked and counted. */
export interface Api {
  readonly account: string;
  /** Whoever makes the calls, for remedies: a role's ARN, or "the configured credentials". */
  readonly actor: string;
  call<Name extends SdkOperation, Parsed>(
    operation: Name,
    input: InputOf<Name>,
    parse: (answer: unknown) => Parsed,
    options?: Extra<Parsed>,
  ): Promise<Parsed>;
  get<Parsed>(operation: RestOperation, asked: RestInput, parse: (answer: unknown) => Parsed): Promise<Parsed>;
}

/** What it takes to enter an account. */
export interface Entry {
  ready(): Promise<void>;
  readonly client: AwsClient;
  readonly role: { readonly arn: string } | undefined;
}

type Extra<Parsed> = Pick<CallOptions<unknown, Parsed>, "absent" | "pending" | "deadline">;

export function createApi(options: { readonly account: string; readonly door: Door; readonly access: Entry }): Api {
  const { account, door, access } = options;
  return {
    account,
    actor: access.role === undefined ? `the credentials used for ${account}` : access.role.arn,
    async call(operation, input, parse, extra = {}) {
      await access.ready();
      return door.call<unknown, ReturnType<typeof parse>>(
        operation,
        (attempt) => access.client.send(operation, input, attempt.signal),
        {
          bucket: `${serviceOf(operation)}/${account}`,
          parse,
          ...extra,
        },
      );
    },
    async get(operation, asked, parse) {
      await access.ready();
      return door.call<unknown, ReturnType<typeof parse>>(
        operation,
        (attempt) => access.client.get(operation, asked, attempt.signal),
        {
          bucket: `${serviceOf(operation)}/${account}/${asked.region}`,
          parse,
        },
      );
    },
  };
}

function serviceOf(operation: string): string {
  return operation.slice(0, operation.indexOf(":"));
}
