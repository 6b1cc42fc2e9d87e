import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { EXIT, UserError } from "../../sdk/errors.ts";
import type { ExitCode } from "../../sdk/errors.ts";
import type { Row } from "../contract.ts";
import type { BridgeData, BridgeMessage } from "./bridge.ts";
import { checkQuery } from "./guard.ts";
import { decodeValue } from "./protocol.ts";
import type { QueryAnswer, QueryRequest } from "./protocol.ts";

export interface Query {
  readonly path: string;
  readonly asOf: number | undefined;
  readonly sql: string;
  /** Milliseconds that may be spent waiting for the query; the time that the caller takes between rows does not count. */
  readonly timeout: number;
}

/** Starting a process takes a while on a busy machine; that is not the query's fault. */
const START = 30_000;

/**
 * Runs a user's query in a process of its own, which is ended when it takes too long or when the caller has enough.
 * Nothing is started before the first row is asked for.
 *
 * @throws {UserError} exit 2 for a query that is refused, wrong, or too slow.
 */
export function* queryRows({ path, asOf, sql, timeout }: Query): Generator<Row> {
  checkQuery(sql, asOf !== undefined);
  const request: QueryRequest = { path, asOf: asOf ?? null, sql };
  const bridge = startBridge(JSON.stringify(request));
  try {
    let columns: readonly string[] = [];
    let left = START;
    for (;;) {
      const before = performance.now();
      const line = bridge.next(left);
      left -= performance.now() - before;
      if (line === "late") throw tooSlow(timeout);
      const answer = line === "end" ? undefined : (JSON.parse(line) as QueryAnswer);
      switch (answer?.type) {
        case "ready":
          left = timeout;
          break;
        case "columns":
          columns = answer.columns;
          break;
        case "rows":
          for (const row of answer.rows)
            yield Object.fromEntries(columns.map((column, index) => [column, decodeValue(row[index] ?? null)]));
          break;
        case "end":
          return;
        case "error":
          throw errorOf(answer);
        case undefined:
          throw new UserError("The query was ended from outside, perhaps because it took too much memory", {
            next: "ask for less at once",
          });
      }
    }
  } finally {
    bridge.stop();
  }
}

function tooSlow(timeout: number): UserError {
  return new UserError(`The query took longer than ${timeout / 1_000} s and was ended`, {
    next: "ask for less, or allow more time with --timeout SECONDS",
  });
}

function errorOf({ message, exit, next }: Extract<QueryAnswer, { type: "error" }>): Error {
  const codes: readonly number[] = Object.values(EXIT);
  if (exit === null || !codes.includes(exit)) return new UserError(`The query failed: ${message}`);
  return new UserError(message, { exit: exit as ExitCode, ...(next === null ? {} : { next }) });
}

interface Bridge {
  /** The next line; `late` after so many milliseconds, `end` after the last. */
  next(timeout: number): string;
  stop(): void;
}

function startBridge(request: string): Bridge {
  const beside = (name: string) => new URL(`./${name}${extname(fileURLToPath(import.meta.url))}`, import.meta.url);
  const { port1: port, port2 } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const data: BridgeData = { port: port2, signal, script: fileURLToPath(beside("process")), request };
  const worker = new Worker(beside("bridge"), {
    workerData: data,
    transferList: [port2],
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  worker.unref();
  port.unref();
  const lines = new Lines();

  return {
    next(timeout) {
      const until = performance.now() + timeout;
      for (;;) {
        const line = lines.take();
        if (line !== undefined) return line;
        const seen = Atomics.load(signal, 0);
        const message = receive(port);
        if (message === undefined) {
          const left = until - performance.now();
          if (left <= 0 || Atomics.wait(signal, 0, seen, left) === "timed-out") {
            const last = receive(port);
            if (last === undefined) return "late";
            if (last === "end") return "end";
            lines.add(last);
            port.postMessage("more");
          }
          continue;
        }
        if (message === "end") return "end";
        lines.add(message);
        port.postMessage("more");
      }
    },
    stop() {
      port.postMessage("stop");
      port.close();
    },
  };
}

function receive(port: MessagePort): BridgeMessage | undefined {
  return receiveMessageOnPort(port)?.message as BridgeMessage | undefined;
}

/** Bytes in, whole lines out. */
class Lines {
  #pieces: Buffer[] = [];
  #ready: string[] = [];

  add(bytes: Uint8Array): void {
    let rest = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (;;) {
      const end = rest.indexOf(10);
      if (end < 0) break;
      this.#ready.push(Buffer.concat([...this.#pieces, rest.subarray(0, end)]).toString());
      this.#pieces = [];
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) this.#pieces.push(rest);
  }

  take(): string | undefined {
    return this.#ready.shift();
  }
}
