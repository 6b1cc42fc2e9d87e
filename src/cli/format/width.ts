/**
 * How many columns a terminal gives to a text: none to combining marks and joiners, two to East Asian wide characters
 * and emoji. Text has been through `terminal()` before, so nothing in it moves the cursor.
 */
export function textWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** The text in at most `width` columns, with an ellipsis where something was cut. */
export function fit(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let used = 0;
  let kept = "";
  for (const character of text) {
    const next = characterWidth(character);
    if (used + next > width - 1) break;
    used += next;
    kept += character;
  }
  return width < 1 ? "" : `${kept}…`;
}

export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}

export function padLeft(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - textWidth(text))) + text;
}

function characterWidth(character: string): number {
  if (/^[\x20-\x7e]$/.test(character)) return 1;
  if (/^\p{M}$/u.test(character)) return 0;
  return /^[\p{Emoji_Presentation}\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]$|^[\u{20000}-\u{3FFFD}]$/u.test(
    character,
  )
    ? 2
    : 1;
}
