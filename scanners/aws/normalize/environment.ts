import { matchingPattern, matchingTag } from "./patterns.ts";
import type { TagPatterns } from "./patterns.ts";

/** What "production" means, by configuration. */
export interface ProductionRules {
  readonly accounts: readonly string[];
  readonly tags: TagPatterns;
  readonly names: readonly string[];
}

export const PRODUCTION = "production";
const NON_PRODUCTION = "non-production";

/**
 * An account's environment: `production` where the configuration says so; the account's own `environment` tag
 * otherwise; `non-production` where the configuration says what production is and this is not it; else nothing is
 * known, and nothing is said.
 */
export function accountEnvironment(
  rules: ProductionRules,
  account: {
    readonly id: string;
    readonly name?: string | undefined;
    readonly tags?: Readonly<Record<string, string>> | undefined;
  },
): string | undefined {
  const tags = account.tags ?? {};
  if (rules.accounts.includes(account.id) || matchingTag(rules.tags, tags) !== undefined) return PRODUCTION;
  if (account.name !== undefined && matchingPattern(rules.names, account.name) !== undefined) return PRODUCTION;
  return environmentTag(tags) ?? (configured(rules) ? NON_PRODUCTION : undefined);
}

/** An identity's environment: its own tags, then its account's. */
export function identityEnvironment(
  rules: ProductionRules,
  tags: Readonly<Record<string, string>>,
  account: string | undefined,
): string | undefined {
  if (matchingTag(rules.tags, tags) !== undefined) return PRODUCTION;
  return environmentTag(tags) ?? account;
}

function environmentTag(tags: Readonly<Record<string, string>>): string | undefined {
  const found = Object.entries(tags).find(([key]) => /^(?:environment|env|stage)$/i.test(key));
  const value = found?.[1].trim().toLowerCase();
  if (value === undefined || value === "") return undefined;
  return value === "prod" || value === "prd" ? PRODUCTION : value;
}

function configured(rules: ProductionRules): boolean {
  return rules.accounts.length > 0 || Object.keys(rules.tags).length > 0 || rules.names.length > 0;
}
