/**
 * The error of a failed call into a native library, with that library's own words.
 *
 * @module
 */

/** One line of a library's report, outermost call first. */
export interface NativeErrorLine {
  /** C function that reported. */
  readonly function: string;
  /** Its words. */
  readonly text: string;
}

/** A call into a native library failed. The rooms turn it into an error for the user. */
export class NativeError extends Error {
  /** Name of the class. */
  override readonly name = "NativeError";
  /** Name of the library, for example `HDF5`. */
  readonly library: string;
  /** The C function that was called. */
  readonly call: string;
  /** What it returned. */
  readonly code: number;
  /** The library's own report, outermost call first, the cause last. */
  readonly lines: readonly NativeErrorLine[];
  /** The cause in the library's words. */
  readonly reason: string;

  /**
   * Made where a call fails.
   *
   * @param library name of the library
   * @param call the C function that was called
   * @param code what it returned
   * @param lines the library's report, outermost call first
   */
  constructor(library: string, call: string, code: number, lines: readonly NativeErrorLine[]) {
    const reason = lines.at(-1)?.text ?? `${call} returned ${code}`;
    super(`${library}: ${reason}`);
    this.library = library;
    this.call = call;
    this.code = code;
    this.lines = lines;
    this.reason = reason;
  }
}
