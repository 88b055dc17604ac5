/**
 * Writing to stdout and stderr.
 *
 * @module
 */

const ENCODER = new TextEncoder();

/** Writes a text completely. Nobody reading any more is a normal end. */
export function writeText(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = ENCODER.encode(text);
  try {
    for (let done = 0; done < bytes.length;) done += stream.writeSync(bytes.subarray(done));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
