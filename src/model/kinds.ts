/** The closed lists of the model. Provider words (an identity's or credential's `kind`) are open: they are the provider's. */

/** What stands behind an identity. `unknown` is a verdict with a reason, not a default. */
export const NATURES = ["machine", "agent", "human", "unknown"] as const;
export type Nature = (typeof NATURES)[number];

/** Who holds what the identity acts with: its own secret, nothing until use, or the platform. */
export const CUSTODIES = ["self-held", "assumed", "platform-held"] as const;
export type Custody = (typeof CUSTODIES)[number];

export const SECRECIES = ["static-secret", "private-key", "certificate", "federated"] as const;
export type Secrecy = (typeof SECRECIES)[number];

/** How one party comes to act as an identity. */
export const MECHANISMS = [
  "assume-role",
  "oidc-federation",
  "saml-federation",
  "impersonation",
  "attached-to",
  "key-held-by",
  "roles-anywhere",
] as const;
export type Mechanism = (typeof MECHANISMS)[number];

/** What kind of party stands at the far end of a trust. */
export const PARTIES = ["account", "identity", "service", "issuer", "workload", "anyone", "deleted"] as const;
export type Party = (typeof PARTIES)[number];

export const SEVERITIES = ["info", "low", "medium", "high", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The privilege tier of an identity, strongest first. `unknown` sorts last and claims nothing. */
export const TIERS = ["admin", "can-escalate", "secrets", "data-write", "data-read", "low", "unknown"] as const;
export type Tier = (typeof TIERS)[number];

/**
 * Whether a live record is there. `missing` was not seen by one proven-complete collection, `suspected` is held
 * back by the mass-change guard, and `withdrawn` is gone. Only the first three are live.
 */
export const PRESENCES = ["present", "missing", "suspected", "withdrawn"] as const;
export type Presence = (typeof PRESENCES)[number];
