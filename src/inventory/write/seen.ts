import { BitSet } from "../bit-set.ts";
import type { RunState } from "./run-state.ts";

/**
 * Which records a running collection has seen, on disk so that a resume carries it: per transaction and type one row
 * of ascending numbers, as the differences between them in seven-bit groups.
 */
export class SeenSet {
  readonly #run: RunState;
  readonly #source: number;
  readonly #pending = new Map<number, number[]>();

  constructor(run: RunState, source: number) {
    this.#run = run;
    this.#source = source;
  }

  add(type: number, id: number): void {
    const ids = this.#pending.get(type);
    if (ids === undefined) this.#pending.set(type, [id]);
    else ids.push(id);
  }

  /** Forgets what a transaction that did not happen has added. */
  drop(): void {
    this.#pending.clear();
  }

  /** Writes what was added, inside the caller's transaction. */
  flush(): void {
    const { statements } = this.#run;
    for (const [type, ids] of this.#pending) {
      statements.run(
        "insert into t_seen (source, seq, type, ids) values (?, (select coalesce(max(seq), 0) + 1 from t_seen where source = ?), ?, ?)",
        this.#source,
        this.#source,
        type,
        pack(ids),
      );
    }
    this.#pending.clear();
  }

  clear(): void {
    this.#run.statements.run("delete from t_seen where source = ?", this.#source);
  }

  /** Everything seen of one type. */
  load(type: number): BitSet {
    const rows = this.#run.statements.all<{ ids: Uint8Array }>(
      "select ids from t_seen where source = ? and type = ? order by seq",
      this.#source,
      type,
    );
    const seen = new BitSet();
    for (const { ids } of rows) unpack(ids, (id) => seen.add(id));
    return seen;
  }
}

function pack(ids: readonly number[]): Buffer {
  const sorted = Float64Array.from(ids).sort();
  const bytes = Buffer.allocUnsafe(sorted.length * 8);
  let length = 0;
  let last = 0;
  for (const id of sorted) {
    let difference = id - last;
    last = id;
    while (difference >= 0x80) {
      bytes[length++] = (difference % 0x80) | 0x80;
      difference = Math.floor(difference / 0x80);
    }
    bytes[length++] = difference;
  }
  return bytes.subarray(0, length);
}

function unpack(bytes: Uint8Array, each: (id: number) => void): void {
  let last = 0;
  let difference = 0;
  let factor = 1;
  for (const byte of bytes) {
    difference += (byte & 0x7f) * factor;
    if (byte >= 0x80) {
      factor *= 0x80;
      continue;
    }
    last += difference;
    each(last);
    difference = 0;
    factor = 1;
  }
}
