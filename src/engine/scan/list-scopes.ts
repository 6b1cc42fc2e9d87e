import { FACTS } from "../../model/index.ts";
import type { Coverage, NhiRecord } from "../../model/index.ts";
import { isProviderError, isUserError } from "../../sdk/index.ts";
import type { Scope } from "../../sdk/index.ts";
import type { Gateway } from "../../transport/index.ts";
import type { Source } from "../contract.ts";
import { gapOfBug, gapOfProviderError, GapList } from "../gaps.ts";
import { declaredOperations } from "../gateway.ts";
import { SCOPES } from "../order.ts";
import { RunStopped } from "./context.ts";
import type { RunContext } from "./context.ts";

/**
 * Opens the session and lists the scopes, as a collection of its own: it has coverage, its records are committed, and
 * only its completeness lets a scope go missing.
 */
export async function listScopes(
  source: Source,
  root: Scope,
  gateway: Gateway,
  context: RunContext,
): Promise<{ readonly session: unknown; readonly listed: readonly Scope[]; readonly coverage: Coverage }> {
  const { scanner } = source;
  const startedAt = context.options.now();
  const writer = context.store(() =>
    context.run.openCollection({
      scanner: scanner.id,
      scope: root.urn,
      collection: SCOPES,
      precedence: 0,
      facts: SCOPE_FACTS,
      authoritative: {},
      optIn: false,
      startedAt: context.now,
      checkpointMaxAge: 0,
    }),
  );
  // A session outlives this listing and serves every collection, so what it sends below an SDK may be any of them.
  const door = gateway.door(SCOPES, declaredOperations(scanner), context.signal);
  const gaps = new GapList();
  const listed = new Map<string, Scope>();
  const records: NhiRecord[] = [];
  let session: unknown;
  try {
    session = await context.untilStopped(scanner.open(source.config, { door, signal: context.signal }));
    await context.untilStopped(list());
  } catch (error) {
    context.throwIfStopped();
    if (error instanceof RunStopped) throw error;
    if (isProviderError(error)) gaps.add(gapOfProviderError(error, undefined, root.title));
    else {
      gaps.add(
        isUserError(error)
          ? { class: "auth", reason: error.message, ...(error.next === undefined ? {} : { remedy: error.next }) }
          : gapOfBug(error),
      );
      context.noteUnexpected(error, `listing the scopes of ${scanner.id}`);
    }
  }

  async function list(): Promise<void> {
    for await (const found of scanner.scopes(session, { door, signal: context.signal, now: context.now })) {
      context.throwIfStopped();
      if ("type" in found) {
        const { type: _type, ...detail } = found;
        gaps.add(detail);
        continue;
      }
      if (listed.has(found.urn)) continue;
      listed.set(found.urn, found);
      if (found.record !== undefined) records.push(found.record);
      context.options.onEvent({ type: "scope-found", scanner: scanner.id, scope: found });
    }
  }

  if (writer.state !== "done" && records.length > 0) context.store(() => writer.commit(records));
  const stats = gateway.stats(SCOPES);
  const books: Omit<Coverage, "scanner" | "scope" | "collection"> = {
    status: gaps.size === 0 ? "complete" : "partial",
    gaps: gaps.toArray(),
    asOf: context.now,
    startedAt,
    finishedAt: context.options.now(),
    pages: stats.calls,
    items: listed.size,
    requests: stats.requests,
    retries: stats.retries,
    throttled: stats.throttled,
    bytes: stats.bytes,
  };
  if (writer.state !== "done") context.store(() => writer.finish(books));
  return {
    session,
    listed: [...listed.values()],
    coverage: { scanner: scanner.id, scope: root.urn, collection: SCOPES, ...books },
  };
}

const SCOPE_FACTS = ["scope", ...Object.keys(FACTS.scope).map((fact) => `scope.${fact}`), "scope.tags"];
