/**
 * Matching as IAM does it: `*` stands for any text, also none, `?` for exactly one character, everything else for
 * itself. Case matters: callers lower both sides where the provider ignores it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html#reference_policies_elements_resource_wildcards
 *
 * Takes at most `pattern.length * text.length` steps, whatever the pattern: a policy is a stranger's input, and a
 * backtracking expression could be made to run for ever.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let resumeAt = 0;
  while (at < text.length) {
    const symbol = pattern.charCodeAt(next);
    if (symbol === STAR) {
      star = next;
      next += 1;
      resumeAt = at;
    } else if (next < pattern.length && (symbol === ANY_ONE || symbol === text.charCodeAt(at))) {
      next += 1;
      at += 1;
    } else if (star >= 0) {
      next = star + 1;
      resumeAt += 1;
      at = resumeAt;
    } else {
      return false;
    }
  }
  while (pattern.charCodeAt(next) === STAR) next += 1;
  return next === pattern.length;
}

const STAR = 0x2a;
const ANY_ONE = 0x3f;
