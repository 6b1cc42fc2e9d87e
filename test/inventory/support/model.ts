import type { Instant, NhiRecord, UsageObservation } from "../../../src/model/index.ts";
import { HOUR, unknown, urn } from "../../../src/model/index.ts";

/** Ids that are easily confused; every pair of them is two identities. */
const IDS = [
  "a",
  "A",
  "é",
  "e\u0301",
  "a/b",
  "a%2Fb",
  "\uD800",
  "\uDFFF",
  "__proto__",
  "..",
  "a b",
  "a+b",
  "a:b",
  "shared",
] as const;
export const ID_COUNT = IDS.length;

const PATHS = ["/good/", "/bad/", "/other/", null, unknown("not told"), undefined] as const;
const ENABLED = [true, false, undefined, unknown("denied")] as const;

export const SCOPES = ["nhi:aws/aws/account/1", "nhi:aws/aws/account/2"] as const;
export const ROOT = "nhi:aws/aws/organization/o";

/** One collection of one run: which ids it shows, and in which variant of their facts. */
export interface ModelLook {
  readonly scope: 0 | 1;
  /** 0 decides what exists; 1 only adds facts and use. */
  readonly collection: 0 | 1;
  readonly status: "complete" | "partial";
  /** Bit per id. */
  readonly ids: number;
  readonly variant: number;
  readonly usedAt: number;
}

export interface ModelRun {
  readonly looks: readonly ModelLook[];
  readonly listed: readonly (0 | 1)[];
  readonly listedCompletely: boolean;
  readonly acceptMassChange: boolean;
}

export type History = readonly ModelRun[];

function identityUrn(scope: number, id: number): string {
  const shared = IDS[id] === "shared";
  return urn({ provider: "aws", namespace: shared ? "aws" : `aws:${scope}`, kind: "user", nativeId: IDS[id] ?? "" });
}

/** What a look yields, in the provider's order. */
export function recordsOf(look: ModelLook, now: Instant): readonly (NhiRecord | UsageObservation)[] {
  return IDS.flatMap((name, id): readonly (NhiRecord | UsageObservation)[] => {
    if (((look.ids >> id) & 1) === 0) return [];
    const path = PATHS[(id + look.variant) % PATHS.length];
    const enabled = ENABLED[(id * 3 + look.variant + look.collection) % ENABLED.length];
    const subject = identityUrn(look.scope, id);
    const record: NhiRecord = {
      type: "identity",
      urn: subject,
      kind: "user",
      ...(look.collection === 0
        ? { name, aliases: [`alias of ${name}`], tags: { variant: String(look.variant) } }
        : {}),
      ...(path === undefined ? {} : { path }),
      ...(enabled === undefined ? {} : { enabled }),
    };
    if (look.collection === 0) return [record];
    const observation: UsageObservation = {
      type: "usage",
      subject,
      source: "report",
      lastUsedAt: look.usedAt === 0 ? null : now - look.usedAt * HOUR,
      observedFrom: null,
      observedThrough: now,
    };
    return [record, observation];
  });
}

interface Told {
  facts: { readonly path?: unknown; readonly enabled?: unknown };
  presence: 0 | 1 | 2 | 3;
  stale: boolean;
  readonly authority: boolean;
  readonly order: string;
  readonly scope: string;
}

export interface ExpectedIdentity {
  readonly urn: string;
  readonly scope: string;
  readonly presence: string;
  readonly path: string | null;
  readonly path_known: 0 | 1;
  readonly enabled: 0 | 1 | null;
  readonly enabled_known: 0 | 1;
}

const NAMES = ["present", "missing", "suspected", "withdrawn"];

/** The inventory as it should be, worked out in the plainest way: everything in maps, nothing kept but the present. */
export class Model {
  readonly #records = new Map<string, Map<string, Told>>();
  readonly #usage = new Map<string, { last: number | null; through: number }>();
  readonly #absent = new Map<string, 1 | 2 | 3>();

  apply(run: ModelRun, now: Instant): void {
    for (const look of run.looks) this.#look(look, run.acceptMassChange, now);
    if (run.listedCompletely) this.#list(run);
  }

