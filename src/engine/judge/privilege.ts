import { createPrivilegeModel } from "../../graph/index.ts";
import type { HeldGrant, PrivilegeModel } from "../../graph/index.ts";
import type { DerivedIdentity, Reader } from "../../inventory/contract.ts";
import { unknown } from "../../model/index.ts";
import type { Known, Urn } from "../../model/index.ts";
import { alongside } from "./alongside.ts";

/** Permission sets whose compiled form is at hand; the least recently loaded makes room for the next. */
const LOADED_SETS = 20_000;

/**
 * The privilege of every live identity, one at a time: two streams in the order of URNs, and the permission sets
 * loaded as they are met, so that a million identities with a policy each pass through in bounded memory.
 */
export function* derivePrivileges(
  reader: Reader,
  unseen: (scope: Urn) => string | undefined,
): Generator<DerivedIdentity> {
  const model = createPrivilegeModel();
  const load = setLoader(reader, model);
  const conditional = conditionalGrants(reader);
  const held = alongside(reader.iterate<GrantRow>(GRANTS));
  try {
    for (const identity of reader.iterate<IdentityRow>(IDENTITIES)) {
      const grants = held.of(identity.urn).map((row): HeldGrant => {
        load(row.permission_set);
        return {
          permissionSet: row.permission_set,
          effect: row.effect,
          conditional: conditional.size > 0 && conditional.has(`${row.via ?? identity.urn} ${row.permission_set}`),
        };
      });
      const boundary = boundaryOf(identity);
      if (typeof boundary === "string") load(boundary);
      const { tier, certainty, reason } = model.judge(grants, boundary, {
        provider: identity.provider,
        kind: identity.kind,
        unseen: unseen(identity.scope),
      });
      yield { urn: identity.urn, privilege: tier, certainty, reason, score: null };
    }
  } finally {
    held.close();
  }
}

const GRANTS =
  "select principal as urn, permission_set, via, effect from effective_grant order by principal, permission_set";
const IDENTITIES = "select urn, provider, scope, kind, boundary, boundary_known from identity order by urn";

interface GrantRow extends Record<string, string | null> {
  readonly urn: string;
  readonly permission_set: string;
  readonly via: string | null;
  readonly effect: "allow" | "deny";
}

interface IdentityRow extends Record<string, string | number | null> {
  readonly urn: string;
  readonly provider: string;
  readonly scope: string;
  readonly kind: string;
  readonly boundary: string | null;
  readonly boundary_known: number;
}

function boundaryOf(identity: IdentityRow): Known<Urn> {
  if (identity.boundary_known === 1) return identity.boundary;
  return unknown("no complete collection told");
}

function setLoader(reader: Reader, model: PrivilegeModel): (urn: Urn) => void {
  const loaded = new Set<Urn>();
  return (urn) => {
    if (loaded.has(urn)) return;
    const [row] = reader.select<{ kind: string; name: string | null; document: string | null; document_known: number }>(
      "select kind, name, document, document_known from permission_set where urn = @urn",
      { urn },
    );
    if (row === undefined) return;
    model.addPermissionSet(
      urn,
      row.kind,
      row.document_known === 1 ? row.document : unknown("its document was not seen"),
      row.name,
    );
    loaded.add(urn);
    if (loaded.size > LOADED_SETS) {
      const [oldest] = loaded;
      if (oldest !== undefined) {
        loaded.delete(oldest);
        model.forget(oldest);
      }
    }
  };
}

/** Grants that come with conditions, by holder and permission set; most providers have none, so they fit in memory. */
function conditionalGrants(reader: Reader): ReadonlySet<string> {
  const rows = reader.iterate<{ principal: string; permission_set: string }>(
    "select principal, permission_set from access_grant where conditions is not null",
  );
  const conditional = new Set<string>();
  for (const row of rows) conditional.add(`${row.principal} ${row.permission_set}`);
  return conditional;
}
