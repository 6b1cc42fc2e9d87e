import type { Party } from "rollcall/sdk";
import { isObject, listOf, own } from "./documents.ts";
import { parseArn } from "./urns.ts";

/** One far end that a statement names. */
export interface Principal {
  readonly type: "AWS" | "Service" | "Federated" | "CanonicalUser" | "Anyone";
  readonly party: Party;
  /** The provider's own text. */
  readonly text: string;
  /** The twelve digits of its account, where the text tells. */
  readonly account?: string;
}

/**
 * The principals of one statement: `"*"`, `{AWS: …}`, `{Service: …}`, `{Federated: …}`, `{CanonicalUser: …}`, alone
 * or in lists (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html).
 * `undefined` where the element is not one of the documented forms.
 */
export function principalsOf(statement: Readonly<Record<string, unknown>>): readonly Principal[] | undefined {
  const excluded = own(statement, "NotPrincipal");
  if (excluded !== undefined) {
    // Everybody but the named ones: for an Allow that is everybody, for a Deny it is everybody else.
    return [{ type: "Anyone", party: "anyone", text: `all but ${JSON.stringify(excluded)}` }];
  }
  const element = own(statement, "Principal");
  if (element === "*") return [{ type: "Anyone", party: "anyone", text: "*" }];
  if (!isObject(element)) return undefined;
  const principals: Principal[] = [];
  for (const [type, values] of Object.entries(element)) {
    for (const value of listOf(values)) {
      const principal = typeof value === "string" ? principalOf(type, value) : undefined;
      if (principal === undefined) return undefined;
      principals.push(principal);
    }
  }
  return principals.length === 0 ? undefined : principals;
}

function principalOf(type: string, text: string): Principal | undefined {
  switch (type.toLowerCase()) {
    case "aws":
      return awsPrincipal(text);
    case "service":
      return { type: "Service", party: "service", text };
    case "federated":
      return { type: "Federated", party: "issuer", text };
    case "canonicaluser":
      return { type: "CanonicalUser", party: "account", text };
    default:
      return undefined;
  }
}

/** What IAM leaves in place of an ARN when the user or role behind it was deleted. */
const RESIDUE = /^A(?:IDA|ROA|GPA)[A-Z0-9]{8,}$/;

function awsPrincipal(text: string): Principal {
  if (text === "*") return { type: "Anyone", party: "anyone", text };
  if (/^\d{12}$/.test(text)) return { type: "AWS", party: "account", text, account: text };
  if (RESIDUE.test(text)) return { type: "AWS", party: "deleted", text };
  const arn = parseArn(text);
  const account = arn !== undefined && /^\d{12}$/.test(arn.account) ? { account: arn.account } : {};
  const whole = arn?.resource === "root";
  return { type: "AWS", party: whole ? "account" : "identity", text, ...account };
}
