import type { ScanEvent } from "../../engine/contract.ts";
import { terminal } from "../../sdk/text.ts";
import type { Instant } from "../../sdk/index.ts";
import { count, counted, duration } from "../format/quantity.ts";
import { fit } from "../format/width.ts";
import type { Progress } from "./progress.ts";
import { Tally } from "./tally.ts";

export interface LiveTerminal {
  write(text: string): void;
  width(): number;
  now(): Instant;
}

const ESCAPE = "\u001B[";
const HIDE_CURSOR = `${ESCAPE}?25l`;
const SHOW_CURSOR = `${ESCAPE}?25h`;
const ERASE_DOWN = `${ESCAPE}0J`;
const ROWS = 6;
const FRAME = 100;

/** A few lines at the bottom of the terminal that redraw in place. Every name in them is escaped and cut to the width. */
export class LiveProgress implements Progress {
  readonly #terminal: LiveTerminal;
  readonly #tally: Tally;
  readonly #timer: NodeJS.Timeout;
  readonly #restore = (): void => this.#terminal.write(SHOW_CURSOR);
  #drawn = 0;
  #ended = false;

  constructor(terminal: LiveTerminal) {
    this.#terminal = terminal;
    this.#tally = new Tally(terminal.now());
    this.#terminal.write(HIDE_CURSOR);
    this.#timer = setInterval(() => this.#draw(), FRAME);
    this.#timer.unref();
    // Also where the process ends in a way that nobody foresaw.
    process.once("exit", this.#restore);
  }

  receive(event: ScanEvent): void {
    this.#tally.receive(event, this.#terminal.now());
  }

  note(text: string): void {
    this.#terminal.write(`${this.#erase()}${text}\n`);
    this.#draw();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#timer);
    process.removeListener("exit", this.#restore);
    this.#terminal.write(`${this.#erase()}${SHOW_CURSOR}`);
  }

  #draw(): void {
    if (this.#ended) return;
    const lines = liveLines(this.#tally, this.#terminal.now(), this.#terminal.width() - 1);
    this.#terminal.write(`${this.#erase()}${lines.join("\n")}\n`);
    this.#drawn = lines.length;
  }

  #erase(): string {
    const up = this.#drawn === 0 ? "" : `${ESCAPE}${this.#drawn}A\r${ERASE_DOWN}`;
    this.#drawn = 0;
    return up;
  }
}

/** The region's lines, each at most `width` columns. */
export function liveLines(tally: Tally, now: Instant, width: number): readonly string[] {
  const left = tally.left(now);
  const head = [
    counted(tally.scopes, "scope"),
    `${count(tally.finished)} collections done${tally.partial > 0 ? ` (${count(tally.partial)} partial)` : ""}`,
    `${counted(tally.items, "item")}, ${count(tally.rate(now))} per second`,
    duration(now - tally.startedAt),
    left === undefined ? "" : `about ${duration(left)} left`,
  ].filter(Boolean);
  const lines = [head.join(" · ")];
  const reading = [...tally.reading.values()];
  for (const item of reading.slice(0, ROWS)) {
    const of = item.total === undefined ? "" : ` (${count(item.done ?? 0)} of ${count(item.total)})`;
    lines.push(`  ${item.scope}  ${item.collection}  ${counted(item.items, "item")}${of}`);
  }
  if (reading.length > ROWS) lines.push(`  and ${reading.length - ROWS} more`);
  const { waiting, judging } = tally;
  if (waiting !== undefined && waiting.until > now)
    lines.push(`  waiting ${duration(waiting.until - now)} for ${waiting.operation} (${waiting.reason})`);
  else if (tally.throttled > 0)
    lines.push(`  throttled ${counted(tally.throttled, "time")}; going at the pace that the provider allows`);
  if (judging !== undefined) lines.push(`  judging: ${judging.done} of ${counted(judging.of, "rule")}`);
  return lines.map((line) => fit(terminal(line.slice(0, 2_000)), Math.max(20, width)));
}
