import type { Authorization, PolicyDocument } from "rollcall/sdk";
import type { AwsConfig } from "./config.ts";

interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: string | readonly string[];
}

const SIDS: Readonly<Record<string, string>> = {
  iam: "RollcallReadsIam",
  organizations: "RollcallListsAccounts",
  rolesanywhere: "RollcallReadsRolesAnywhere",
};

/**
 * The least-privilege policy, from what the collections declare. One document serves both sides: the part that lists
 * accounts and assumes roles is for where Rollcall signs in, the rest for the audit role of each account.
 */
export function awsPolicy(authorizations: readonly Authorization[], config?: AwsConfig): PolicyDocument {
  const permissions = [
    ...new Set(authorizations.flatMap(({ permissions: named, operations }) => named ?? operations)),
  ].toSorted();
  const partition = config?.partition ?? "aws";
  const role = config?.organization?.role ?? "RollcallAudit";
  const organization = config === undefined || config.organization !== undefined;
  const statements: Statement[] = Object.entries(SIDS).flatMap(([service, sid]) => {
    const actions = permissions.filter((permission) => permission.startsWith(`${service}:`));
    if (actions.length === 0 || (service === "organizations" && !organization)) return [];
    return [{ Sid: sid, Effect: "Allow", Action: actions, Resource: "*" }];
  });
  if (organization && permissions.includes("sts:AssumeRole")) {
    statements.push({
      Sid: "RollcallEntersAccounts",
      Effect: "Allow",
      Action: ["sts:AssumeRole"],
      Resource: `arn:${partition}:iam::*:role/${role}`,
    });
  }
  return {
    mediaType: "application/json",
    text: `${JSON.stringify({ Version: "2012-10-17", Statement: statements }, null, 2)}\n`,
    howTo: organization
      ? `Attach RollcallReadsIam and RollcallReadsRolesAnywhere to the role ${role} of each account (a CloudFormation StackSet does it at once), and the whole policy to the identity that Rollcall runs as, in the management or a delegated administrator account.`
      : "Attach the policy to the identity that Rollcall runs as.",
  };
}
