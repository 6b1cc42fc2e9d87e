import type { Urn } from "rollcall/sdk";
import { isAwsManaged } from "./normalize/policies.ts";

/** As many as a page's entities can refer to, many times over. */
const SIZE = 20_000;

/**
 * URNs by ARN: a bounded memory in front of the inventory's own index. What belongs to AWS is always remembered: there
 * are only some hundreds of its policies, and the inventory may keep them with another account that has them too.
 */
export class UrnCache {
  readonly #find: (alias: string) => Urn | undefined;
  readonly #urns = new Map<string, Urn>();
  readonly #shared = new Map<string, Urn>();

  constructor(find: (alias: string) => Urn | undefined) {
    this.#find = find;
  }

  set(arn: string, urn: Urn): void {
    if (isAwsManaged(arn)) {
      this.#shared.set(arn, urn);
      return;
    }
    this.#urns.set(arn, urn);
    const oldest = this.#urns.keys().next();
    if (this.#urns.size > SIZE && oldest.done !== true) this.#urns.delete(oldest.value);
  }

  get(arn: string): Urn | undefined {
    const known = this.#urns.get(arn) ?? this.#shared.get(arn);
    if (known !== undefined) return known;
    const found = this.#find(arn);
    if (found !== undefined) this.set(arn, found);
    return found;
  }
}
