import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY, formatInstant, HOUR, MINUTE, parseInstant, SECOND } from "../../src/model/index.ts";

const instants = fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(9999, 11, 31, 23, 59, 59, 999) });

describe("instants", () => {
  it("are written as RFC 3339 in UTC, with milliseconds only where there are some", () => {
    expect(formatInstant(Date.UTC(2026, 10, 23, 5, 11, 44))).toBe("2026-11-23T05:11:44Z");
    expect(formatInstant(Date.UTC(2026, 10, 23, 5, 11, 44, 7))).toBe("2026-11-23T05:11:44.007Z");
    expect(formatInstant(0)).toBe("1970-01-01T00:00:00Z");
  });

  it("come back as they were written", () => {
    fc.assert(
      fc.property(instants, (instant) => {
        expect(parseInstant(formatInstant(instant))).toBe(instant);
      }),
    );
  });

  it("sort as text as they sort as numbers, to the second", () => {
    fc.assert(
      fc.property(instants, instants, (left, right) => {
        const [a, b] = [left - (left % 1000), right - (right % 1000)];
        expect(Math.sign(formatInstant(a).localeCompare(formatInstant(b), "en"))).toBe(Math.sign(a - b));
      }),
    );
  });

  it.each([
    ["2026-11-23", Date.UTC(2026, 10, 23)],
    ["2024-02-29", Date.UTC(2024, 1, 29)],
    ["2026-11-23T05:11:44Z", Date.UTC(2026, 10, 23, 5, 11, 44)],
    ["2026-11-23t05:11:44z", Date.UTC(2026, 10, 23, 5, 11, 44)],
    ["2026-11-23 05:11:44Z", Date.UTC(2026, 10, 23, 5, 11, 44)],
    ["2026-11-23T05:11:44+00:00", Date.UTC(2026, 10, 23, 5, 11, 44)],
    ["2026-11-23T05:11:44.5+02:00", Date.UTC(2026, 10, 23, 3, 11, 44, 500)],
    ["2026-11-23T05:11:44-0530", Date.UTC(2026, 10, 23, 10, 41, 44)],
    ["2026-11-23T05:11Z", Date.UTC(2026, 10, 23, 5, 11)],
  ])("reads %s", (text, instant) => {
    expect(parseInstant(text)).toBe(instant);
  });

  it.each([
    "",
    "now",
    "N/A",
    "no_information",
    "1700000000",
    "2026-11-23T05:11:44",
    "2026-02-30",
    "2026-02-29T00:00:00Z",
    "2026-04-31 00:00:00Z",
    "2026-13-01",
    "2026-11-23T25:00:00Z",
    "2026-11-23T05:11:60Z",
    "Mon, 23 Nov 2026 05:11:44 GMT",
    "2026-11-23\n",
    " 2026-11-23",
  ])("does not guess at %j", (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  it("counts in milliseconds", () => {
    expect([SECOND, MINUTE, HOUR, DAY]).toEqual([1_000, 60_000, 3_600_000, 86_400_000]);
  });
});
