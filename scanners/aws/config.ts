import * as z from "zod/mini";
import { _default as withDefault } from "zod/mini";
import type { StandardResult, StandardSchema } from "rollcall/sdk";
import { PARTITIONS } from "./endpoints.ts";
import { findInlineKeys } from "./inline-keys.ts";

/** YAML reads an unquoted account number as a number, and drops its leading zeros. */
const account = z.pipe(
  z.union([z.string(), z.number()], "must be an account id of 12 digits"),
  z.pipe(
    z.transform((value: string | number) => (typeof value === "number" ? String(value).padStart(12, "0") : value)),
    z.string().check(z.regex(/^\d{12}$/, "must be an account id of 12 digits")),
  ),
);
const text = z.string("must be text").check(z.minLength(1, "must not be empty"));
const region = z
  .string("must be text")
  .check(z.regex(/^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/, "must be a region such as eu-central-1"));
const oneOrMany = z.pipe(
  z.union([text, z.array(text)], "must be text or a list of texts"),
  z.transform((value: string | string[]): readonly string[] => (typeof value === "string" ? [value] : value)),
);
const patterns = withDefault(z.array(text), []);
const tagPatterns = z.record(z.string(), oneOrMany);

/** Paths, tags and names under which machines are kept almost everywhere. A configuration replaces each list as a whole. */
const MACHINE_PATHS = [
  "/service/*",
  "/services/*",
  "/service-accounts/*",
  "/svc/*",
  "/machine/*",
  "/machines/*",
  "/system/*",
  "/bot/*",
  "/bots/*",
  "/robot/*",
  "/robots/*",
];
const MACHINE_TAGS = {
  type: ["service", "machine", "bot", "robot", "service-account"],
  "identity-type": ["service", "machine", "workload"],
};
const MACHINE_NAMES = ["svc-*", "svc_*", "*-svc", "bot-*", "*-bot", "service-*", "sa-*"];
const HUMAN_PATHS = ["/people/*", "/humans/*", "/employees/*", "/staff/*"];
const HUMAN_TAGS = { type: ["human", "person", "employee"], "identity-type": ["human", "person"] };

const machine = z.strictObject({
  paths: withDefault(z.array(text), MACHINE_PATHS),
  tags: withDefault(tagPatterns, MACHINE_TAGS),
  names: withDefault(z.array(text), MACHINE_NAMES),
});
const human = z.strictObject({
  paths: withDefault(z.array(text), HUMAN_PATHS),
  tags: withDefault(tagPatterns, HUMAN_TAGS),
  names: patterns,
});

const schema = z.strictObject({
  /** A profile of `~/.aws/config`; left out: AWS's own order (environment, SSO, container, instance). */
  profile: z.optional(text),
  /** The region that STS is asked in, and Roles Anywhere unless `regions` names others. */
  region: z.optional(region),
  /** `aws`, `aws-cn`, `aws-us-gov`, …; follows from the region if left out. */
  partition: z.optional(
    z.enum(
      PARTITIONS.map(({ id }) => id),
      `must be one of ${PARTITIONS.map(({ id }) => id).join(", ")}`,
    ),
  ),
  /** One address for every service: an emulator, or a gateway of your own. `AWS_ENDPOINT_URL…` is honoured as well. */
  endpoint: z.optional(
    z
      .string("must be an address")
      .check(z.refine(isEndpoint, "must be an https:// address, or http:// on this machine")),
  ),
  /** The account that the credentials must belong to; a scan with any other is refused. */
  account: z.optional(account),
  /** Read every account of the organization by assuming this role in each. Left out: the credentials' own account. */
  organization: z.optional(
    z.strictObject({
      role: withDefault(
        z
          .string("must be a role's name")
          .check(z.regex(/^[\w+=,.@/-]{1,512}$/, "must be a role's name, with its path if it has one")),
        "RollcallAudit",
      ),
      externalId: z.optional(
        z
          .string("must be text")
          .check(z.regex(/^[\w+=,.@:/-]{2,1224}$/, "must be 2 to 1,224 letters, digits and +=,.@:/-")),
      ),
      /** Where the organization is listed from, if the credentials belong to another account. */
      managementAccount: z.optional(account),
    }),
  ),
  accounts: withDefault(
    z.strictObject({
      /** Only these. */
      include: z.optional(z.array(account)),
      exclude: withDefault(z.array(account), []),
      /** Further accounts of ours, so that trust in them is not taken for trust in strangers. */
      own: z.optional(z.array(account)),
    }),
    { exclude: [] },
  ),
  /** Regions whose Roles Anywhere is read. */
  regions: withDefault(z.array(region), []),
  /** Accounts of others that we have a contract with. */
  partners: withDefault(z.array(z.strictObject({ account, name: text })), []),
  /** What production means: account ids, tags (of accounts and of identities), account names. `*` stands for anything. */
  production: withDefault(
    z.strictObject({
      accounts: withDefault(z.array(account), []),
      tags: withDefault(tagPatterns, {}),
      names: patterns,
    }),
    { accounts: [], tags: {}, names: [] },
  ),
  /** How machines and people are told apart, where the credentials alone do not say it. */
  natures: withDefault(z.strictObject({ machine: z.prefault(machine, {}), human: z.prefault(human, {}) }), {
    machine: { paths: MACHINE_PATHS, tags: MACHINE_TAGS, names: MACHINE_NAMES },
    human: { paths: HUMAN_PATHS, tags: HUMAN_TAGS, names: [] },
  }),
  /** Tags that name an owner; case does not count. */
  owners: withDefault(z.strictObject({ tags: z.array(text) }), {
    tags: ["owner", "owners", "team", "squad", "contact", "maintainer"],
  }),
});

/** The configuration of one AWS source; every key is explained beside its schema. */
export type AwsConfig = z.infer<typeof schema>;

/**
 * The schema, behind a first look for keys and secrets that must not be in a file at all. `shape` is what a
 * "did you mean" reads.
 */
export const awsConfig: StandardSchema<AwsConfig> & { readonly shape: typeof schema.shape } = {
  shape: schema.shape,
  "~standard": {
    version: 1,
    vendor: "rollcall",
    validate(value): StandardResult<AwsConfig> | Promise<StandardResult<AwsConfig>> {
      const inline = findInlineKeys(value);
      if (inline.length > 0) return { issues: inline };
      const result = schema.safeParse(value ?? {});
      return result.success ? { value: result.data } : { issues: result.error.issues };
    },
  },
};

/** A configuration with only what differs from the defaults, for tests and for programs that embed the scanner. */
export function awsConfigFrom(value: unknown): AwsConfig {
  return schema.parse(value);
}

function isEndpoint(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return false;
  return (
    url.protocol === "https:" ||
    (url.protocol === "http:" && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname))
  );
}
