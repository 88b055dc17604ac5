/**
 * Running the build's programs, and the few things about files that every step needs.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** Lines of a failed program's output that are shown. */
const SHOWN_LINES = 30;

/** A step of the build failed; the message says which and shows the end of its output. */
export class BuildError extends Error {
  override readonly name = "BuildError";
}

/** Where and with what a program runs. */
export interface RunOptions {
  /** Working folder. @default {the caller's} */
  cwd?: string;
  /** Variables added to the environment. @default {none} */
  env?: Record<string, string>;
}

/**
 * Runs a program to its end.
 *
 * @param what the step, for the error: `build HDF5`
 * @param program path or name
 * @param args its arguments
 * @param options where and with what
 * @returns what it wrote to stdout
 * @throws {BuildError} if it is missing or fails
 */
export async function run(
  what: string,
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(program, { args: [...args], ...options, stdout: "piped", stderr: "piped" })
      .output();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new BuildError(`cannot ${what}: \`${program}\` is not installed`);
    throw error;
  }
  const decoder = new TextDecoder();
  const text = decoder.decode(output.stdout);
  if (output.success) return text;
  const lines = `${text}\n${decoder.decode(output.stderr)}`.trim().split("\n").slice(-SHOWN_LINES);
  throw new BuildError(`cannot ${what}: \`${program}\` ended with code ${output.code}\n${lines.join("\n")}`);
}

/**
 * Does a job for every item, a few at a time.
 *
 * @param items what to work on
 * @param job the work
 * @param jobs how many at a time
 */
export async function inParallel<T>(
  items: readonly T[],
  job: (item: T) => Promise<void>,
  jobs: number = navigator.hardwareConcurrency,
): Promise<void> {
  const rest = items.values();
  const work = async (): Promise<void> => {
    for (const item of rest) await job(item);
  };
  await Promise.all(Array.from({ length: jobs }, work));
}

/**
 * Checksum of bytes.
 *
 * @param bytes what is hashed
 * @returns sha256, hexadecimal
 */
export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * Checksum of a file.
 *
 * @param path the file
 * @returns sha256, hexadecimal; undefined if there is no such file
 */
export function sha256OfFile(path: string): string | undefined {
  try {
    return sha256(Deno.readFileSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Removes a file or folder if it is there.
 *
 * @param path the file or folder
 */
export async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Tells on stderr what is going on.
 *
 * @param line what, one line
 */
export function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}
