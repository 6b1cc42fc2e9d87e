import { createHash } from "node:crypto";
import { isUnknown, unknown } from "rollcall/sdk";
import type { Known, Mechanism, TrustRecord, Unknown, Urn } from "rollcall/sdk";
import { admitted, anyOf, demandsExternalId, deniesAllBut, parseConditions, pins } from "./conditions.ts";
import type { Test } from "./conditions.ts";
import { listOf, own, statementsOf } from "./documents.ts";
import { matches } from "./patterns.ts";
import { principalsOf } from "./principals.ts";
import type { Principal } from "./principals.ts";
import { accountUrn, entityUrn, parseArn } from "./urns.ts";
import type { Place } from "./urns.ts";

/** Whose another account is, as far as listing and configuration tell. */
export type RelationOf = (account: string) => Known<"same-scope" | "own" | "partner" | "outside">;

export interface TrustInput {
  readonly place: Place;
  /** `AROA…` */
  readonly roleId: string;
  readonly document: Readonly<Record<string, unknown>>;
  readonly relationOf: RelationOf;
}

export interface ParsedTrust {
  readonly records: readonly TrustRecord[];
  /** Statements that are not what IAM documents: the role may have ways in that are not among the records. */
  readonly unread: readonly string[];
}

/**
 * A role's trust policy as ways in: one record per statement and principal. Statements that admit nobody by themselves
 * (`sts:TagSession` alone) give none. What a condition leaves open, closes or cannot be told from is said fact by fact;
 * nothing that is not modelled counts as open or closed.
 */
export function trustRecords(input: TrustInput): ParsedTrust {
  const statements = statementsOf(input.document);
  if (statements === undefined) return { records: [], unread: ["the trust policy has no list of statements"] };
  const unread: string[] = [];
  const parsed = statements.flatMap((statement, index) => {
    const way = parseStatement(statement);
    if (typeof way !== "string") return [way];
    unread.push(`statement ${index + 1} ${way}`);
    return [];
  });
  const denials = parsed.filter(
    (statement) =>
      statement.effect === "deny" && statement.principals.some((principal) => principal.party === "anyone"),
  );
  const records = new Map<Urn, TrustRecord>();
  for (const statement of parsed) {
    for (const principal of statement.principals) {
      const record = trustRecord(input, statement, principal, statement.effect === "allow" ? denials : []);
      if (record !== undefined) records.set(record.urn, record);
    }
  }
  return { records: [...records.values()], unread };
}

interface Statement {
  readonly effect: "allow" | "deny";
  readonly principals: readonly Principal[];
  readonly mechanisms: readonly Mechanism[];
  readonly condition: unknown;
  readonly tests: readonly Test[] | Unknown;
}

function parseStatement(statement: Readonly<Record<string, unknown>>): Statement | string {
  const effect = own(statement, "Effect");
  if (effect !== "Allow" && effect !== "Deny") return "has neither Allow nor Deny";
  const principals = principalsOf(statement);
  if (principals === undefined) return "names its principals in an undocumented form";
  const mechanisms = mechanismsOf(statement);
  if (mechanisms === undefined) return "names its actions in an undocumented form";
  const condition = own(statement, "Condition");
  return {
    effect: effect === "Allow" ? "allow" : "deny",
    principals,
    mechanisms,
    condition,
    tests: parseConditions(condition),
  };
}

const WAYS: readonly (readonly [action: string, mechanism: Mechanism])[] = [
  ["sts:AssumeRole", "assume-role"],
  ["sts:AssumeRoleWithWebIdentity", "oidc-federation"],
  ["sts:AssumeRoleWithSAML", "saml-federation"],
];

/** The ways in that a statement's actions open (or, for a Deny, close). */
function mechanismsOf(statement: Readonly<Record<string, unknown>>): readonly Mechanism[] | undefined {
  const excluded = own(statement, "NotAction");
  const patterns = listOf(excluded ?? own(statement, "Action"));
  if (patterns.length === 0 || !patterns.every((pattern) => typeof pattern === "string")) return undefined;
  const named = (action: string) => patterns.some((pattern) => matches(pattern, action));
  return WAYS.filter(([action]) => named(action) === (excluded === undefined)).map(([, mechanism]) => mechanism);
}

function trustRecord(
  input: TrustInput,
  statement: Statement,
  principal: Principal,
  denials: readonly Statement[],
): TrustRecord | undefined {
  const mechanism = mechanismFor(principal, statement.mechanisms);
  if (mechanism === undefined) return undefined;
  const { place, roleId } = input;
  const condition = statement.condition ?? null;
  const digest = createHash("sha256")
    .update(JSON.stringify([statement.effect, mechanism, principal.type, principal.text, condition]))
    .digest("hex");
  return {
    type: "trust",
    urn: entityUrn(place, "trust", `${roleId}:${digest.slice(0, 24)}`),
    identity: entityUrn(place, "role", roleId),
    mechanism,
    effect: statement.effect,
    party: principal.party,
    principal: principal.text,
    ...farEnd(input, principal),
    ...conditioned(
      statement,
      principal,
      mechanism,
      denials.filter((denial) => denial.mechanisms.includes(viaSts(mechanism))),
    ),
    conditions: condition,
  };
}

