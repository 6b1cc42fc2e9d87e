import type { GapDetail } from "../model/index.ts";
import type { ProviderError } from "../sdk/index.ts";

/** Distinct gaps that one collection keeps; further ones are counted under the last of their class and call. */
const DISTINCT = 50;

/**
 * The gaps of one collection. The same gap met a thousand times is one gap with a count, and no provider can fill
 * the memory with distinct ones.
 */
export class GapList {
  readonly #gaps = new Map<string, GapDetail>();

  constructor(gaps: readonly GapDetail[] = []) {
    for (const gap of gaps) this.add(gap);
  }

  add(gap: GapDetail): void {
    const exact = key(gap);
    const known = this.#gaps.get(exact);
    if (known !== undefined) this.#gaps.set(exact, merge(known, gap));
    else if (this.#gaps.size < DISTINCT) this.#gaps.set(exact, gap);
    else this.#addSurplus(gap);
  }

  has(gapClass: GapDetail["class"]): boolean {
    return this.toArray().some((gap) => gap.class === gapClass);
  }

  get size(): number {
    return this.#gaps.size;
  }

  toArray(): readonly GapDetail[] {
    return [...this.#gaps.values()];
  }

  #addSurplus(gap: GapDetail): void {
    const surplus = `${gap.class} ${gap.operation ?? ""}`;
    const known = this.#gaps.get(surplus);
    this.#gaps.set(
      surplus,
      known === undefined
        ? {
            class: gap.class,
            ...(gap.operation === undefined ? {} : { operation: gap.operation }),
            reason: "and more of the kind",
            count: gap.count ?? 1,
          }
        : merge(known, gap),
    );
  }
}

function key(gap: GapDetail): string {
  return JSON.stringify([gap.class, gap.operation, gap.reason, gap.remedy, gap.facts]);
}

function merge(known: GapDetail, again: GapDetail): GapDetail {
  return { ...known, count: (known.count ?? 1) + (again.count ?? 1) };
}

/** What a refused or failed call hides, for coverage. */
export function gapOfProviderError(error: ProviderError, permission: string | undefined, where: string): GapDetail {
  const { operation, code, remedy } = error.details;
  const mend = remedy ?? REMEDIES[error.class]?.(permission ?? operation, where);
  return {
    class: error.class,
    operation,
    reason: code !== undefined && !error.message.includes(code) ? `${error.message} (${code})` : error.message,
    ...(mend === undefined ? {} : { remedy: mend }),
  };
}

/** What helps, for the classes where it is the same whatever the provider. */
const REMEDIES: Partial<Readonly<Record<GapDetail["class"], (permission: string, where: string) => string>>> = {
  denied: (permission, where) =>
    `an administrator of ${where} can grant ${permission} to the identity that Rollcall runs as`,
  auth: (_permission, where) =>
    `renew the credentials that Rollcall uses for ${where}; rollcall doctor tells which they are`,
  throttled: () => "scan again when the provider is less busy, or lower the share in the configuration",
  timeout: (_permission, where) => `check the road from here to ${where} (rollcall doctor), then scan again`,
  network: (_permission, where) => `check the road from here to ${where} (rollcall doctor), then scan again`,
};

/**
 * A collection that threw what is not a {@link ProviderError} has a bug. Its message may quote an answer (a JSON
 * parser quotes what it could not parse), so only the error's name and place are kept.
 */
export function gapOfBug(error: unknown): GapDetail {
  const name = error instanceof Error ? error.name : typeof error;
  const frame = error instanceof Error ? /^\s+at .*?([^/\\(]+:\d+):\d+\)?$/m.exec(error.stack ?? "")?.[1] : undefined;
  return {
    class: "protocol",
    reason: `the scanner failed unexpectedly: ${name}${frame === undefined ? "" : ` at ${frame}`}`,
    remedy: "this is a bug of the scanner: report it with the output of rollcall scan --debug",
  };
}
