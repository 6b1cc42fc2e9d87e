import { spawn } from "node:child_process";
import { workerData } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";

/**
 * The thread between a caller that waits without an event loop and the query's process: it starts the process, hands
 * its output on in pieces, stops reading when the caller falls behind, and ends it when told to.
 */
export interface BridgeData {
  readonly port: MessagePort;
  /** Counts pieces handed on; the caller sleeps on it. */
  readonly signal: Int32Array;
  readonly script: string;
  readonly request: string;
}

export type BridgeMessage = Uint8Array | "end";

/** Pieces that may lie unread. */
const AHEAD = 8;

const { port, signal, script, request } = workerData as BridgeData;
const child = spawn(process.execPath, [script], {
  stdio: ["pipe", "pipe", "ignore"],
  env: process.platform === "win32" ? { SystemRoot: process.env["SystemRoot"] } : {},
});
let unread = 0;

function hand(message: BridgeMessage): void {
  port.postMessage(message);
  Atomics.add(signal, 0, 1);
  Atomics.notify(signal, 0);
}

child.on("error", () => hand("end"));
child.stdin.on("error", () => undefined);
child.stdin.write(`${request}\n`);
child.stdout.on("data", (piece: Buffer) => {
  hand(new Uint8Array(piece));
  unread += 1;
  if (unread >= AHEAD) child.stdout.pause();
});
child.on("close", () => {
  hand("end");
  port.close();
});

port.on("message", (message: "more" | "stop") => {
  if (message === "stop") {
    child.kill("SIGKILL");
    return;
  }
  unread -= 1;
  if (unread < AHEAD) child.stdout.resume();
});
