import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Instant } from "../../model/index.ts";
import { formatInstant, SECOND } from "../../model/index.ts";
import { EXIT, UserError } from "../../sdk/errors.ts";
import type { Statements } from "../statements.ts";

/** A lease that nobody renewed for so long belongs to nobody. */
const HEARTBEAT_TIMEOUT = 60 * SECOND;

interface LeaseRow {
  readonly scanner: string;
  readonly token: string;
  readonly pid: number;
  readonly host: string;
  readonly run: number;
  readonly acquired_at: number;
  readonly heartbeat_at: number;
}

/** One process's right to scan with some scanners into this inventory. */
export class Lease {
  readonly #statements: Statements;
  readonly #token = randomUUID();
  #held: readonly string[] = [];

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /**
   * Takes the lease of every scanner, or none.
   *
   * @throws {UserError} exit 75 naming the process that holds one of them.
   */
  take(scanners: readonly string[], run: number, now: Instant): void {
    for (const scanner of scanners) {
      const row = this.#statements.one<LeaseRow>("select * from t_lease where scanner = ?", scanner);
      if (row !== undefined && row.token !== this.#token && isAlive(row, now)) {
        const where = row.host === hostname() ? "" : ` on ${row.host}`;
        throw new UserError(
          `Another scan of ${scanner} is running: process ${row.pid}${where}, since ${formatInstant(row.acquired_at)}`,
          {
            exit: EXIT.busy,
            next: "wait for it to finish, or stop it and run the same command again: the scan goes on where it was",
          },
        );
      }
    }
    for (const scanner of scanners) {
      this.#statements.run(
        "insert or replace into t_lease (scanner, token, pid, host, run, acquired_at, heartbeat_at) values (?, ?, ?, ?, ?, ?, ?)",
        scanner,
        this.#token,
        process.pid,
        hostname(),
        run,
        now,
        now,
      );
    }
    this.#held = scanners;
  }

  /**
   * Shows that this process is alive.
   *
   * @throws {UserError} exit 75 where another process has taken the lease over: two would then write one run.
   */
  renew(now: Instant): void {
    for (const scanner of this.#held) {
      const { changes } = this.#statements.run(
        "update t_lease set heartbeat_at = ? where scanner = ? and token = ?",
        now,
        scanner,
        this.#token,
      );
      if (changes === 0) {
        throw new UserError(
          `Another process has taken over the scan of ${scanner}, because this one did not answer for a minute`,
          {
            exit: EXIT.busy,
            next: "let the other one finish",
          },
        );
      }
    }
  }

  release(): void {
    if (this.#held.length === 0) return;
    this.#statements.run("delete from t_lease where token = ?", this.#token);
    this.#held = [];
  }
}

/** Who else is writing now, for messages and for maintenance that needs the file alone. */
export function liveLeases(
  statements: Statements,
  now: Instant,
): readonly { readonly scanner: string; readonly pid: number; readonly host: string; readonly since: Instant }[] {
  return statements
    .all<LeaseRow>("select * from t_lease order by scanner")
    .filter((row) => isAlive(row, now))
    .map(({ scanner, pid, host, acquired_at: since }) => ({ scanner, pid, host, since }));
}

function isAlive(row: LeaseRow, now: Instant): boolean {
  if (now - row.heartbeat_at >= HEARTBEAT_TIMEOUT) return false;
  return row.host !== hostname() || isRunning(row.pid);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
