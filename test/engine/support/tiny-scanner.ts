import { z } from "zod";
import { checkpoint, defineScanner, gap, isProviderError, urn, walkPages } from "rollcall/sdk";
import type {
  CallRange,
  CollectContext,
  Collection,
  Door,
  GuardedResponse,
  PageCursor,
  Scope,
  WalkedPage,
} from "rollcall/sdk";
import { tinyOperation } from "./tiny-server.ts";

interface TinyConfig {
  readonly url: string;
  readonly skip: readonly string[];
}

interface TinySession {
  readonly url: string;
  readonly skip: readonly string[];
  readonly door: Door;
}

const pageOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item), next: z.string().nullable() });
const ROBOTS = pageOf(
  z.object({
    id: z.string(),
    name: z.string(),
    createdAt: z.number(),
    enabled: z.boolean(),
    team: z.string().optional(),
  }),
);
const KEYS = pageOf(z.object({ id: z.string(), robot: z.string(), createdAt: z.number() }));
const ROLES = pageOf(z.object({ id: z.string(), document: z.unknown(), robots: z.array(z.string()) }));
const NOTES = pageOf(z.object({ robot: z.string(), text: z.string() }));
const ACCOUNTS = pageOf(z.object({ id: z.string(), name: z.string() }));
const USES = z.object({ keys: z.record(z.string(), z.number().nullable()) });

const docs = ["https://tiny.example/api"];
const root: Scope = {
  urn: urn({ provider: "tiny", namespace: "tiny", kind: "host", nativeId: "tiny" }),
  kind: "host",
  title: "tiny",
  id: "tiny",
};

async function get<Parsed>(
  session: TinySession,
  door: Door,
  operation: string,
  account: string,
  path: string,
  parse: (body: unknown) => Parsed,
): Promise<Parsed> {
  return door.call(
    operation,
    async (attempt) =>
      door.send({
        method: "GET",
        url: `${session.url}${path}`,
        headers: { accept: "application/json" },
        signal: attempt.signal,
      }),
    {
      bucket: `tiny/${account}`,
      parse: (response: GuardedResponse) => parse(JSON.parse(Buffer.from(response.body).toString("utf8"))),
    },
  );
}

function pages<Item>(
  session: TinySession,
  context: Pick<CollectContext, "door" | "cursor"> & { readonly scope?: Scope },
  operation: string,
  path: string,
  schema: z.ZodType<{ items: Item[]; next: string | null }>,
  id: (item: Item) => string,
): AsyncGenerator<WalkedPage<Item>, void, void> {
  return walkPages({
    operation,
    from: context.cursor as PageCursor | undefined,
    id,
    fetch: (token) =>
      get(
        session,
        context.door,
        operation,
        context.scope?.id ?? "",
        `${path}${token === undefined ? "" : `?page=${token}`}`,
        (body) => schema.parse(body),
      ),
  });
}

const idOf = (scope: Scope, kind: string, nativeId: string) =>
  urn({ provider: "tiny", namespace: scope.id, kind, nativeId });
const path = (scope: Scope, rest: string) => `/accounts/${scope.id}/${rest}`;
const perPage = (count: number | undefined, what: string): CallRange =>
  count === undefined
    ? { min: 1, max: 40, basis: `no ${what} known yet` }
    : {
        min: Math.max(1, Math.ceil(count / 3)),
        max: Math.max(1, Math.ceil(count / 3)),
        basis: `${count} ${what} known`,
      };

