/**
 * How long the provider asks to wait, in milliseconds: `Retry-After` in seconds or as an HTTP date (reckoned from the
 * answer's own `Date`, since clocks differ), or Azure's headers in milliseconds. `undefined` for none, a negative one
 * or nonsense: our own back-off then decides.
 */
export function retryAfter(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  for (const name of ["retry-after-ms", "x-ms-retry-after-ms"]) {
    const milliseconds = headers[name];
    if (milliseconds !== undefined && /^\s*\d{1,12}\s*$/.test(milliseconds)) return Number(milliseconds);
  }
  const header = headers["retry-after"]?.trim();
  if (header === undefined) return undefined;
  if (/^\d{1,12}(\.\d{1,6})?$/.test(header)) return Math.ceil(Number(header) * 1_000);
  const until = httpDate(header);
  if (until === undefined) return undefined;
  const wait = until - (httpDate(headers["date"]) ?? now);
  return wait > 0 ? wait : undefined;
}

/** The three forms of RFC 9110 5.6.7, all of which begin with the day's name. */
export function httpDate(text: string | undefined): number | undefined {
  if (text === undefined || !/^(mon|tue|wed|thu|fri|sat|sun)/i.test(text)) return undefined;
  const instant = Date.parse(/gmt$/i.test(text.trim()) ? text : `${text} GMT`);
  return Number.isFinite(instant) ? instant : undefined;
}
