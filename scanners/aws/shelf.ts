/**
 * Answers that several collections of an account share, for the last few accounts. A failure is kept like an answer:
 * whoever asks next hears the same, and AWS is not asked again.
 */
export class Shelf<Value> {
  readonly #size: number;
  readonly #values = new Map<string, Promise<Value>>();

  constructor(size: number) {
    this.#size = size;
  }

  get(key: string, fetch: () => Promise<Value>): Promise<Value> {
    const value = this.#values.get(key) ?? fetch();
    // Nobody may be waiting yet when it fails.
    value.catch(() => undefined);
    this.#keep(key, value);
    return value;
  }

  put(key: string, value: Promise<Value>): void {
    value.catch(() => undefined);
    this.#keep(key, value);
  }

  /** The last asked for goes last. */
  #keep(key: string, value: Promise<Value>): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    const oldest = this.#values.keys().next();
    if (this.#values.size > this.#size && oldest.done !== true) this.#values.delete(oldest.value);
  }
}
