/** Whether a text matches a pattern in which `*` stands for any run of characters and `?` for one; letters' case does not count. */
export function matches(pattern: string, text: string): boolean {
  return glob(pattern.toLowerCase(), text.toLowerCase());
}

/** Linear in pattern × text whatever the pattern: on a mismatch it goes back to the last star only. */
export function glob(pattern: string, text: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    const sign = pattern[next];
    if (sign === "*") {
      star = next;
      resume = at;
      next += 1;
    } else if (sign === "?" || sign === text[at]) {
      next += 1;
      at += 1;
    } else if (star >= 0) {
      next = star + 1;
      resume += 1;
      at = resume;
    } else {
      return false;
    }
  }
  while (pattern[next] === "*") next += 1;
  return next === pattern.length;
}

/** Patterns per tag key (`environment: [production, prod]`); keys and values match whatever their case. */
export type TagPatterns = Readonly<Record<string, readonly string[]>>;

/** The first tag that a pattern matches, as `key=value`. */
export function matchingTag(patterns: TagPatterns, tags: Readonly<Record<string, string>>): string | undefined {
  const wanted = Object.entries(patterns);
  if (wanted.length === 0) return undefined;
  for (const [key, value] of Object.entries(tags)) {
    for (const [pattern, values] of wanted) {
      if (matches(pattern, key) && values.some((candidate) => matches(candidate, value))) return `${key}=${value}`;
    }
  }
  return undefined;
}

export function matchingPattern(patterns: readonly string[], text: string): string | undefined {
  return patterns.find((pattern) => matches(pattern, text));
}
