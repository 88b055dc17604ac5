/**
 * Writing to stdout and stderr.
 *
 * @module
 */
import { errorText, UserError } from "../array/mod.ts";

/** What texts go to. */
export interface ByteStream {
  /** Writes some of the bytes; returns how many. */
  writeSync(bytes: Uint8Array): number;
}

const ENCODER = new TextEncoder();

/** Writes a text completely. */
export function writeText(stream: ByteStream, text: string): void {
  const bytes = ENCODER.encode(text);
  for (let done = 0; done < bytes.length;) done += stream.writeSync(bytes.subarray(done));
}

/**
 * Writes a text to stdout. Nobody reading any more is a normal end.
 *
 * @throws {UserError} kind `output` when it cannot be written, for example into a file on a full disk
 */
export function writeStdout(text: string, stream: ByteStream = Deno.stdout): void {
  try {
    writeText(stream, text);
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return;
    throw new UserError("output", `cannot write to stdout: ${errorText(error)}`, { cause: error });
  }
}

/** Writes a text to stderr, if possible: a failure is no reason to end a run, and there is nobody to tell. */
export function writeStderr(text: string, stream: ByteStream = Deno.stderr): void {
  try {
    writeText(stream, text);
  } catch {
    // Closed, full or not read any more.
  }
}
