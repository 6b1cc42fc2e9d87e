import type { Door, Urn } from "rollcall/sdk";
import { unknown } from "rollcall/sdk";
import { createAccess } from "./access.ts";
import type { Access, AssumedRole, Caller } from "./access.ts";
import { createApi } from "./api.ts";
import type { Api } from "./api.ts";
import type { CredentialSource, ProviderClock, createClient } from "./client.ts";
import type { AwsConfig } from "./config.ts";
import { configuredEndpoint } from "./endpoints.ts";
import type { Environment } from "./endpoints.ts";
import type { SharedReport } from "./credential-report.ts";
import type { RelationOf } from "./normalize/trust.ts";
import type { Place } from "./normalize/urns.ts";
import { accountUrn } from "./normalize/urns.ts";
import type { ServiceCredentialList } from "./service-credentials.ts";
import { Shelf } from "./shelf.ts";
import type { ReportedUsers } from "./reported-users.ts";
import type { Roster, UserDigest } from "./user-list.ts";

export interface SessionOptions {
  readonly config: AwsConfig;
  readonly environment: Environment;
  readonly region: string;
  readonly door: Door;
  readonly base: CredentialSource;
  readonly client: typeof createClient;
}

/** Accounts known to be ours, and whether that list is all of them. */
export interface Listing {
  readonly accounts: ReadonlySet<string>;
  /** Why another account may be ours although it is not in the list. */
  readonly incomplete: string | undefined;
}

/** How many accounts' shared answers are kept: as many as are scanned at once, and a few. */
const SHELF = 16;

/**
 * What one scan of AWS keeps in memory: who we are, a way into each account, and the few answers that more than one
 * collection of an account needs.
 */
export class AwsSession {
  readonly config: AwsConfig;
  readonly clock: ProviderClock = { date: undefined, skew: undefined };
  readonly #options: SessionOptions;
  readonly #access = new Map<string, Access>();
  readonly #reports = new Shelf<SharedReport>(SHELF);
  readonly #serviceCredentials = new Shelf<ServiceCredentialList>(SHELF);
  readonly #summaries = new Shelf<Readonly<Record<string, number>>>(SHELF);
  readonly #userDigests = new Shelf<UserDigest>(SHELF);
  readonly #detailedUsers = new Shelf<Roster | undefined>(SHELF);
  readonly #reportedUsers = new Shelf<ReportedUsers>(SHELF);
  readonly #usersListed = new Map<string, boolean>();
  #caller: Caller | undefined;
  #listing: Listing | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.config = options.config;
  }

  get environment(): Environment {
    return this.#options.environment;
  }

  get region(): string {
    return this.#options.region;
  }

  /**
   * Up to when an answer of now has looked: no later than the scan's beginning, nor than AWS's own clock, whichever of
   * the two clocks is wrong.
   */
  lookedUntil(now: number): number {
    return Math.min(now, this.clock.date ?? now);
  }

  get caller(): Caller {
    if (this.#caller === undefined) throw new Error("the session was not opened");
    return this.#caller;
  }

  identify(caller: Caller): void {
    this.#caller = caller;
  }

  place(account: string): Place {
    return { partition: this.caller.partition, account };
  }

  /** The calls of one account, through the given door. Signs in there at the first of them. */
  api(account: string, door: Door): Api {
    return createApi({ account, door, access: this.access(account) });
  }

  /** The calls made with the credentials that the configuration names, whoever they belong to. */
  baseApi(door: Door): Api {
    const credentials = this.#options.base;
    return createApi({
      account: this.#caller?.account ?? "caller",
      door,
      access: { ready: async () => undefined, client: this.#client(credentials), role: undefined },
    });
  }

  access(account: string): Access {
    const known = this.#access.get(account);
    if (known !== undefined) return known;
    const made =
      account === this.caller.account
        ? { ready: async () => undefined, client: this.#client(this.#options.base), role: undefined }
        : createAccess({
            role: this.roleIn(account),
            caller: this.caller,
            sts: createApi({
              account: this.caller.account,
              door: this.#options.door,
              access: { ready: async () => undefined, client: this.#client(this.#options.base), role: undefined },
            }),
            door: this.#options.door,
            client: (credentials) => this.#client(credentials),
          });
    this.#access.set(account, made);
    return made;
  }

  /** The role that is assumed in another account. */
  roleIn(account: string): AssumedRole {
    const organization = this.config.organization;
    const role = (organization?.role ?? "RollcallAudit").replace(/^\//, "");
    return {
      account,
      arn: `arn:${this.caller.partition}:iam::${account}:role/${role}`,
      externalId: organization?.externalId,
    };
  }

  /** What the organization's listing said; trust is judged against it. */
  list(listing: Listing): void {
    this.#listing = listing;
  }

  /** Whose another account is, seen from this one. */
  relationOf(account: string): RelationOf {
    const partners = new Set(this.config.partners.map((partner) => partner.account));
    const own = new Set([...(this.config.accounts.own ?? []), this.caller.account]);
    return (other) => {
      if (other === account) return "same-scope";
      if (own.has(other) || this.#listing?.accounts.has(other) === true) return "own";
      if (partners.has(other)) return "partner";
      const incomplete = this.#listing?.incomplete;
      return incomplete === undefined ? "outside" : unknown(incomplete);
    };
  }

  scopeUrn(account: string): Urn {
    return accountUrn(this.caller.partition, account);
  }

  /** The account's credential report, asked for once and shared by the collections that read it. */
  report(account: string, fetch: () => Promise<SharedReport>): Promise<SharedReport> {
    return this.#reports.get(account, fetch);
  }

  serviceCredentials(account: string, fetch: () => Promise<ServiceCredentialList>): Promise<ServiceCredentialList> {
    return this.#serviceCredentials.get(account, fetch);
  }

  /** IAM's own counters of the account. */
  summary(
    account: string,
    fetch: () => Promise<Readonly<Record<string, number>>>,
  ): Promise<Readonly<Record<string, number>>> {
    return this.#summaries.get(account, fetch);
  }

  /** What of the list of users other collections need. */
  userDigest(account: string, fetch: () => Promise<UserDigest>): Promise<UserDigest> {
    return this.#userDigests.get(account, fetch);
  }

  noteUserDigest(account: string, digest: Promise<UserDigest>): void {
    this.#userDigests.put(account, digest);
  }

  /** The users that the bulk call of this run named; `undefined`: it has not, or not from its beginning. */
  detailedUsers(account: string): Promise<Roster | undefined> {
    return this.#detailedUsers.get(account, async () => undefined);
  }

  noteDetailedUsers(account: string, roster: Roster): void {
    this.#detailedUsers.put(account, Promise.resolve(roster));
  }

  /** The report held against the listings, worked out once. */
  reportedUsers(account: string, compare: () => Promise<ReportedUsers>): Promise<ReportedUsers> {
    return this.#reportedUsers.get(account, compare);
  }

  /** Whether a collection of this run has listed all users of the account; `undefined`: none has tried. */
  usersListed(account: string): boolean | undefined {
    return this.#usersListed.get(account);
  }

  noteUsersListed(account: string, complete: boolean): void {
    this.#usersListed.set(account, complete || this.#usersListed.get(account) === true);
  }

  #client(credentials: CredentialSource) {
    const { region, door, environment, config } = this.#options;
    return this.#options.client({
      region,
      credentials,
      door,
      clock: this.clock,
      endpointOf: (service) => configuredEndpoint(service, config.endpoint, environment),
    });
  }
}
