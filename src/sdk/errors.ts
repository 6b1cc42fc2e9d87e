import type { GapClass } from "../model/index.ts";

/**
 * Every failure that Rollcall expects is one of two: a {@link ProviderError} (the other side refused, failed or
 * lied; it becomes a gap) or a {@link UserError} (something that the person at the keyboard can mend; it becomes a
 * sentence, the next command and an exit code). Anything else is a bug and is reported as one.
 *
 * Both carry a marker symbol instead of relying on `instanceof`, because a plugin may bring its own copy of the SDK.
 */
const PROVIDER = Symbol.for("rollcall.provider-error");
const USER = Symbol.for("rollcall.user-error");

export interface ProviderErrorDetails {
  readonly class: GapClass;
  /** The declared operation, `iam:ListUsers`. */
  readonly operation: string;
  /** The provider's own code (`AccessDenied`), where it sent one. */
  readonly code?: string | undefined;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  /** Milliseconds that the provider asks to wait. */
  readonly retryAfter?: number | undefined;
  readonly remedy?: string | undefined;
}

/**
 * A provider call that did not give a usable answer, reduced at the door to what is safe to keep: no request, no
 * response body, no header, no URL query. The SDK's own error never travels further than the door.
 */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly details: ProviderErrorDetails;
  readonly [PROVIDER] = true;

  constructor(message: string, details: ProviderErrorDetails) {
    super(message);
    this.details = details;
  }

  get class(): GapClass {
    return this.details.class;
  }
}

export function isProviderError(error: unknown): error is ProviderError {
  return typeof error === "object" && error !== null && PROVIDER in error;
}

/** The exit codes of `rollcall`, a stable interface. Precedence, where several apply: 2 > 7 > 6 > 1 > 5 > 4 > 3 > 8 > 0. */
export const EXIT = {
  ok: 0,
  bug: 1,
  usage: 2,
  gate: 3,
  partial: 4,
  partialAndGate: 5,
  nothingRead: 6,
  store: 7,
  delivery: 8,
  busy: 75,
  hangup: 129,
  interrupted: 130,
  terminated: 143,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * Something that the user can mend: bad configuration, a wrong name, a full disk, a database that is not ours.
 * The message says what happened and to what; `next` is a command to run or a thing to do.
 */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly exit: ExitCode;
  readonly next: string | undefined;
  readonly [USER] = true;

  constructor(
    message: string,
    options: { readonly exit?: ExitCode; readonly next?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exit = options.exit ?? EXIT.usage;
    this.next = options.next;
  }
}

export function isUserError(error: unknown): error is UserError {
  return typeof error === "object" && error !== null && USER in error;
}
