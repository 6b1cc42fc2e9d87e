import type { Instant } from "../sdk/index.ts";
import { httpDate } from "./retry-after.ts";

/** How far the provider's clock is from ours, by the `Date` of its answers. */
export interface SkewMeter {
  observe(date: string | undefined, sentAt: Instant, receivedAt: Instant): void;
  skew(): number | undefined;
}

export function createSkewMeter(): SkewMeter {
  let best: { readonly skew: number; readonly trip: number } | undefined;
  return {
    observe(date, sentAt, receivedAt) {
      const server = httpDate(date);
      const trip = receivedAt - sentAt;
      // The shortest trip leaves the least doubt about when the server looked at its clock.
      if (server === undefined || trip < 0 || (best !== undefined && best.trip < trip)) return;
      // The header cuts the second off: on average half of one.
      best = { skew: Math.round(server + 500 - (sentAt + trip / 2)), trip };
    },
    skew: () => best?.skew,
  };
}
