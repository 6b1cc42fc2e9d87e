import type { Nature, Tier } from "../../sdk/index.ts";
import type { Context } from "../context.ts";
import { Filter, scopeUrns } from "../filters.ts";
import type { ListFlags } from "../flags.ts";
import { NONE, shortDate, shortUrn } from "../format/values.ts";
import { reading } from "../inventory.ts";
import { printList } from "../list.ts";
import { checkKinds, checkProviders } from "../words.ts";

export interface IdentitiesFlags extends ListFlags {
  readonly provider?: readonly string[];
  readonly scope?: readonly string[];
  readonly kind?: readonly string[];
  readonly nature?: readonly Nature[];
  readonly privilege?: readonly Tier[];
  readonly environment?: readonly string[];
  readonly owner?: string;
  readonly unowned?: boolean;
  readonly name?: string;
  readonly tag?: string;
  readonly stale?: number;
}

/** `rollcall identities` */
export async function identities(this: Context, flags: IdentitiesFlags): Promise<void> {
  await reading(this, flags, async (reader) => {
    checkProviders(this, reader, flags.provider);
    await checkKinds(this, reader, flags.kind, "identity");
    const [key, value] = splitTag(flags.tag);
    const where = new Filter()
      .oneOf("provider", flags.provider)
      .oneOf("scope", scopeUrns(reader, flags.scope))
      .oneOf("kind", flags.kind)
      .oneOf("nature", flags.nature)
      .oneOf("privilege", flags.privilege)
      .oneOf("environment", flags.environment)
      .when(flags.name === undefined ? undefined : "name like $ escape '\\'", likePattern(flags.name))
      .when(
        flags.owner === undefined
          ? undefined
          : "exists (select 1 from owner o where o.subject = identity.urn and o.owner = $)",
        flags.owner ?? null,
      )
      .when(flags.unowned === true ? "not exists (select 1 from owner o where o.subject = identity.urn)" : undefined)
      .when(
        key === undefined ? undefined : "exists (select 1 from tag t where t.subject = identity.urn and t.key = $)",
        key ?? null,
      )
      .when(
        value === undefined
          ? undefined
          : "exists (select 1 from tag t where t.subject = identity.urn and t.key = $ and t.value = $)",
        key ?? null,
        value ?? null,
      )
      .when(
        flags.stale === undefined ? undefined : STALE,
        this.now() - (flags.stale ?? 0),
        this.now() - (flags.stale ?? 0),
      )
      .build();
    await printList(
      this,
      reader,
      {
        view: "identity",
        where,
        order: "urn",
        noun: "identities",
        table: [
          { title: "NAME", column: "name", flexible: true },
          { title: "KIND", column: "kind" },
          { title: "NATURE", column: "nature" },
          { title: "SCOPE", column: "scope", text: (row) => shortUrn(String(row["scope"])) },
          {
            title: "PRIVILEGE",
            column: "privilege",
            text: (row) => privilege(row["privilege"], row["privilege_certainty"]),
          },
          { title: "SCORE", column: "score", right: true, text: (row) => String(row["score"] ?? NONE) },
          { title: "ENABLED", column: "enabled" },
          {
            title: "LAST USED",
            column: "last_used_at",
            text: (row) => lastUse(row["last_used_at"], row["usage_known"]),
          },
          { title: "CREATED", column: "created_at", text: (row) => shortDate(row["created_at"]) },
        ],
      },
      flags,
    );
  });
}

/** Proven unused since: a use that is not known is not a use that did not happen. */
export const STALE = "(last_used_at < $) or (last_used_at is null and usage_known = 1 and created_at < $)";

/** `*` stands for anything; without one the word may stand anywhere in the name. */
export function likePattern(name: string | undefined): string | null {
  if (name === undefined) return null;
  const escaped = name.replace(/[\\%_]/g, "\\$&");
  return escaped.includes("*") ? escaped.replaceAll("*", "%") : `%${escaped}%`;
}

export function lastUse(at: unknown, known: unknown): string {
  if (typeof at === "number") return shortDate(at);
  return known === 1 ? "never seen" : "?";
}

function privilege(tier: unknown, certainty: unknown): string {
  if (typeof tier !== "string") return NONE;
  return certainty === "possible" ? `${tier}?` : tier;
}

function splitTag(tag: string | undefined): readonly [string | undefined, string | undefined] {
  if (tag === undefined) return [undefined, undefined];
  const at = tag.indexOf("=");
  return at < 0 ? [tag, undefined] : [tag.slice(0, at), tag.slice(at + 1)];
}
