import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a folder remembers of its estate, so that a later demonstration in it shows the same company. */
export interface Remembered {
  readonly seed: number;
  /** The estate's present when it was made: everything in it is dated from there. */
  readonly now: number;
  readonly port: number;
}

export interface Surroundings {
  readonly endpoint: string;
  readonly account: string;
  readonly role: string;
  readonly externalId: string | null;
  readonly partner: string;
  readonly production: readonly string[];
  readonly regions: readonly string[];
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
}

const STATE = "estate.json";

export function remembered(folder: string): Remembered | undefined {
  try {
    const { seed, now, port } = JSON.parse(readFileSync(join(folder, STATE), "utf8")) as Partial<Remembered>;
    return seed === undefined || now === undefined || port === undefined ? undefined : { seed, now, port };
  } catch {
    return undefined;
  }
}

/** Writes what `rollcall` needs to scan the estate. An existing `rollcall.yaml` keeps its edits; only the address is renewed. */
export function writeFolder(folder: string, state: Remembered, around: Surroundings): string {
  mkdirSync(join(folder, "aws"), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, STATE), `${JSON.stringify(state)}\n`);
  writeFileSync(join(folder, "aws", "config"), `[profile acme]\nregion = ${around.regions[0] ?? "eu-central-1"}\n`, {
    mode: 0o600,
  });
  const { accessKeyId, secretAccessKey, sessionToken } = around.credentials;
  writeFileSync(
    join(folder, "aws", "credentials"),
    `# Credentials of the demonstration's own emulator, worthless anywhere else.\n[acme]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\naws_session_token = ${sessionToken}\n`,
    { mode: 0o600 },
  );
  const file = join(folder, "rollcall.yaml");
  const text = existsSync(file)
    ? readFileSync(file, "utf8").replace(/^(\s*endpoint:\s*).*$/m, `$1${around.endpoint}`)
    : configuration(around);
  writeFileSync(file, text);
  return file;
}

function configuration(around: Surroundings): string {
  return `# Acme's AWS organization, served on this machine by \`npm run demo\`.
# A real configuration looks the same, without \`environment\` and \`endpoint\`: \`rollcall init\` writes one.

database: rollcall.db

sources:
  - scanner: aws
    # A profile of AWS's own files, never a key. Here they lie beside this file instead of in ~/.aws.
    profile: acme
    environment:
      AWS_CONFIG_FILE: ./aws/config
      AWS_SHARED_CREDENTIALS_FILE: ./aws/credentials
    # Where the demonstration listens; \`npm run demo -- --serve\` keeps it up.
    endpoint: ${around.endpoint}
    # The account that the credentials must belong to: a scan with any other is refused.
    account: "${around.account}"
    # Read every account of the organization by assuming this role in each.
    organization:
      role: ${around.role}
${around.externalId === null ? "" : `      externalId: ${around.externalId}\n`}    regions: [${around.regions.join(", ")}]
    # Accounts of others that Acme has a contract with.
    partners:
      - account: "${around.partner}"
        name: a vendor under contract
    # What production means here.
    production:
      accounts: [${around.production.map((id) => `"${id}"`).join(", ")}]
    # One call per user, so only on request:
    # deep: [ssh-keys]

# Every rule's settings: rollcall rules show ID
# rules:
#   unused-identity:
#     severity: high
`;
}