export const robots: Collection<TinySession> = {
  id: "robots",
  title: "Robots",
  emits: {
    facts: [
      "identity",
      "identity.name",
      "identity.enabled",
      "identity.createdAt",
      "identity.nature",
      "identity.tags",
      "identity.boundary",
    ],
    authoritative: { identity: ["robot"] },
  },
  requires: { operations: ["tiny:ListRobots"], docs },
  cost: (estimate) => perPage(estimate.count("identity/robot"), "robots"),
  async *collect(session, context) {
    for await (const page of pages(
      session,
      context,
      "tiny:ListRobots",
      path(context.scope, "robots"),
      ROBOTS,
      (robot) => robot.id,
    )) {
      for (const robot of page.items) {
        yield {
          type: "identity",
          urn: idOf(context.scope, "robot", robot.id),
          kind: "robot",
          name: robot.name,
          aliases: [`${context.scope.id}/${robot.name}`],
          nature: "machine",
          enabled: robot.enabled,
          createdAt: robot.createdAt,
          boundary: null,
          tags: robot.team === undefined ? {} : { team: robot.team },
        };
      }
      if (page.cursor !== undefined) yield checkpoint(page.cursor);
    }
  },
};

export const keys: Collection<TinySession> = {
  id: "keys",
  title: "Keys",
  after: ["robots"],
  emits: {
    facts: ["credential", "credential.enabled", "credential.createdAt", "credential.expiresAt"],
    authoritative: { credential: ["key"] },
  },
  requires: { operations: ["tiny:ListKeys"], docs },
  cost: (estimate) => perPage(estimate.count("credential/key"), "keys"),
  async *collect(session, context) {
    for await (const page of pages(
      session,
      context,
      "tiny:ListKeys",
      path(context.scope, "keys"),
      KEYS,
      (key) => key.id,
    )) {
      for (const key of page.items) {
        const robot = context.find(`${context.scope.id}/${key.robot}`);
        if (robot === undefined) {
          yield gap({
            class: "dependency",
            operation: "tiny:ListKeys",
            reason: "a key belongs to a robot that was not listed",
          });
          continue;
        }
        yield {
          type: "credential",
          urn: idOf(context.scope, "key", key.id),
          kind: "key",
          identity: robot.urn,
          secrecy: "static-secret",
          enabled: true,
          createdAt: key.createdAt,
          expiresAt: null,
        };
      }
      if (page.cursor !== undefined) yield checkpoint(page.cursor);
    }
  },
};

export const uses: Collection<TinySession> = {
  id: "uses",
  title: "Uses of keys",
  after: ["robots", "keys"],
  emits: { facts: ["usage"], usage: ["key-use"] },
  requires: { operations: ["tiny:GetUse"], docs },
  cost: (estimate) => {
    const count = estimate.count("identity/robot");
    return count === undefined
      ? { min: 0, max: 120, basis: "no robots known yet" }
      : { min: count, max: count, basis: `${count} robots known` };
  },
  async *collect(session, context) {
    const robotIds = [...Array(100).keys()].flatMap(
      (number) => context.find(`${context.scope.id}/robot-${number}`)?.urn.split("/").at(-1) ?? [],
    );
    const read = async (id: string) => {
      try {
        return await get(
          session,
          context.door,
          "tiny:GetUse",
          context.scope.id,
          path(context.scope, `uses/${id}`),
          (body) => USES.parse(body),
        );
      } catch (error) {
        if (isProviderError(error) && error.class === "denied")
          return gap({ class: "denied", operation: "tiny:GetUse", reason: "the use of a robot's keys was refused" });
        throw error;
      }
    };
    for await (const found of context.each(robotIds, read)) {
      if ("type" in found) {
        yield found;
        continue;
      }
      for (const [id, lastUsedAt] of Object.entries(found.keys)) {
        yield {
          type: "usage",
          subject: idOf(context.scope, "key", id),
          source: "key-use",
          lastUsedAt,
          observedFrom: null,
          observedThrough: context.now,
        };
      }
    }
  },
};

