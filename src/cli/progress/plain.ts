import type { ScanEvent } from "../../engine/contract.ts";
import { terminalCut } from "../../sdk/text.ts";
import type { Instant } from "../../sdk/index.ts";
import { count, counted, duration } from "../format/quantity.ts";
import type { Progress } from "./progress.ts";
import { Tally } from "./tally.ts";

/** Between two lines about the same collection. */
const QUIET = 10_000;

/** One line per thing that happened: for logs, pipes and CI. */
export class PlainProgress implements Progress {
  readonly #say: (text: string) => void;
  readonly #now: () => Instant;
  readonly #tally: Tally;
  readonly #said = new Map<string, Instant>();

  constructor(say: (text: string) => void, now: () => Instant) {
    this.#say = say;
    this.#now = now;
    this.#tally = new Tally(now());
  }

  receive(event: ScanEvent): void {
    const now = this.#now();
    this.#tally.receive(event, now);
    const line = this.#line(event, now);
    if (line !== undefined) this.#say(terminalCut(line, 500));
  }

  note(text: string): void {
    this.#say(text);
  }

  end(): void {}

  #line(event: ScanEvent, now: Instant): string | undefined {
    switch (event.type) {
      case "run-started":
        return `run ${event.run}${event.resumed ? " taken up again" : ""}: ${event.sources.join(", ")}`;
      case "scope-found": {
        const { title, kind, skip } = event.scope;
        return skip === undefined ? `${kind} ${title}` : `${kind} ${title}: ${skip.status}, ${skip.gap.reason}`;
      }
      case "collection-started":
        return undefined;
      case "collection-advanced": {
        if (!this.#due(`${event.scope.urn} ${event.collection}`, now)) return undefined;
        const left = this.#tally.left(now);
        const of = event.total === undefined ? "" : ` (${count(event.done ?? 0)} of ${count(event.total)})`;
        return `${event.scope.title} ${event.collection}: ${counted(event.items, "item")}${of}${left === undefined ? "" : `, about ${duration(left)} left in all`}`;
      }
      case "collection-finished": {
        const { coverage, summary } = event;
        // Said once for the scope, or by nobody's choice but the configuration's: not worth a line for each collection.
        if (event.scope.skip !== undefined || coverage.gaps.some((gap) => gap.class === "opt-in")) return undefined;
        const changes = [
          summary.added > 0 ? `${count(summary.added)} new` : "",
          summary.changed > 0 ? `${count(summary.changed)} changed` : "",
          summary.missing > 0 ? `${count(summary.missing)} missing` : "",
          summary.withdrawn > 0 ? `${count(summary.withdrawn)} gone` : "",
          summary.suspected > 0 ? `${count(summary.suspected)} suspected gone` : "",
        ].filter(Boolean);
        const [gap] = coverage.gaps;
        const why = coverage.status === "complete" || gap === undefined ? "" : `: ${gap.reason}`;
        return `${event.scope.title} ${coverage.collection}: ${coverage.status}, ${counted(coverage.items, "item")}, ${counted(coverage.requests, "call")}${changes.length === 0 ? "" : ` (${changes.join(", ")})`}${why}`;
      }
      case "call-waiting":
        if (event.wait < 1_000 || !this.#due(`waiting ${event.bucket} ${event.operation}`, now)) return undefined;
        return `${event.operation}: waiting ${duration(event.wait)} (${event.reason})`;
      case "rules-started":
        return `judging by ${counted(event.count, "rule")}`;
      case "rule-judged":
      case "run-finished":
        return undefined;
    }
  }

  #due(key: string, now: Instant): boolean {
    const last = this.#said.get(key);
    if (last !== undefined && now - last < QUIET) return false;
    this.#said.set(key, now);
    // The first report of a collection that is done in a moment would only be noise.
    return last !== undefined || !key.startsWith("nhi:");
  }
}
