/** Milliseconds since the Unix epoch, UTC. Integers in the store; RFC 3339 everywhere a person or a program reads them. */
export type Instant = number;

/** A length of time in milliseconds. */
export type Duration = number;

export const SECOND: Duration = 1_000;
export const MINUTE: Duration = 60 * SECOND;
export const HOUR: Duration = 60 * MINUTE;
export const DAY: Duration = 24 * HOUR;

/** `2026-11-23T05:11:44.000Z`, without the milliseconds when they are zero. */
export function formatInstant(instant: Instant): string {
  return new Date(instant).toISOString().replace(".000Z", "Z");
}

/**
 * Reads an RFC 3339 timestamp or a plain date (`2026-11-23`, midnight UTC).
 * `undefined` when the text is neither: the caller decides whether that is an error or an unknown.
 */
export function parseInstant(text: string): Instant | undefined {
  if (!/^\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d))?$/.test(text)) return undefined;
  const instant = Date.parse(text);
  return Number.isFinite(instant) && isDayOfCalendar(text.slice(0, 10)) ? instant : undefined;
}

// `Date.parse` takes the 30th of February for the 2nd of March.
function isDayOfCalendar(date: string): boolean {
  return new Date(Date.parse(date)).toISOString().startsWith(date);
}
