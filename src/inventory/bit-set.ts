/** A set of record numbers: one bit each, so that a million records take 125 kB. */
export class BitSet {
  #words = new Uint32Array(1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(id: number): void {
    const place = Math.floor(id / 32);
    if (place >= this.#words.length) {
      const grown = new Uint32Array(Math.max(place + 1, this.#words.length * 2));
      grown.set(this.#words);
      this.#words = grown;
    }
    const word = this.#words[place] ?? 0;
    const bit = 1 << (id % 32);
    if ((word & bit) !== 0) return;
    this.#words[place] = word | bit;
    this.#size += 1;
  }

  has(id: number): boolean {
    return ((this.#words[Math.floor(id / 32)] ?? 0) & (1 << (id % 32))) !== 0;
  }
}
