/**
 * Loaded into a process that scans, before anything else: lets the process kill itself at its n-th transaction, and
 * stops its clock. Plain JavaScript but for the types.
 *
 * - `KILL_AT_COMMIT=7`: at the seventh; `KILL_WHERE=inside`: with all of it written and nothing committed, otherwise
 *   right after the commit;
 * - `COUNT_COMMITS=FILE`: how many there were, when the process ends by itself;
 * - `CLOCK_STANDS_AT=1795410000000`.
 */
import { writeFileSync } from "node:fs";

interface Statement {
  run(...args: readonly unknown[]): unknown;
}
interface Addon {
  readonly Database?: {
    readonly prototype: { prepare: (this: unknown, source: string, ...rest: readonly unknown[]) => Statement };
  };
}

const killAt = Number(process.env["KILL_AT_COMMIT"] ?? 0);
const inside = process.env["KILL_WHERE"] === "inside";
let commits = 0;

// Below the database's own JavaScript, which the built command line has inside of itself.
const open = process.dlopen.bind(process);
process.dlopen = (module: object, ...rest) => {
  open(module, ...rest);
  const { Database } = (module as { readonly exports: Addon }).exports;
  if (Database === undefined) return;
  const prepare = Database.prototype.prepare;
  Database.prototype.prepare = function prepareWatched(source, ...options) {
    const statement = prepare.call(this, source, ...options);
    if (source !== "COMMIT") return statement;
    const commit = statement.run.bind(statement);
    statement.run = (...args) => {
      if (inside && commits + 1 === killAt) process.kill(process.pid, "SIGKILL");
      const result = commit(...args);
      commits += 1;
      if (!inside && commits === killAt) process.kill(process.pid, "SIGKILL");
      return result;
    };
    return statement;
  };
};

const count = process.env["COUNT_COMMITS"];
if (count !== undefined) process.on("exit", () => writeFileSync(count, String(commits)));

const standsAt = process.env["CLOCK_STANDS_AT"];
if (standsAt !== undefined) Date.now = () => Number(standsAt);
