import { terminal } from "../sdk/text.ts";

/** How a scope came out of its latest scan, in the words of the first line of everything that speaks about a scan. */
export type ScopeState = "complete" | "accepted" | "partial" | "failed" | "left-out" | "closed";

export interface ScopeStanding {
  readonly name: string;
  readonly state: ScopeState;
}

const OTHERS: readonly (readonly [state: ScopeState, words: string])[] = [
  ["partial", "partial"],
  ["failed", "not readable"],
  ["accepted", "incomplete and accepted"],
  ["left-out", "left out"],
  ["closed", "closed or suspended"],
];

const NAMES = 5;

/**
 * `41 of 43 scopes complete; 2 partial (a, b); 1 closed or suspended (c)`. What was left out, and what is closed, is
 * neither complete nor a shortfall: it stands beside the count.
 */
export function coverageSentence(scopes: readonly ScopeStanding[]): string {
  const having = (state: ScopeState): readonly string[] =>
    scopes.flatMap((scope) => (scope.state === state ? [scope.name] : []));
  const wanted = scopes.length - having("left-out").length - having("closed").length;
  const rest = OTHERS.flatMap(([state, words]) => {
    const found = having(state);
    return found.length === 0 ? [] : [`; ${found.length} ${words} (${list(found)})`];
  });
  return `${having("complete").length} of ${wanted} scopes complete${rest.join("")}`;
}

function list(names: readonly string[]): string {
  return `${names.slice(0, NAMES).map(terminal).join(", ")}${names.length > NAMES ? ", …" : ""}`;
}
