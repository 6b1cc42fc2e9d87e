const CHUNK = 64 * 1024;

/**
 * Joins pieces into chunks of about 64 KiB: large enough that writing costs nothing, small enough that a slow reader
 * holds nothing up. A consumer that stops early closes the pieces behind it.
 */
export async function* chunked(pieces: Iterable<string>): AsyncGenerator<string, void, void> {
  let held: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    held.push(piece);
    length += piece.length;
    if (length < CHUNK) continue;
    yield held.join("");
    held = [];
    length = 0;
  }
  if (held.length > 0) yield held.join("");
}
