import { isUnknown, parseUrn } from "../model/index.ts";
import type { Known, Tier, Urn } from "../model/index.ts";
import { awsDialect } from "./aws.ts";
import type { CompiledDocument, CompiledTierRule, Dialect } from "./dialect.ts";
import { PLANES, addAsDenial, addConditionally, addInto, emptyMasks, hasAll, intersect, settle } from "./masks.ts";
import type { Masks } from "./masks.ts";
import { explainTier } from "./reason.ts";

/** One permission set that an identity holds, directly or through a group. */
export interface HeldGrant {
  readonly permissionSet: Urn;
  /** `allow` if left out. A granted permission set with `deny` takes back what it would allow. */
  readonly effect?: "allow" | "deny" | undefined;
  /** The assignment itself depends on a condition that is not evaluated, or its conditions are unknown. */
  readonly conditional?: boolean | undefined;
}

export interface JudgeOptions {
  /** `aws`, by the URN's provider. `aws` if left out. */
  readonly provider?: string | undefined;
  /** The identity's kind: some can do everything whatever they were granted (AWS's `root`). */
  readonly kind?: string | undefined;
  /** Why the list of grants may be short, if it may (`"iam:GetAccountAuthorizationDetails was denied"`). */
  readonly unseen?: string | undefined;
}

export interface Privilege {
  readonly tier: Tier;
  readonly certainty: "certain" | "possible";
  /** The policy and statement that give the tier, or what could not be read. One sentence fragment. */
  readonly reason: string;
}

/**
 * The privilege of identities by what their policies say, never by what they are called.
 *
 * Give it every permission set once, then the grants of one identity at a time: documents are compiled to bits when
 * added, once per distinct text, and combined per identity by bit operations, so a million identities stream through
 * in the memory of their policies. Identity policies are capped by the permissions boundary and unconditional denials
 * are subtracted. What cannot be evaluated (conditions, named resources, a document that was not read) makes the
 * answer `possible` or `unknown`, never silently `low`.
 *
 * Not looked at: service control and resource control policies, session policies, and policies on resources.
 *
 * @example
 * const model = createPrivilegeModel();
 * model.addPermissionSet(policyUrn, "managed-policy", document, "acme-admins");
 * model.judge([{ permissionSet: policyUrn }], null);
 * // { tier: "admin", certainty: "certain", reason: 'allows every action … (managed-policy "acme-admins", statement 1)' }
 */
export interface PrivilegeModel {
  /**
   * @param document the provider's document (parsed, or its JSON text); unknown or `null` where it could not be read.
   * @param name for the reason; the URN's native id if left out.
   */
  addPermissionSet(urn: Urn, kind: string, document: Known<unknown>, name?: string | null): void;
  /** Lets go of a set that no further identity holds: an inline policy, once its owner was judged. */
  forget(urn: Urn): void;
  /** @param boundary `null`: none; unknown: it could not be read whether there is one. */
  judge(grants: Iterable<HeldGrant>, boundary?: Known<Urn>, options?: JudgeOptions): Privilege;
}

export interface PermissionSet {
  readonly title: string;
  readonly document: CompiledDocument | undefined;
  /** Why the document, or part of it, is not known. */
  readonly problem: string | undefined;
}

/** Where a provider's permission documents are understood. */
const DIALECTS: Readonly<Record<string, Dialect>> = { aws: awsDialect };

/** Texts whose compiled form is kept: enough for the policies that many share, not for a million inline ones. */
const REMEMBERED_TEXTS = 20_000;

export function createPrivilegeModel(): PrivilegeModel {
  const sets = new Map<Urn, PermissionSet>();
  const compile = rememberingCompiler();
  const scratch = new Map<Dialect, { readonly held: Masks; readonly cap: Masks }>();

  return {
    addPermissionSet(urn, kind, document, name) {
      const parts = parseUrn(urn);
      const title = `${kind} "${name ?? parts?.nativeId ?? urn}"`;
      const dialect = dialectOf(parts?.provider);
      if (dialect === undefined) {
        sets.set(urn, {
          title,
          document: undefined,
          problem: `permissions of ${parts?.provider ?? "this provider"} are not understood yet`,
        });
      } else if (document === null || isUnknown(document)) {
        sets.set(urn, {
          title,
          document: undefined,
          problem: document === null ? "it has no document" : document.unknown,
        });
      } else {
        const compiled = compile(dialect, document);
        sets.set(urn, { title, document: compiled, problem: compiled.problem });
      }
    },

    forget(urn) {
      sets.delete(urn);
    },

    judge(grants, boundary = null, options = {}) {
      const dialect = dialectOf(options.provider ?? "aws");
      if (dialect === undefined)
        return unknownTier(`permissions of ${options.provider ?? "this provider"} are not understood yet`);
      const inherent = options.kind === undefined ? undefined : dialect.inherent(options.kind);
      if (inherent !== undefined) return { ...inherent, certainty: "certain" };

      const { held, cap } = scratchOf(scratch, dialect);
      // The order of arrival must not show in the reason.
      const ordered = [...grants].sort((one, other) =>
        one.permissionSet < other.permissionSet ? -1 : one.permissionSet > other.permissionSet ? 1 : 0,
      );
      let unread = options.unseen;
      for (const grant of ordered) {
        const set = sets.get(grant.permissionSet);
        if (set?.problem !== undefined) unread ??= `${set.title} was not read: ${set.problem}`;
        if (set === undefined) unread ??= `permission set ${grant.permissionSet} was not seen`;
        if (set?.document !== undefined) addGrant(held, set.document.masks, dialect.words, grant);
      }
      settle(held, dialect.words);
      const limit = applyBoundary(held, cap, boundary, sets, dialect);
      return conclude(dialect, held, ordered, sets, unread, limit);
    },
  };
}

