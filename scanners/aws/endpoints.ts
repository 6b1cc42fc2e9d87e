/**
 * Where AWS's services live. IAM and Organizations are global per partition, STS and Roles Anywhere are regional. A
 * configured endpoint (an emulator, a private gateway) replaces the host, per service or for all of them.
 *
 * The table is held to the SDK's own endpoint rules by a test.
 */
export type Service = "iam" | "sts" | "organizations" | "rolesanywhere";

export interface Partition {
  readonly id: string;
  /** Begins of region names. */
  readonly regions: readonly string[];
  readonly home: string;
  readonly suffix: string;
  readonly iam: string;
  readonly organizations: { readonly host: string; readonly region: string };
}

function partition(
  id: string,
  regions: readonly string[],
  home: string,
  suffix: string,
  overrides: Partial<Partition> = {},
): Partition {
  return {
    id,
    regions,
    home,
    suffix,
    iam: `iam.${home}.${suffix}`,
    organizations: { host: `organizations.${home}.${suffix}`, region: home },
    ...overrides,
  };
}

export const PARTITIONS: readonly Partition[] = [
  partition("aws-cn", ["cn-"], "cn-north-1", "amazonaws.com.cn", {
    organizations: { host: "organizations.cn-northwest-1.amazonaws.com.cn", region: "cn-northwest-1" },
  }),
  partition("aws-us-gov", ["us-gov-"], "us-gov-west-1", "amazonaws.com", { iam: "iam.us-gov.amazonaws.com" }),
  partition("aws-iso", ["us-iso-"], "us-iso-east-1", "c2s.ic.gov"),
  partition("aws-iso-b", ["us-isob-"], "us-isob-east-1", "sc2s.sgov.gov"),
  partition("aws-iso-e", ["eu-isoe-"], "eu-isoe-west-1", "cloud.adc-e.uk"),
  partition("aws-iso-f", ["us-isof-"], "us-isof-south-1", "csp.hci.ic.gov"),
  partition("aws-eusc", ["eusc-"], "eusc-de-east-1", "amazonaws.eu"),
  partition("aws", [""], "us-east-1", "amazonaws.com", { iam: "iam.amazonaws.com" }),
];

export function partitionOf(id: string): Partition | undefined {
  return PARTITIONS.find((candidate) => candidate.id === id);
}

/** The partition that a region belongs to. */
export function partitionOfRegion(region: string): Partition {
  return (
    PARTITIONS.find((candidate) => candidate.regions.some((start) => region.startsWith(start))) ??
    (PARTITIONS.at(-1) as Partition)
  );
}

export type Environment = Readonly<Record<string, string | undefined>>;

const VARIABLES: Readonly<Record<Service, string>> = {
  iam: "AWS_ENDPOINT_URL_IAM",
  sts: "AWS_ENDPOINT_URL_STS",
  organizations: "AWS_ENDPOINT_URL_ORGANIZATIONS",
  rolesanywhere: "AWS_ENDPOINT_URL_ROLESANYWHERE",
};

/**
 * The endpoint that somebody configured for a service: the configuration's, then the service's variable, then
 * `AWS_ENDPOINT_URL`, as AWS's own tools read them
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).
 */
export function configuredEndpoint(
  service: Service,
  configured: string | undefined,
  environment: Environment,
): string | undefined {
  if (configured !== undefined) return configured;
  if (environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.toLowerCase() === "true") return undefined;
  return present(environment[VARIABLES[service]]) ?? present(environment["AWS_ENDPOINT_URL"]);
}

/** AWS's own endpoint of a service for a region. */
export function standardEndpoint(service: Service, region: string): string {
  const place = partitionOfRegion(region);
  switch (service) {
    case "iam":
      return `https://${place.iam}`;
    case "organizations":
      return `https://${place.organizations.host}`;
    case "sts":
    case "rolesanywhere":
    default:
      return `https://${service}.${region}.${place.suffix}`;
  }
}

/** The region that a service's requests are signed for. */
export function signingRegion(service: Service, region: string): string {
  const place = partitionOfRegion(region);
  switch (service) {
    case "iam":
      return place.home;
    case "organizations":
      return place.organizations.region;
    case "sts":
    case "rolesanywhere":
    default:
      return region;
  }
}

function present(text: string | undefined): string | undefined {
  return text === undefined || text === "" ? undefined : text;
}
