import { parseInstant, UserError } from "../sdk/index.ts";
import type { Instant } from "../sdk/index.ts";

const text = (input: string): string => input;

/** A whole number from 1 up. */
export function positive(input: string): number {
  if (!/^[1-9]\d{0,8}$/.test(input)) throw new Error(`"${input}" is not a whole number above 0`);
  return Number(input);
}

/** RFC 3339, a date, or how long ago: `90d`, `36h`, `20m`. */
export function time(input: string): TimeFlag {
  const age = /^(\d{1,6})([mhdw])$/.exec(input);
  if (age !== null) return { ago: Number(age[1]) * (UNITS[age[2] ?? ""] ?? 0) };
  const at = parseInstant(input);
  if (at === undefined) throw new Error(`"${input}" is not a time; write 2026-11-23, 2026-11-23T05:00:00Z or 90d`);
  return { at };
}

/** A span: `90d`, `36h`, or days alone. */
export function span(input: string): number {
  const match = /^(\d{1,6})([mhdw]?)$/.exec(input);
  if (match === null) throw new Error(`"${input}" is not a span of time; write 90d or 36h`);
  return Number(match[1]) * (UNITS[match[2] === "" ? "d" : (match[2] ?? "")] ?? 0);
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

export type TimeFlag = { readonly at: Instant } | { readonly ago: number };

export function instantOf(flag: TimeFlag, now: Instant): Instant {
  return "at" in flag ? flag.at : now - flag.ago;
}

export interface GlobalFlags {
  readonly config?: string;
  readonly db?: string;
  readonly json?: boolean;
  readonly debug?: boolean;
  readonly proxy?: string;
  readonly ca?: string;
}

/** Every command has these, whether or not it comes to use them. */
export const GLOBAL = {
  config: {
    kind: "parsed",
    parse: text,
    optional: true,
    placeholder: "FILE",
    brief: "Configuration (ROLLCALL_CONFIG; rollcall.yaml here)",
  },
  db: {
    kind: "parsed",
    parse: text,
    optional: true,
    placeholder: "FILE",
    brief: "Inventory (ROLLCALL_DB; what the configuration says)",
  },
  json: { kind: "boolean", optional: true, withNegated: false, brief: "One JSON document per line" },
  debug: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Every provider call with its timing, on stderr, nothing secret",
  },
  proxy: {
    kind: "parsed",
    parse: text,
    optional: true,
    placeholder: "URL",
    brief: "HTTPS proxy for every provider call (HTTPS_PROXY)",
  },
  ca: {
    kind: "parsed",
    parse: text,
    optional: true,
    placeholder: "FILE",
    brief: "PEM file of further certificate authorities",
  },
} as const;

export interface AsOfFlag {
  readonly asOf?: TimeFlag;
}

export const AS_OF = {
  asOf: {
    kind: "parsed",
    parse: time,
    optional: true,
    placeholder: "TIME",
    brief: "As it was then: a date, an RFC 3339 time, or 30d",
  },
} as const;

export interface ListFlags extends GlobalFlags, AsOfFlag {
  readonly csv?: boolean;
  readonly limit?: number;
  readonly sort?: string;
}

export const LIST = {
  ...GLOBAL,
  ...AS_OF,
  csv: { kind: "boolean", optional: true, withNegated: false, brief: "CSV with every column" },
  limit: {
    kind: "parsed",
    parse: positive,
    optional: true,
    placeholder: "N",
    brief: "At most so many (a table shows 100 unless told otherwise)",
  },
  sort: {
    kind: "parsed",
    parse: text,
    optional: true,
    placeholder: "COLUMN",
    brief: "Order by a column; COLUMN:desc for the other way round",
  },
} as const;

/** A filter that takes several values: `--kind user --kind role` or `--kind user,role`. */
export function several(placeholder: string, brief: string) {
  return { kind: "parsed", parse: text, optional: true, variadic: ",", placeholder, brief } as const;
}

export function optionalText(placeholder: string, brief: string) {
  return { kind: "parsed", parse: text, optional: true, placeholder, brief } as const;
}

export function switched(brief: string) {
  return { kind: "boolean", optional: true, withNegated: false, brief } as const;
}

/** @throws {UserError} exit 2 where two flags exclude each other. */
export function oneFormat(flags: { readonly json?: boolean; readonly csv?: boolean }): "json" | "csv" | "table" {
  if (flags.json === true && flags.csv === true) throw new UserError("Choose one of --json and --csv");
  if (flags.json === true) return "json";
  return flags.csv === true ? "csv" : "table";
}