export const roles: Collection<TinySession> = {
  id: "roles",
  title: "Roles",
  after: ["robots"],
  emits: {
    facts: ["permission-set", "permission-set.document", "grant"],
    authoritative: { "permission-set": "all", grant: "all" },
  },
  requires: { operations: ["tiny:ListRoles"], docs },
  cost: (estimate) => perPage(estimate.count("permission-set/role"), "roles"),
  async *collect(session, context) {
    for await (const page of pages(
      session,
      context,
      "tiny:ListRoles",
      path(context.scope, "roles"),
      ROLES,
      (role) => role.id,
    )) {
      for (const role of page.items) {
        const set = idOf(context.scope, "role", role.id);
        yield { type: "permission-set", urn: set, kind: "role", name: role.id, document: role.document };
        for (const name of role.robots) {
          const robot = context.find(`${context.scope.id}/${name}`);
          if (robot === undefined) continue;
          yield {
            type: "grant",
            urn: idOf(context.scope, "grant", `${role.id}@${name}`),
            principal: robot.urn,
            permissionSet: set,
            effect: "allow",
            conditions: null,
          };
        }
      }
      if (page.cursor !== undefined) yield checkpoint(page.cursor);
    }
  },
};

export const notes: Collection<TinySession> = {
  id: "notes",
  title: "Notes",
  after: ["robots"],
  optIn: { reason: "one call per three robots, for a text that nobody judges" },
  emits: { facts: ["identity.description"] },
  requires: { operations: ["tiny:ListNotes"], docs },
  cost: (estimate) => perPage(estimate.count("identity/robot"), "robots"),
  async *collect(session, context) {
    for await (const page of pages(
      session,
      context,
      "tiny:ListNotes",
      path(context.scope, "notes"),
      NOTES,
      (note) => note.robot,
    )) {
      for (const note of page.items) {
        const robot = context.find(`${context.scope.id}/${note.robot}`);
        if (robot !== undefined) yield { type: "identity", urn: robot.urn, kind: "robot", description: note.text };
      }
      if (page.cursor !== undefined) yield checkpoint(page.cursor);
    }
  },
};

/** A whole scanner for a provider that fits on a page; tests bend single parts of it. */
export const tinyScanner = defineScanner<TinyConfig, TinySession>({
  apiVersion: 1,
  id: "tiny",
  title: "Tiny",
  config: z.object({ url: z.string(), skip: z.array(z.string()).default([]) }),
  wire: (config) => ({
    identify: (request) => tinyOperation(request.method, new URL(request.url).pathname),
    origins: () => [config.url],
    mediaTypes: ["application/json"],
    classify(response) {
      const code = /"code":"(\w+)"/.exec(Buffer.from(response.body).toString("utf8"))?.[1];
      const kind =
        response.status === 403
          ? "denied"
          : response.status === 429
            ? "throttled"
            : response.status === 404
              ? "not-found"
              : "other";
      return { kind, ...(code === undefined ? {} : { code }) };
    },
  }),
  requires: { operations: ["tiny:WhoAmI", "tiny:ListAccounts"], docs },
  root: () => root,
  async open(config, { door }) {
    const session = { url: config.url, skip: config.skip, door };
    await get(session, door, "tiny:WhoAmI", "", "/whoami", (body) => z.object({ id: z.string() }).parse(body));
    return session;
  },
  async *scopes(session, { door }) {
    for await (const page of pages(
      session,
      { door, cursor: undefined },
      "tiny:ListAccounts",
      "/accounts",
      ACCOUNTS,
      (account) => account.id,
    )) {
      for (const account of page.items) {
        const scopeUrn = urn({ provider: "tiny", namespace: "tiny", kind: "account", nativeId: account.id });
        yield {
          urn: scopeUrn,
          kind: "account",
          title: `${account.name} (${account.id})`,
          id: account.id,
          record: { type: "scope", urn: scopeUrn, kind: "account", name: account.name },
          ...(session.skip.includes(account.id)
            ? { skip: { status: "not-attempted", gap: { class: "opt-in", reason: "left out by configuration" } } }
            : {}),
        };
      }
    }
  },
  collections: [robots, keys, uses, roles, notes],
  policy: (authorizations) => ({
    mediaType: "application/json",
    text: JSON.stringify([...new Set(authorizations.flatMap(({ operations }) => operations))].sort()),
    howTo: "give it to the robot",
  }),
  async *diagnose(config, { door }) {
    await tinyScanner.open(config, { door, signal: new AbortController().signal });
    yield { check: "who", status: "ok", message: "auditor" };
  },
});
