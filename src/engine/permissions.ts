import { UserError } from "../sdk/index.ts";
import type { PolicyDocument, Scanner } from "../sdk/index.ts";

export interface PermissionSelection {
  /** Opt-in collections to include; the others never are. `"all"`: every one. */
  readonly deep?: readonly string[] | "all";
  /** The source's settings, where the policy depends on them. */
  readonly config?: unknown;
}

/**
 * The least-privilege policy for what a scan of this selection calls: rendered from the same declarations that the
 * door enforces, so it can be neither too small nor too large.
 *
 * @throws {UserError} exit 2 for an opt-in collection that the scanner does not have.
 */
export function permissions(scanner: Scanner, selection: PermissionSelection = {}): PolicyDocument {
  const deep = selection.deep ?? [];
  const optional = scanner.collections.filter(({ optIn }) => optIn !== undefined).map(({ id }) => id);
  for (const id of deep === "all" ? [] : deep) {
    if (!optional.includes(id)) {
      throw new UserError(
        `The scanner ${scanner.id} has no opt-in collection called ${id}; it has ${optional.join(", ") || "none"}`,
      );
    }
  }
  const chosen = scanner.collections.filter(
    ({ id, optIn }) => optIn === undefined || deep === "all" || deep.includes(id),
  );
  return scanner.policy([scanner.requires, ...chosen.map(({ requires }) => requires)], selection.config);
}
