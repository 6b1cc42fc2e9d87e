import type { AwsCredentials } from "../client.ts";
import { parseArn } from "../normalize/urns.ts";
import { Malformed, fields, text } from "./fields.ts";

export interface CallerIdentity {
  readonly account: string;
  readonly arn: string;
  readonly partition: string;
}

export function callerIdentity(answer: unknown): CallerIdentity {
  const body = fields(answer, "the answer");
  const account = text(body, "Account");
  const arn = text(body, "Arn");
  const partition = parseArn(arn)?.partition;
  if (!/^\d{12}$/.test(account) || partition === undefined)
    throw new Malformed("Account or Arn is not what STS documents");
  return { account, arn, partition };
}

export function assumedCredentials(answer: unknown): AwsCredentials {
  const credentials = fields(fields(answer, "the answer")["Credentials"], "Credentials");
  return {
    accessKeyId: text(credentials, "AccessKeyId"),
    secretAccessKey: text(credentials, "SecretAccessKey"),
    sessionToken: text(credentials, "SessionToken"),
  };
}
