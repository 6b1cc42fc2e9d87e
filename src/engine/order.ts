import { UserError } from "../sdk/index.ts";
import type { Collection, Scanner } from "../sdk/index.ts";

/**
 * Checks what a scanner declares about its collections before anything is asked: ids are unique, `after` names
 * collections of the same scanner, and they do not wait for each other in a circle.
 *
 * @throws {UserError} exit 2: the scanner (a plugin, perhaps) contradicts itself.
 */
export function checkCollections(scanner: Scanner): void {
  const byId = new Map<string, Collection>();
  for (const collection of scanner.collections) {
    if (byId.has(collection.id) || collection.id === SCOPES) {
      throw new UserError(`The scanner ${scanner.id} declares the collection ${collection.id} twice`);
    }
    byId.set(collection.id, collection);
  }
  const settled = new Set<string>();
  for (const collection of scanner.collections) visit(collection, []);

  function visit(collection: Collection, path: readonly string[]): void {
    if (settled.has(collection.id)) return;
    if (path.includes(collection.id)) {
      throw new UserError(
        `The scanner ${scanner.id} declares collections that wait for each other: ${[...path, collection.id].join(" → ")}`,
      );
    }
    for (const id of collection.after ?? []) {
      const earlier = byId.get(id);
      if (earlier === undefined) {
        throw new UserError(
          `The scanner ${scanner.id} declares that ${collection.id} runs after ${id}, which does not exist`,
        );
      }
      visit(earlier, [...path, collection.id]);
    }
    settled.add(collection.id);
  }
}

/** The name under which the listing of scopes itself stands in coverage. */
export const SCOPES = "scopes";
