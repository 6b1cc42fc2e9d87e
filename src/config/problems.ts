import { relative } from "node:path";
import { terminal, UserError } from "../sdk/index.ts";
import type { Place } from "./contract.ts";
import { redact } from "../transport/redact.ts";

/** Something wrong in the configuration, with where it stands. Messages never hold a value from the file. */
export interface Problem {
  readonly place: Place | undefined;
  readonly message: string;
  /** What to do instead, where one sentence can say it. */
  readonly next?: string;
}

/**
 * One error for all problems, in the order of the file.
 *
 * @example
 * rollcall.yaml has 2 problems
 *   rollcall.yaml:4:5  sources[0]: unknown key "regoins"; did you mean "regions"?
 *   rollcall.yaml:9:9  network.share: must be above 0 and at most 1
 */
export function configurationError(file: string, problems: readonly Problem[], cwd: string): UserError {
  const name = shortName(file, cwd);
  const sorted = problems.toSorted(
    (a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0) || (a.place?.column ?? 0) - (b.place?.column ?? 0),
  );
  const lines = sorted.map(({ place, message }) => {
    const where = place === undefined ? name : `${name}:${place.line}:${place.column}`;
    return `  ${where}  ${terminal(redact(message))}`;
  });
  const count = sorted.length === 1 ? "a problem" : `${sorted.length} problems`;
  const next = sorted.find((problem) => problem.next !== undefined)?.next;
  return new UserError([`${name} has ${count}`, ...lines].join("\n"), next === undefined ? {} : { next });
}

/** The path as the person would type it from where they stand. */
export function shortName(file: string, cwd: string): string {
  const short = relative(cwd, file);
  return terminal(short === "" || short.startsWith("..") ? file : short);
}

/** `sources[0].regions[2]` */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${String(step)}`))
    .join("");
}
