import { isProviderError, isUserError } from "rollcall/sdk";
import type { Authorization, Diagnosis, Gap, OpenContext, ProviderError, Scope } from "rollcall/sdk";
import type { Api } from "./api.ts";
import type { AwsConfig } from "./config.ts";
import { openSession } from "./open.ts";
import { OPERATIONS } from "./operations.ts";
import type { Operation } from "./operations.ts";
import { PROBES, isElsewhere, isPermitted, subjects } from "./probes.ts";
import type { Probe, Probing } from "./probes.ts";
import { awsScopes } from "./scopes.ts";
import type { AwsSession } from "./session.ts";
import { regionsOf } from "./wire.ts";

/** What is asked of AWS, and for the sake of what. */
export interface Declared {
  readonly requires: Authorization;
  /** The collection that needs it, where only the configuration's `deep` makes it run. */
  readonly deep?: string;
}

/** AWS refuses signatures that are five minutes off. */
const SKEW_LIMIT = 240_000;

/**
 * Who are we, is it whom the configuration names, what may we read of what is declared, which accounts let us in, and
 * does the clock agree. Nothing is changed.
 */
export async function* diagnoseAws(
  config: AwsConfig,
  context: OpenContext,
  declared: readonly Declared[],
): AsyncGenerator<Diagnosis, void, void> {
  let session: AwsSession;
  try {
    session = await openSession(config, context);
  } catch (error) {
    yield signInProblem(error);
    return;
  }
  const { caller } = session;
  yield { check: "sign-in", status: "ok", message: `${caller.arn} in the account ${caller.account}` };
  if (config.account !== undefined)
    yield { check: "account", status: "ok", message: `the credentials belong to ${config.account}, as configured` };
  yield clock(session);
  if (config.organization !== undefined) yield* organization(session, context);
  yield* permissions(session, session.api(caller.account, context.door), declared);
}

function signInProblem(error: unknown): Diagnosis {
  if (!isProviderError(error) && !isUserError(error)) throw error;
  const next = isUserError(error) ? error.next : error.details.remedy;
  const unreachable = isProviderError(error) && (error.class === "network" || error.class === "timeout");
  return {
    check: unreachable ? "reachability" : "sign-in",
    status: "problem",
    message: error.message,
    next:
      next ??
      (unreachable
        ? "check the network, the proxy settings and the endpoint"
        : "rollcall init shows the profiles of this machine"),
  };
}

function clock({ clock: { skew } }: AwsSession): Diagnosis {
  if (skew === undefined) return { check: "clock", status: "unknown", message: "AWS did not say what time it is" };
  const seconds = Math.round(Math.abs(skew) / 1000);
  const direction = skew > 0 ? "behind" : "ahead of";
  if (Math.abs(skew) < SKEW_LIMIT)
    return {
      check: "clock",
      status: "ok",
      message: `this machine's clock agrees with AWS's within ${Math.max(1, seconds)} s`,
    };
  return {
    check: "clock",
    status: "problem",
    message: `this machine's clock is ${seconds} s ${direction} AWS's`,
    next: "set the clock: AWS refuses requests that are five minutes off",
  };
}

/** What lists the accounts, and whether each of them lets us in. */
async function* organization(
  session: AwsSession,
  { door, signal }: OpenContext,
): AsyncGenerator<Diagnosis, void, void> {
  const gaps = new Map<string, Gap>();
  const members: Scope[] = [];
  for await (const found of awsScopes(session, { door, signal, now: door.now() })) {
    if ("type" in found) {
      const operation = found.operation ?? "organizations:ListAccounts";
      if (!gaps.has(operation)) gaps.set(operation, found);
    } else if (found.skip === undefined && found.id !== session.caller.account) {
      members.push(found);
    }
  }
  const tagged = Object.keys(session.config.production.tags).length > 0;
  for (const operation of ["organizations:ListAccounts", "organizations:ListTagsForResource"] as const) {
    const gap = gaps.get(operation);
    if (gap !== undefined) yield gapDiagnosis(operation, gap);
    else if (operation === "organizations:ListAccounts" || (tagged && !gaps.has("organizations:ListAccounts")))
      yield { check: operation, status: "ok", message: "permitted" };
    else yield notProbed(operation, tagged ? "no accounts were listed" : "no tags decide what is production here");
  }
  yield await entries(session, members);
}

