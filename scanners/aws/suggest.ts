import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "./endpoints.ts";

interface Profile {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * A block for `sources:` from what this machine has: the profiles of `~/.aws/config`, or the environment. No key is
 * read, and none is written; `undefined` where there is nothing of AWS here.
 */
export async function suggestAws(environment: Environment): Promise<string | undefined> {
  const profiles = await readProfiles(environment);
  const inEnvironment = [
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  ].find((name) => present(environment[name]));
  const chosen =
    profiles.find(({ name }) => name === environment["AWS_PROFILE"]) ??
    profiles.find(({ settings }) => "sso_session" in settings || "sso_start_url" in settings) ??
    profiles[0];
  if (chosen === undefined && inEnvironment === undefined) return undefined;
  const account = chosen?.settings["sso_account_id"];
  const region = chosen?.settings["region"] ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"];
  const others = profiles.filter((profile) => profile !== chosen).map(({ name }) => name);
  const lines = [
    "- scanner: aws",
    ...(inEnvironment === undefined
      ? profileLines(chosen)
      : [
          `  # Credentials come from the environment (${inEnvironment}).`,
          ...profileLines(chosen).map((line) => line.replace(/^ {2}profile/, "  # profile")),
        ]),
    ...(others.length === 0
      ? []
      : [
          `  # Further profiles here: ${others.slice(0, 10).map(quoted).join(", ")}${others.length > 10 ? `, and ${others.length - 10} more` : ""}`,
        ]),
    ...(region === undefined ? [] : [`  region: ${quoted(region)}`]),
    "  # A scan with credentials of any other account is refused.",
    account === undefined ? '  # account: "111122223333"' : `  account: ${quoted(account)}`,
    "  # Read the whole organization by assuming this role in every account (rollcall permissions aws prints its policy).",
    "  # organization:",
    "  #   role: RollcallAudit",
    "  # accounts:",
    '  #   exclude: ["444455556666"]',
    '  #   own: ["222233334444"]          # ours, though not in the organization',
    "  # partners:",
    '  #   - account: "909090909090"',
    "  #     name: a vendor under contract",
    "  # What production means: any of these.",
    "  # production:",
    '  #   accounts: ["222233334444"]',
    "  #   tags: { environment: [prod, production] }",
    '  #   names: ["*-production"]',
    "  # owners:",
    "  #   tags: [owner, team]",
    "  # One call per user, so only on request.",
    "  # deep: [ssh-keys]",
  ];
  return `${lines.join("\n")}\n`;
}

function profileLines(profile: Profile | undefined): readonly string[] {
  if (profile === undefined) return [];
  const how =
    "sso_session" in profile.settings || "sso_start_url" in profile.settings
      ? "IAM Identity Center: sign in with aws sso login"
      : "from ~/.aws";
  return [`  profile: ${quoted(profile.name)}  # ${how}`];
}

async function readProfiles(environment: Environment): Promise<readonly Profile[]> {
  const home = environment["HOME"] ?? environment["USERPROFILE"];
  const file = (variable: string, name: string) =>
    present(environment[variable]) ?? (home === undefined ? undefined : join(home, ".aws", name));
  const profiles = new Map<string, Profile>();
  for (const profile of parse(
    await textOf(file("AWS_CONFIG_FILE", "config")),
    /^\[\s*(?:profile\s+(.+?)|(default))\s*\]$/,
  ))
    profiles.set(profile.name, profile);
  // Of the file with the keys, only the names of its sections.
  for (const { name } of parse(
    await textOf(file("AWS_SHARED_CREDENTIALS_FILE", "credentials")),
    /^\[\s*([^\]]+?)\s*\]$/,
  )) {
    if (!profiles.has(name)) profiles.set(name, { name, settings: {} });
  }
  return [...profiles.values()];
}

async function textOf(path: string | undefined): Promise<string> {
  if (path === undefined) return "";
  try {
    return await readFile(path, "utf8");
  } catch {
    // Not there, or not ours to read: nothing to suggest from it.
    return "";
  }
}

const READ = ["region", "sso_session", "sso_start_url", "sso_account_id"];

function parse(text: string, section: RegExp): readonly Profile[] {
  const profiles: { readonly name: string; readonly settings: Record<string, string> }[] = [];
  let current: Record<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const head = section.exec(line.trim());
    const name = head?.[1] ?? head?.[2];
    if (name !== undefined) {
      current = {};
      profiles.push({ name, settings: current });
    } else if (line.trimStart().startsWith("[")) {
      current = undefined;
    } else if (current !== undefined) {
      const [, key = "", value = ""] = /^([a-z_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      if (READ.includes(key) && value !== "") current[key] = value;
    }
  }
  return profiles;
}

function present(text: string | undefined): string | undefined {
  return text === undefined || text === "" ? undefined : text;
}

/** JSON's strings are YAML's. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
