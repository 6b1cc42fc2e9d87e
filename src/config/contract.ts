import type { Severity } from "../sdk/index.ts";

/**
 * What a command runs with: file, environment and flags folded into one frozen object, flags first, then the
 * environment, then the file, then the default. Nothing else in the program reads the environment for settings.
 */
export interface Config {
  /** The file that was read, absolute; `undefined` where there is none. */
  readonly file: string | undefined;
  /** The inventory, absolute. */
  readonly database: string;
  readonly sources: readonly SourceSetting[];
  readonly network: NetworkSettings;
  /** By rule id. */
  readonly rules: Readonly<Record<string, RuleOverride>>;
  /** Folders with the user's own rules, absolute. */
  readonly ruleFolders: readonly string[];
  /** Where a place in the file stands, for problems that only a scanner or a rule can find. */
  readonly locate: (path: readonly PropertyKey[]) => Place | undefined;
}

/** A line and a column of the configuration file, from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface SourceSetting {
  /** The scanner's id; also what `rollcall scan SOURCE` calls it. */
  readonly scanner: string;
  /** Opt-in collections. */
  readonly deep: readonly string[];
  /** Variables for the provider's own credential chain: places of files and names of profiles, never secrets. */
  readonly environment: Readonly<Record<string, string>>;
  /** The rest of the block, which the scanner's own schema judges. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Where the block stands in the file: `["sources", 0]`. */
  readonly path: readonly PropertyKey[];
}

export interface NetworkSettings {
  readonly proxy: string | undefined;
  readonly noProxy: readonly string[];
  /** PEM files of further certificate authorities, absolute. */
  readonly caFiles: readonly string[];
  /** The share of a provider's quota that may be used. */
  readonly share: number | undefined;
  /** Seconds for one call. */
  readonly deadline: number | undefined;
}

export interface RuleOverride {
  readonly enabled: boolean | undefined;
  readonly severity: Severity | undefined;
  /** By parameter name, in the parameter's own unit. */
  readonly params: Readonly<Record<string, number>>;
}

/** What the command line may set; each beats the environment and the file. */
export interface ConfigFlags {
  readonly config?: string | undefined;
  readonly db?: string | undefined;
  readonly proxy?: string | undefined;
  readonly ca?: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;
