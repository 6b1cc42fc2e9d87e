import { readSync, writeSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type Database from "better-sqlite3";
import { isUserError } from "../../sdk/errors.ts";
import { openForReading } from "../file/open.ts";
import { showPast } from "../read/as-of.ts";
import { readText } from "../text.ts";
import { refusal } from "./guard.ts";
import { encodeValue } from "./protocol.ts";
import type { EncodedValue, QueryAnswer, QueryRequest } from "./protocol.ts";

/**
 * The process that runs one user's query, which its caller has checked. SQLite cannot be interrupted from inside a thread that it keeps busy, but a
 * process can be ended: by whoever asked, or by this watchdog when that one is gone (standard input closes).
 */
const WATCHDOG = `
  const { readSync } = require("node:fs");
  const byte = Buffer.alloc(1);
  try { while (readSync(0, byte, 0, 1, null) > 0); } catch {}
  process.kill(process.pid, "SIGKILL");
`;

const ROWS_PER_LINE = 200;

function main(): void {
  const request = JSON.parse(readLine()) as QueryRequest;
  const watchdog = new Worker(WATCHDOG, { eval: true });
  watchdog.unref();
  try {
    answer(request);
    say({ type: "end" });
  } catch (error) {
    const known = isUserError(error) ? error : undefined;
    say({
      type: "error",
      message: error instanceof Error ? error.message : String(error),
      exit: known?.exit ?? null,
      next: known?.next ?? null,
    });
  }
  // Everything is written; the watchdog would keep an orderly exit waiting.
  process.kill(process.pid, "SIGKILL");
}

function answer({ path, asOf, sql }: QueryRequest): void {
  const db = openForReading(path, true);
  if (asOf !== null) showPast(db, asOf);
  say({ type: "ready" });
  const statement = prepare(db, sql);
  say({ type: "columns", columns: statement.columns().map(({ name }) => name) });
  let rows: EncodedValue[][] = [];
  try {
    for (const row of statement.raw().iterate() as Iterable<(string | bigint | number | null | Uint8Array)[]>) {
      rows.push(row.map((value) => encodeValue(typeof value === "string" ? readText(value) : value)));
      if (rows.length < ROWS_PER_LINE) continue;
      say({ type: "rows", rows });
      rows = [];
    }
  } catch (error) {
    throw refusal(error);
  }
  if (rows.length > 0) say({ type: "rows", rows });
}

function prepare(db: Database.Database, sql: string): Database.Statement {
  try {
    return db.prepare(sql).safeIntegers();
  } catch (error) {
    throw refusal(error);
  }
}

function readLine(): string {
  const parts: Buffer[] = [];
  const chunk = Buffer.alloc(65_536);
  for (;;) {
    const length = readSync(0, chunk, 0, chunk.length, null);
    const end = chunk.subarray(0, length).indexOf(10);
    parts.push(Buffer.from(chunk.subarray(0, end < 0 ? length : end)));
    if (end >= 0 || length === 0) return Buffer.concat(parts).toString();
  }
}

function say(line: QueryAnswer): void {
  let bytes = Buffer.from(`${JSON.stringify(line)}\n`);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(1, bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

main();