  #look(look: ModelLook, accept: boolean, now: Instant): void {
    const source = `${look.collection} ${SCOPES[look.scope]}`;
    const seen = new Set<string>();
    for (const record of recordsOf(look, now)) {
      if (record.type === "usage") {
        this.#use(record);
        continue;
      }
      seen.add(record.urn);
      const told = this.#records.get(record.urn) ?? new Map<string, Told>();
      this.#records.set(record.urn, told);
      const { path, enabled } = record as { path?: unknown; enabled?: unknown };
      told.set(source, {
        facts: { path, enabled },
        presence: 0,
        stale: false,
        authority: look.collection === 0,
        order: source,
        scope: SCOPES[look.scope],
      });
    }
    const mine = [...this.#records].flatMap(([key, told]) => {
      const contribution = told.get(source);
      return contribution === undefined ? [] : [{ key, told, contribution }];
    });
    const unseen = mine.filter(({ key }) => !seen.has(key));
    if (look.status === "partial") {
      for (const { contribution } of unseen) if (contribution.presence !== 3) contribution.stale = true;
      return;
    }
    const live = mine.filter(({ contribution }) => contribution.authority && contribution.presence !== 3).length;
    const vanished = unseen.filter(({ contribution }) => contribution.authority && contribution.presence === 0).length;
    const hold = !accept && vanished > 10 && vanished > live * 0.2;
    for (const { told, contribution } of unseen) {
      if (contribution.presence === 3) continue;
      if (contribution.authority) miss(contribution, hold);
      else if (told.size > 1) told.delete(source);
      else Object.assign(contribution, { presence: 3, stale: false });
    }
  }

  #use({ subject, lastUsedAt, observedThrough }: UsageObservation): void {
    const before = this.#usage.get(subject);
    const last = lastUsedAt === null ? (before?.last ?? null) : Math.max(lastUsedAt, before?.last ?? 0);
    this.#usage.set(subject, { last, through: Math.max(observedThrough, before?.through ?? 0) });
  }

  #list(run: ModelRun): void {
    const known = new Set([...this.#records.values()].flatMap((told) => [...told.values()].map(({ scope }) => scope)));
    for (const index of run.listed) this.#absent.delete(SCOPES[index]);
    for (const scope of known) {
      if (run.listed.some((index) => SCOPES[index] === scope)) continue;
      const before = this.#absent.get(scope);
      if (before === 3) continue;
      this.#absent.set(scope, before === undefined ? 1 : 3);
      for (const told of this.#records.values()) {
        for (const contribution of told.values())
          if (contribution.scope === scope && contribution.presence !== 3) miss(contribution, false);
      }
    }
  }

  /** Every record that was ever seen. */
  identities(): readonly ExpectedIdentity[] {
    return [...this.#records]
      .map(([key, all]): ExpectedIdentity => {
        const told = [...all.values()].sort((left, right) => (left.order < right.order ? -1 : 1));
        const authorities = told.filter(({ authority }) => authority);
        const presence = Math.min(
          ...(authorities.length > 0 ? authorities : told).map((contribution) => contribution.presence),
        );
        const voices = presence === 3 ? told : told.filter((contribution) => contribution.presence !== 3);
        const path = winner(voices, "path");
        const enabled = winner(voices, "enabled");
        return {
          urn: key,
          scope: (voices.find(({ authority }) => authority) ?? voices[0])?.scope ?? "",
          presence: NAMES[presence] ?? "",
          path: path.value as string | null,
          path_known: path.known,
          enabled: enabled.value === null ? null : enabled.value === true ? 1 : 0,
          enabled_known: enabled.known,
        };
      })
      .sort((left, right) => (left.urn < right.urn ? -1 : 1));
  }

  usage(): readonly {
    readonly subject: string;
    readonly last_used_at: number | null;
    readonly observed_through: number;
  }[] {
    return [...this.#usage]
      .map(([subject, { last, through }]) => ({ subject, last_used_at: last, observed_through: through }))
      .sort((left, right) => (left.subject < right.subject ? -1 : 1));
  }
}

function miss(contribution: Told, hold: boolean): void {
  contribution.presence = contribution.presence === 0 ? (hold ? 2 : 1) : 3;
  contribution.stale = false;
}

/** Whoever could look comes before whoever could not look again. */
function winner(voices: readonly Told[], fact: "path" | "enabled"): { readonly value: unknown; readonly known: 0 | 1 } {
  const saying = voices.filter(({ facts }) => {
    const value = facts[fact];
    return value !== undefined && !(typeof value === "object" && value !== null);
  });
  const fresh = saying.find(({ stale }) => !stale);
  const voice = fresh ?? saying[0];
  return voice === undefined
    ? { value: null, known: 0 }
    : { value: voice.facts[fact], known: fresh === undefined ? 0 : 1 };
}
