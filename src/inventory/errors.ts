import { EXIT, isUserError, UserError } from "../sdk/errors.ts";

/** Runs work on the database; what SQLite reports about the file or the disk becomes a sentence, the rest passes. */
export function guarded<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw storeError(path, error);
  }
}

/** @returns the error as it should be thrown. */
export function storeError(path: string, error: unknown): unknown {
  const code = typeof error === "object" && error !== null ? (error as { code?: unknown }).code : undefined;
  if (typeof code !== "string" || isUserError(error)) return error;
  const problem = problemOf(code, path);
  return problem === undefined
    ? error
    : new UserError(problem.message, { exit: problem.exit ?? EXIT.store, next: problem.next, cause: error });
}

interface Problem {
  readonly message: string;
  readonly next: string;
  readonly exit?: typeof EXIT.busy;
}

function problemOf(code: string, path: string): Problem | undefined {
  if (code === "SQLITE_FULL" || code === "ENOSPC") {
    return {
      message: `There is no space left for ${path}; what was committed before is safe`,
      next: "free some space and run the same command again: it goes on where it stopped",
    };
  }
  if (code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT")) {
    return {
      message: `${path} is damaged and was left as it is`,
      next: `rollcall db restore BACKUP --db ${path}, or move the file away and scan again`,
    };
  }
  if (code.startsWith("SQLITE_READONLY") || code === "EACCES" || code === "EPERM" || code === "EROFS") {
    return {
      message: `${path} cannot be written`,
      next: `check the permissions of the file and its folder (it needs mode 0600 and you as its owner), or choose another with --db FILE`,
    };
  }
  if (code.startsWith("SQLITE_CANTOPEN")) {
    return {
      message: `${path} cannot be opened`,
      next: "check that the file and its folder exist and can be read, or choose another with --db FILE",
    };
  }
  if (code.startsWith("SQLITE_IOERR")) {
    return {
      message: `Reading or writing ${path} failed (${code}); what was committed before is safe`,
      next: "check the disk, then rollcall db check",
    };
  }
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) {
    return {
      message: `Another process is writing to ${path}`,
      next: "wait for it to finish, then run the same command again",
      exit: EXIT.busy,
    };
  }
  return undefined;
}
