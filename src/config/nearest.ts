/**
 * The candidates that a mistyped word may have meant, nearest first: at most `limit`, and none that shares too little
 * with it. Distance is the number of insertions, deletions, replacements and swaps of neighbours, ignoring case.
 */
export function nearest(word: string, candidates: Iterable<string>, limit = 3): readonly string[] {
  const wanted = word.toLowerCase();
  const most = Math.max(1, Math.floor(wanted.length / 3));
  const found: { readonly candidate: string; readonly distance: number }[] = [];
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) > most) continue;
    const distance = editDistance(wanted, candidate.toLowerCase(), most);
    if (distance <= most) found.push({ candidate, distance });
    if (found.length > 1_000) prune(found, limit);
  }
  prune(found, limit);
  return found.map((item) => item.candidate);
}

function prune(found: { readonly candidate: string; readonly distance: number }[], limit: number): void {
  found.sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : Number(a.candidate > b.candidate)));
  found.length = Math.min(found.length, limit);
}

/** `; did you mean "x"?`, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const found = nearest(word, candidates);
  return found.length === 0 ? "" : `; did you mean ${found.map((item) => `"${item}"`).join(" or ")}?`;
}

/** Optimal string alignment, given up as soon as it must exceed `most`. */
function editDistance(left: string, right: string, most: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    let best = row;
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1));
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      }
      current.push(cost);
      best = Math.min(best, cost);
    }
    if (best > most) return most + 1;
    beforeLast = last;
    last = current;
  }
  return at(last, right.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
