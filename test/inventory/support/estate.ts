import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportCanonical } from "../../../src/inventory/index.ts";
import type {
  CollectionPlan,
  CollectionSummary,
  Inventory,
  RunPlan,
  RunSummary,
  RunWriter,
} from "../../../src/inventory/index.ts";
import { openInventoryWith } from "../../../src/inventory/inventory.ts";
import type { InternalOptions } from "../../../src/inventory/inventory.ts";
import type {
  Coverage,
  CoverageStatus,
  GapDetail,
  Instant,
  NhiRecord,
  UsageObservation,
} from "../../../src/model/index.ts";
import { HOUR } from "../../../src/model/index.ts";

export const ACCOUNT = "nhi:aws/aws/account/111122223333";
export const OTHER_ACCOUNT = "nhi:aws/aws/account/444455556666";
export const START: Instant = Date.UTC(2026, 0, 1);

/** One collection of a scan, as a test states it. */
export interface Look {
  readonly collection?: string;
  readonly scope?: string;
  readonly precedence?: number;
  readonly facts?: readonly string[];
  readonly authoritative?: CollectionPlan["authoritative"];
  readonly optIn?: boolean;
  readonly records?: readonly (NhiRecord | UsageObservation)[];
  readonly status?: CoverageStatus;
  readonly gaps?: readonly GapDetail[];
  readonly confirm?: boolean;
  /** When a report that the provider keeps was written. */
  readonly reportedAt?: Instant;
}

export interface ScanOptions {
  readonly scanner?: string;
  readonly planHash?: string;
  readonly acceptMassChange?: boolean;
  readonly scopes?: { readonly listed: readonly string[]; readonly complete: boolean };
  /** What happens between the collections and the end. */
  readonly before?: (run: RunWriter) => void;
}

/** Files in memory where there are any: waiting for a disk tests nothing here. */
const FOLDER = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

export interface Scanned {
  readonly run: RunSummary;
  readonly at: Instant;
  readonly collections: readonly CollectionSummary[];
}

/** A temporary inventory with a clock that moves an hour with every scan. */
export class Estate implements Disposable {
  readonly directory: string;
  readonly path: string;
  now: Instant = START;
  #inventory: Inventory | undefined;
  readonly #internal: InternalOptions;

  constructor(internal: InternalOptions = {}) {
    this.directory = mkdtempSync(join(FOLDER, "rollcall-inventory-"));
    this.path = join(this.directory, "rollcall.db");
    this.#internal = internal;
  }

  get inventory(): Inventory {
    return (this.#inventory ??= openInventoryWith(
      { path: this.path, mode: "write", now: () => this.now },
      this.#internal,
    ));
  }

  /** What happens when the process ends: the next use opens the file again. */
  close(): void {
    this.#inventory?.close();
    this.#inventory = undefined;
  }

  at(asOf: Instant): Inventory {
    return openInventoryWith({ path: this.path, mode: "read", asOf, now: () => this.now }, this.#internal);
  }

  plan(options: ScanOptions = {}): RunPlan {
    return {
      planHash: options.planHash ?? "plan",
      scanners: [options.scanner ?? "aws"],
      startedAt: this.now,
      version: "1.0.0",
      acceptMassChange: options.acceptMassChange ?? false,
      resumeWithin: 24 * HOUR,
    };
  }

  start(options: ScanOptions = {}): RunWriter {
    return this.inventory.writer().startRun(this.plan(options));
  }

  scan(looks: readonly Look[], options: ScanOptions = {}): Scanned {
    this.now += HOUR;
    const run = this.start(options);
    const collections = looks.map((look) => {
      const writer = run.openCollection(collectionPlan(look, options.scanner));
      if (look.confirm === true) writer.confirmAll();
      writer.commit(look.records ?? []);
      return writer.finish(books(this.now, look));
    });
    if (options.scopes !== undefined)
      run.finishScopes(options.scanner ?? "aws", options.scopes.listed, options.scopes.complete);
    options.before?.(run);
    this.inventory.writer().refreshDerived();
    const summary = run.finish({ status: "finished", exitCode: 0, finishedAt: this.now });
    return { run: summary, at: this.now, collections };
  }

  select(sql: string): readonly Readonly<Record<string, unknown>>[] {
    return this.inventory.reader.select(sql);
  }

  canonical(): string {
    return [...exportCanonical(this.inventory)].join("\n");
  }

  [Symbol.dispose](): void {
    this.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function collectionPlan(look: Look, scanner = "aws"): CollectionPlan {
  return {
    scanner,
    scope: look.scope ?? ACCOUNT,
    collection: look.collection ?? "authorization-details",
    precedence: look.precedence ?? 0,
    facts: look.facts ?? ["identity", "identity.name"],
    authoritative: look.authoritative ?? {
      identity: "all",
      credential: "all",
      group: "all",
      membership: "all",
      "permission-set": "all",
      grant: "all",
      trust: "all",
      anchor: "all",
      owner: "all",
    },
    optIn: look.optIn ?? false,
    startedAt: START,
    checkpointMaxAge: HOUR,
  };
}

export function books(now: Instant, look: Look = {}): Omit<Coverage, "scanner" | "scope" | "collection"> {
  return {
    status: look.status ?? "complete",
    gaps: look.gaps ?? [],
    asOf: look.reportedAt ?? now,
    ...(look.reportedAt === undefined ? {} : { asOfNote: "a cached report" }),
    startedAt: now,
    finishedAt: now,
    pages: 1,
    items: look.records?.length ?? 0,
    requests: 1,
    retries: 0,
    throttled: 0,
    bytes: 100,
  };
}

export function user(id: string, facts: Partial<Extract<NhiRecord, { type: "identity" }>> = {}): NhiRecord {
  return { type: "identity", urn: `nhi:aws/aws:111122223333/user/${id}`, kind: "user", name: id, ...facts };
}

export function key(
  id: string,
  owner: string,
  facts: Partial<Extract<NhiRecord, { type: "credential" }>> = {},
): NhiRecord {
  return {
    type: "credential",
    urn: `nhi:aws/aws:111122223333/access-key/${id}`,
    kind: "access-key",
    identity: `nhi:aws/aws:111122223333/user/${owner}`,
    secrecy: "static-secret",
    ...facts,
  };
}

export function users(count: number, from = 0): NhiRecord[] {
  return Array.from({ length: count }, (_, index) => user(`u${String(index + from).padStart(4, "0")}`));
}
