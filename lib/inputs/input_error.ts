/**
 * The one form of "this file cannot be read".
 *
 * @module
 */
import { UserError } from "../array/mod.ts";

/**
 * An error about one input file.
 *
 * @param path the file as the user knows it
 * @param problem what is wrong with it, without a period
 * @param options.hint what to do about it
 * @param options.cause the error underneath
 */
export function inputError(path: string, problem: string, options: { hint?: string; cause?: unknown } = {}): UserError {
  return new UserError("input", `cannot read \`${path}\`: ${problem}`, options);
}

/**
 * Runs a decoder that may throw anything on damaged bytes.
 *
 * @throws {UserError} kind `input`; errors of that class pass unchanged
 */
export async function guarded<T>(path: string, decode: () => T | Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (thrown) {
    if (thrown instanceof UserError) throw thrown;
    if (thrown instanceof RangeError || thrown instanceof Damaged) {
      throw inputError(path, thrown instanceof Damaged ? thrown.message : "the file is truncated or damaged", {
        cause: thrown,
      });
    }
    throw thrown;
  }
}

/** Thrown by decoders that know bytes but no file name; `guarded` turns it into an error for the user. */
export class Damaged extends Error {
  /** Name of the class. */
  override readonly name = "Damaged";
}
