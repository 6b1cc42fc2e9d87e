/** A reader of rules' SQL: enough of it to tell names from texts, for checks that need no database. */
export interface SqlToken {
  readonly kind: "word" | "text" | "parameter" | "number" | "sign";
  readonly text: string;
}

const TOKENS =
  /\s+|--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|[@:$?][A-Za-z_]\w*|[A-Za-z_]\w*|\d+(?:\.\d+)?|[\s\S]/g;

export function sqlTokens(sql: string): readonly SqlToken[] {
  return (sql.match(TOKENS) ?? []).flatMap((text): readonly SqlToken[] => {
    if (/^(?:\s|--|\/\*)/.test(text)) return [];
    if (text.startsWith("'")) return [{ kind: "text", text }];
    if (/^[@:$?][A-Za-z_]/.test(text)) return [{ kind: "parameter", text: text.slice(1) }];
    if (/^[A-Za-z_]/.test(text)) return [{ kind: "word", text: text.toLowerCase() }];
    return [{ kind: /^\d/.test(text) ? "number" : "sign", text }];
  });
}

/** The views that a statement reads: what stands behind `from` and `join`, without its own common table expressions. */
export function viewsRead(sql: string): ReadonlySet<string> {
  const tokens = sqlTokens(sql);
  const own = new Set<string>();
  const read = new Set<string>();
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    if (token.kind !== "word") continue;
    if (next?.kind === "word" && next.text === "as" && tokens[index + 2]?.text === "(") own.add(token.text);
    if ((token.text === "from" || token.text === "join") && next?.kind === "word") read.add(next.text);
    if (token.text === "from") for (const further of listedAfter(tokens, index + 1)) read.add(further);
  }
  return new Set([...read].filter((name) => !own.has(name) && name !== "select" && name !== "lateral"));
}

/** The old form `from one a, other b`. */
function listedAfter(tokens: readonly SqlToken[], from: number): readonly string[] {
  const found: string[] = [];
  let depth = 0;
  for (let at = from; at < tokens.length; at += 1) {
    const { text, kind } = tokens[at] as SqlToken;
    if (text === "(") depth += 1;
    if (text === ")") depth -= 1;
    if (depth < 0 || (depth === 0 && kind === "word" && ENDS.has(text))) break;
    const next = tokens[at + 1];
    if (depth === 0 && text === "," && next?.kind === "word") found.push(next.text);
  }
  return found;
}

const ENDS = new Set([
  "where",
  "group",
  "order",
  "join",
  "left",
  "inner",
  "cross",
  "union",
  "limit",
  "having",
  "window",
  "on",
]);
