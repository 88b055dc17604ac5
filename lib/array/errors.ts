/**
 * The one error that a user can cause. Everything else that is thrown is a bug.
 *
 * @module
 */

/** What failed; decides the exit code (docs/architecture.md, cli-and-io.md §6.1). */
export type UserErrorKind = "usage" | "project" | "input" | "output" | "memory";

/** Exit code of each kind of error. */
export const EXIT_CODES: Readonly<Record<UserErrorKind, number>> = {
  usage: 2,
  project: 3,
  input: 4,
  output: 5,
  memory: 6,
};

/** An error with one clear line for the user: what, what was found, what is needed. */
export class UserError extends Error {
  /** Name of the class. */
  override readonly name = "UserError";
  /** What failed. */
  readonly kind: UserErrorKind;
  /** What the user can type or do about it, one line, without a period. */
  readonly hint: string | undefined;

  /**
   * Made where the failure is noticed; the text is for the user.
   *
   * @param kind what failed
   * @param message one line without a period: what failed, where, what was found
   * @param options.hint what to do about it
   * @param options.cause the error underneath, shown with `--debug`
   */
  constructor(kind: UserErrorKind, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.hint = options.hint;
  }
}

/** The text of anything thrown: the message of an error, else its string form. */
export function errorText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