function gapDiagnosis(check: Operation, { class: kind, reason, remedy }: Gap): Diagnosis {
  const status = kind === "denied" || kind === "auth" ? "problem" : "unknown";
  return { check, status, message: reason, next: remedy ?? "try again" };
}

const AT_ONCE = 8;

/** One line for all accounts: an organization may have thousands. */
async function entries(session: AwsSession, members: readonly Scope[]): Promise<Diagnosis> {
  const check = "sts:AssumeRole";
  if (members.length === 0) return notProbed(check, "there is no other account to enter");
  const refused: { readonly account: Scope; readonly error: ProviderError }[] = [];
  for (let from = 0; from < members.length; from += AT_ONCE) {
    const group = members.slice(from, from + AT_ONCE);
    const outcomes = await Promise.allSettled(group.map((account) => session.access(account.id).ready()));
    for (const [index, outcome] of outcomes.entries()) {
      const account = group[index];
      if (outcome.status === "fulfilled" || account === undefined) continue;
      if (!isProviderError(outcome.reason)) throw outcome.reason;
      refused.push({ account, error: outcome.reason });
    }
  }
  const [worst] = refused.toSorted((one, other) => Number(isRefusal(other.error)) - Number(isRefusal(one.error)));
  if (worst === undefined)
    return { check, status: "ok", message: `permitted into ${members.length} accounts beside our own` };
  return {
    check,
    status: isRefusal(worst.error) ? "problem" : "unknown",
    message: `${refused.length} of ${members.length} accounts could not be entered: ${refused.map(({ account }) => account.title).join(", ")}; ${worst.account.id}: ${worst.error.message}`,
    next: worst.error.details.remedy ?? "try again",
  };
}

function isRefusal(error: ProviderError): boolean {
  return error.class === "denied" || error.class === "auth";
}

function notProbed(check: string, reason: string): Diagnosis {
  return { check, status: "unknown", message: `not probed, because ${reason}` };
}

/** One small call per declared permission; why not, for those that have none. */
async function* permissions(
  session: AwsSession,
  api: Api,
  declared: readonly Declared[],
): AsyncGenerator<Diagnosis, void, void> {
  const things = await subjects(api);
  const { partition } = session.caller;
  const regions = regionsOf(session.config, session.environment);
  for (const operation of OPERATIONS) {
    const reasons = declared.filter(({ requires }) => requires.operations.includes(operation));
    if (reasons.length === 0 || !Object.hasOwn(PROBES, operation)) continue;
    const probe = PROBES[operation as keyof typeof PROBES];
    const found = await examine(operation, probe, probe.regional === true ? regions : [session.region], {
      api,
      partition,
      ...things,
    });
    const deep = reasons.every(({ deep: only }) => only !== undefined) ? reasons[0]?.deep : undefined;
    yield deep === undefined || found.status !== "problem"
      ? found
      : { ...found, status: "unknown", message: `${found.message} (needed for deep: ${deep} alone)` };
  }
}

/** The answers of all regions in one line that names them. */
async function examine(
  operation: Operation,
  probe: Probe,
  regions: readonly string[],
  probing: Omit<Probing, "region">,
): Promise<Diagnosis> {
  const { api } = probing;
  const named = (where: readonly string[]) => (probe.regional === true ? ` in ${where.join(", ")}` : "");
  const failures: { readonly region: string; readonly error: ProviderError }[] = [];
  for (const region of regions) {
    const call = probe.call({ ...probing, region });
    if (typeof call === "string") return notProbed(operation, call);
    try {
      await call();
    } catch (error) {
      if (isPermitted(error)) continue;
      if (isElsewhere(error))
        return notProbed(operation, "AWS answers it in an organization's management account alone");
      if (!isProviderError(error)) throw error;
      failures.push({ region, error });
    }
  }
  const worst = failures.find(({ error }) => isRefusal(error)) ?? failures[0];
  if (worst === undefined) return { check: operation, status: "ok", message: `permitted${named(regions)}` };
  const { error } = worst;
  return {
    check: operation,
    status: isRefusal(error) ? "problem" : "unknown",
    message:
      probe.regional === true ? `${error.message} (${failures.map(({ region }) => region).join(", ")})` : error.message,
    next:
      error.details.remedy ??
      (error.class === "denied"
        ? `an administrator of ${api.account} can grant ${operation} to ${api.actor}; rollcall permissions aws prints the policy`
        : "try again"),
  };
}