/** Which of the statement's actions this principal can use at all. */
function mechanismFor(principal: Principal, open: readonly Mechanism[]): Mechanism | undefined {
  switch (principal.type) {
    case "Federated": {
      const saml = parseArn(principal.text)?.resource.startsWith("saml-provider/") === true;
      return open.find((mechanism) => mechanism === (saml ? "saml-federation" : "oidc-federation"));
    }
    case "Anyone":
      return open[0];
    case "Service":
      if (!open.includes("assume-role")) return undefined;
      return principal.text.startsWith("rolesanywhere.") ? "roles-anywhere" : "assume-role";
    case "AWS":
    case "CanonicalUser":
    default:
      return open.find((mechanism) => mechanism === "assume-role");
  }
}

function viaSts(mechanism: Mechanism): Mechanism {
  return mechanism === "roles-anywhere" ? "assume-role" : mechanism;
}

type FarEnd = Pick<TrustRecord, "partyScope" | "partyRelation" | "issuer">;

function farEnd(input: TrustInput, principal: Principal): FarEnd {
  const { account } = principal;
  switch (principal.party) {
    case "deleted": {
      const reason = unknown("the principal was deleted, and its id does not say whose it was");
      return { partyScope: reason, partyRelation: reason, issuer: null };
    }
    case "account":
    case "identity":
      if (account === undefined) {
        const reason = unknown("the principal does not name an account");
        return { partyScope: reason, partyRelation: reason, issuer: null };
      }
      return {
        partyScope: accountUrn(input.place.partition, account),
        partyRelation: input.relationOf(account),
        issuer: null,
      };
    case "issuer":
      return { partyScope: null, partyRelation: null, issuer: issuerOf(principal.text) };
    case "anyone":
    case "service":
    case "workload":
    default:
      return { partyScope: null, partyRelation: null, issuer: null };
  }
}

/** The issuer behind a federated principal: in an OIDC provider's ARN, or one of the few that AWS knows by name. */
function issuerOf(principal: string): Known<string> {
  const resource = parseArn(principal)?.resource;
  if (resource?.startsWith("oidc-provider/")) return `https://${resource.slice("oidc-provider/".length)}`;
  if (resource?.startsWith("saml-provider/")) return unknown("a SAML provider's issuer is in its metadata");
  return /^[a-z0-9.-]+$/i.test(principal) ? `https://${principal}` : unknown("the principal is not a provider's ARN");
}

type Conditioned = Pick<TrustRecord, "subjects" | "audiences" | "externalId" | "pinned">;

function conditioned(
  statement: Statement,
  principal: Principal,
  mechanism: Mechanism,
  denials: readonly Statement[],
): Conditioned {
  const { tests } = statement;
  if (isUnknown(tests)) return { subjects: tests, audiences: tests, externalId: tests, pinned: tests };
  const claims = claimsOf(principal, mechanism);
  const federated = claims !== undefined;
  return {
    subjects: federated ? admittedClaim(tests, claims, "sub") : null,
    audiences: federated ? admittedClaim(tests, claims, "aud") : null,
    externalId:
      mechanism === "assume-role" && principal.party !== "service"
        ? anyOf([demandsExternalId(tests), ...taken(denials, "externalId")])
        : null,
    pinned: anyOf([pins(tests, claims), ...taken(denials, "pinned")]),
  };
}

function taken(denials: readonly Statement[], what: "pinned" | "externalId"): readonly Known<boolean>[] {
  return denials.map((denial) => (isUnknown(denial.tests) ? denial.tests : deniesAllBut(denial.tests, what)));
}

/** The prefix of the condition keys that an issuer's claims have. */
function claimsOf(principal: Principal, mechanism: Mechanism): string | undefined {
  if (mechanism === "saml-federation") return "saml";
  if (mechanism !== "oidc-federation") return undefined;
  const resource = parseArn(principal.text)?.resource;
  return resource?.startsWith("oidc-provider/") ? resource.slice("oidc-provider/".length) : principal.text;
}

function admittedClaim(tests: readonly Test[], claims: string, claim: "sub" | "aud"): Known<readonly string[]> {
  const key = `${claims}:${claim}`.toLowerCase();
  const foreign = tests.find(
    (test) => test.key.endsWith(`:${claim}`) && test.key !== key && !/^(?:aws|sts):/.test(test.key),
  );
  if (foreign !== undefined) return unknown(`the condition on ${foreign.key} names another issuer's claim`);
  return admitted(tests, key);
}
