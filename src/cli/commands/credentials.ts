import type { Reader } from "../../inventory/contract.ts";
import type { Secrecy } from "../../sdk/index.ts";
import type { Context } from "../context.ts";
import { Filter, scopeUrns } from "../filters.ts";
import type { ListFlags } from "../flags.ts";
import { shortDate, shortUrn } from "../format/values.ts";
import { reading } from "../inventory.ts";
import { printList } from "../list.ts";
import { checkKinds, checkProviders } from "../words.ts";
import { resolveName } from "../resolve.ts";
import { lastUse, STALE } from "./identities.ts";

export interface CredentialsFlags extends ListFlags {
  readonly provider?: readonly string[];
  readonly scope?: readonly string[];
  readonly kind?: readonly string[];
  readonly secrecy?: readonly Secrecy[];
  readonly identity?: string;
  readonly enabled?: boolean;
  readonly expired?: boolean;
  readonly stale?: number;
}

/** `rollcall credentials` */
export async function credentials(this: Context, flags: CredentialsFlags): Promise<void> {
  await reading(this, flags, async (reader) => {
    checkProviders(this, reader, flags.provider);
    await checkKinds(this, reader, flags.kind, "credential");
    const identity = flags.identity === undefined ? undefined : [resolveName(reader, flags.identity).urn];
    const where = new Filter()
      .oneOf("provider", flags.provider)
      .oneOf("scope", scopeUrns(reader, flags.scope))
      .oneOf("kind", flags.kind)
      .oneOf("secrecy", flags.secrecy)
      .oneOf("identity", identity)
      .when(
        flags.enabled === undefined ? undefined : "enabled_known = 1 and enabled = $",
        flags.enabled === true ? 1 : 0,
      )
      .when(flags.expired === true ? "expires_at_known = 1 and expires_at < $" : undefined, this.now())
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
        view: "credential",
        where,
        order: "urn",
        noun: "credentials",
        table: [
          { title: "ID", column: "urn", flexible: true, text: (row) => shortUrn(String(row["urn"])) },
          { title: "KIND", column: "kind" },
          {
            title: "IDENTITY",
            column: "identity",
            flexible: true,
            text: (row) => identityName(reader, String(row["identity"])),
          },
          { title: "SCOPE", column: "scope", text: (row) => shortUrn(String(row["scope"])) },
          { title: "SECRECY", column: "secrecy" },
          { title: "ENABLED", column: "enabled" },
          { title: "CREATED", column: "created_at", text: (row) => shortDate(row["created_at"]) },
          {
            title: "EXPIRES",
            column: "expires_at",
            text: (row) => (row["expires_at"] === null ? "never" : shortDate(row["expires_at"])),
          },
          {
            title: "LAST USED",
            column: "last_used_at",
            text: (row) => lastUse(row["last_used_at"], row["usage_known"]),
          },
        ],
      },
      flags,
    );
  });
}

/** The name that people know an identity by; its native id where it has none. */
export function identityName(reader: Reader, urn: string): string {
  const name = reader.select("select name from identity where urn = @urn", { urn })[0]?.["name"];
  return typeof name === "string" ? name : shortUrn(urn);
}