function addGrant(held: Masks, masks: Masks, words: number, grant: HeldGrant): void {
  if (grant.effect === "deny") addAsDenial(held, masks, words, grant.conditional === true);
  else if (grant.conditional === true) addConditionally(held, masks, words);
  else addInto(held, masks);
}

/** Why the boundary is not fully known, if it is not: then nothing that it may cut is certain. */
function applyBoundary(
  held: Masks,
  cap: Masks,
  boundary: Known<Urn>,
  sets: ReadonlyMap<Urn, PermissionSet>,
  dialect: Dialect,
): string | undefined {
  if (boundary === null) return undefined;
  if (isUnknown(boundary)) return `whether a permissions boundary applies is unknown: ${boundary.unknown}`;
  const set = sets.get(boundary);
  if (set?.document === undefined || set.problem !== undefined) {
    return `the permissions boundary was not read: ${set?.problem ?? `${boundary} was not seen`}`;
  }
  cap.set(set.document.masks);
  settle(cap, dialect.words);
  intersect(held, cap, dialect.words);
  return undefined;
}

function conclude(
  dialect: Dialect,
  held: Masks,
  grants: readonly HeldGrant[],
  sets: ReadonlyMap<Urn, PermissionSet>,
  unread: string | undefined,
  limit: string | undefined,
): Privilege {
  const possible = dialect.rules.find((rule) => isPossible(rule, held, dialect.words));
  if (possible === undefined) {
    if (unread !== undefined) return unknownTier(unread);
    const reason =
      grants.length === 0 ? "holds no permission set" : "no permission set allows an action that Rollcall weighs";
    return { tier: "low", certainty: "certain", reason };
  }
  // What is certain is possible as well, so it cannot be a stronger tier.
  const settled = dialect.rules.find((rule) => rule.tier === possible.tier && isCertain(rule, held, dialect.words));
  const rule = settled ?? possible;
  const doubt = unread ?? limit;
  const why = explainTier(rule, settled !== undefined, grants, sets, dialect);
  if (settled !== undefined && doubt === undefined) return { tier: rule.tier, certainty: "certain", reason: why };
  return { tier: rule.tier, certainty: "possible", reason: doubt === undefined ? why : `${why}; ${doubt}` };
}

function isCertain(rule: CompiledTierRule, held: Masks, words: number): boolean {
  return (
    rule.depends === undefined && hasAll(held, words, rule.wide ? PLANES.wideCertain : PLANES.someCertain, rule.needed)
  );
}

function isPossible(rule: CompiledTierRule, held: Masks, words: number): boolean {
  return hasAll(held, words, rule.neverNarrow ? PLANES.widePossible : PLANES.somePossible, rule.needed);
}

function unknownTier(reason: string): Privilege {
  return { tier: "unknown", certainty: "possible", reason };
}

function dialectOf(provider: string | undefined): Dialect | undefined {
  return provider !== undefined && Object.hasOwn(DIALECTS, provider) ? DIALECTS[provider] : undefined;
}

function scratchOf(
  scratch: Map<Dialect, { readonly held: Masks; readonly cap: Masks }>,
  dialect: Dialect,
): { readonly held: Masks; readonly cap: Masks } {
  let pair = scratch.get(dialect);
  if (pair === undefined) {
    pair = { held: emptyMasks(dialect.words), cap: emptyMasks(dialect.words) };
    scratch.set(dialect, pair);
  }
  pair.held.fill(0);
  return pair;
}

function rememberingCompiler(): (dialect: Dialect, document: unknown) => CompiledDocument {
  const byText = new Map<string, CompiledDocument>();
  return (dialect, document) => {
    const text = typeof document === "string" ? document : JSON.stringify(document);
    const known = byText.get(text);
    if (known !== undefined) return known;
    const compiled = dialect.compile(document);
    if (byText.size >= REMEMBERED_TEXTS) byText.clear();
    byText.set(text, compiled);
    return compiled;
  };
}
