import { formatInstant, type ReportColumn, type ReportValue } from "rollcall/sdk";

/**
 * A column as a report shows it. A view says whether a fact is known in a column of its own (`enabled_known`); a
 * report says it where the fact stands, because a reader who takes the last known value for the present one, or an
 * unknown for an absent one, is exactly the reader who must not.
 */
export interface ReportFact {
  readonly name: string;
  readonly type: ReportColumn["type"];
  /** Whether nobody could see the fact in this row. */
  isUnknown(row: ReportRow): boolean;
}

export type ReportRow = Readonly<Record<string, ReportValue>>;

// What is known of use is a lower bound: a use that some source saw is a fact even where another source failed.
const USAGE = new Set(["last_used_at", "observed_from", "observed_through"]);

/** The columns without their `…_known` companions, in the view's order. */
export function reportFacts(columns: readonly ReportColumn[]): readonly ReportFact[] {
  const names = new Set(columns.map((column) => column.name));
  const usage = names.has("usage_known");
  return columns
    .filter((column) => !(column.name.endsWith("_known") && names.has(column.name.slice(0, -"_known".length))))
    .map(({ name, type }) => {
      const companion = `${name}_known`;
      if (names.has(companion)) return { name, type, isUnknown: (row) => row[companion] !== 1 };
      if (usage && USAGE.has(name))
        return { name, type, isUnknown: (row) => row["usage_known"] !== 1 && isAbsent(row[name]) };
      return { name, type, isUnknown: () => false };
    });
}

function isAbsent(value: ReportValue | undefined): value is null | undefined {
  return value === null || value === undefined;
}

// The range of Date; a provider can send a number that is no time at all.
const LAST_INSTANT = 8.64e15;

/** The value as JSON knows it: booleans, RFC 3339 instants, parsed documents; `null` where it is established that there is none. */
export function plainValue(type: ReportColumn["type"], value: ReportValue | undefined): unknown {
  if (isAbsent(value)) return null;
  switch (type) {
    case "boolean":
      return value === 1;
    case "instant":
      return typeof value === "number" && Math.abs(value) <= LAST_INSTANT ? formatInstant(value) : value;
    case "json":
    case "list":
      return typeof value === "string" ? parsed(value) : value;
    case "text":
    case "integer":
      return value;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
