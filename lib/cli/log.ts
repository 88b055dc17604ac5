/**
 * Files beside stdout and stderr: `--logfile` and `--redirect_output`.
 *
 * @module
 */
import { dirname } from "@std/path";
import { errorText, UserError } from "../array/mod.ts";
import type { EventListener, RunEvent } from "./events.ts";
import { writeText } from "./streams.ts";

/** Callers give this name when they want no file. */
const NO_FILE = "/dev/null";

/** A file that lines are appended to. */
export class LineFile implements Disposable {
  /** Path as given. */
  readonly path: string;
  readonly #file: Deno.FsFile | undefined;
  #failure: unknown;

  private constructor(path: string, file: Deno.FsFile | undefined) {
    this.path = path;
    this.#file = file;
  }

  /**
   * Opens a file for appending; its folder is made.
   *
   * @param option the option that names it, for messages
   * @throws {UserError} kind `output`
   */
  static open(path: string, option: string): LineFile {
    if (path === NO_FILE) return new LineFile(path, undefined);
    try {
      Deno.mkdirSync(dirname(path), { recursive: true });
      return new LineFile(path, Deno.openSync(path, { create: true, append: true }));
    } catch (error) {
      throw new UserError("output", `cannot write ${path}: ${errorText(error)}`, {
        hint: `give another name with ${option}`,
        cause: error,
      });
    }
  }

  /** What went wrong first while writing; `undefined` when nothing did. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Appends a text. A failure, for example a full disk, is kept for the end: it is no reason to stop a run. */
  write(text: string): void {
    if (this.#file === undefined || this.#failure !== undefined) return;
    try {
      writeText(this.#file, text);
    } catch (error) {
      this.#failure = error;
    }
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file?.close();
  }
}

/**
 * A listener that writes a line with time and level for everything but progress.
 *
 * @param processName stands in front of each line when given
 * @param now the time; replaced in tests
 */
export function logListener(
  file: { write(text: string): void },
  processName: string | undefined,
  now: () => Date = () => new Date(),
): EventListener {
  const prefix = processName === undefined ? "" : `${processName} `;
  return (event) => {
    const entry = logEntry(event);
    if (entry === undefined) return;
    const [level, text] = entry;
    file.write(`${prefix}${now().toISOString()} ${level} ${text.replaceAll(/\s*\n\s*/g, " | ")}\n`);
  };
}

/** Level and text of an event; `undefined` for what does not belong into a log. */
function logEntry(event: RunEvent): readonly [string, string] | undefined {
  switch (event.event) {
    case "verbose":
      return ["DEBUG", event.message];
    case "info":
      return ["INFO", event.message];
    case "warning":
      return ["WARNING", event.message];
    case "error":
      return ["ERROR", event.hint === null ? event.message : `${event.message}; ${event.hint}`];
    case "start":
      return [
        "INFO",
        `ilastik-headless ${event.version}, ${event.project} (${event.workflow}), inputs: ${event.inputs}`,
      ];
    case "output":
      return ["INFO", `${event.status}: ${event.paths.join(", ")} in ${event.seconds.toFixed(2)} s`];
    case "end":
      return ["INFO", `exit code ${event.exitCode} after ${event.seconds.toFixed(2)} s`];
    case "input":
    case "progress":
    case "empty": // an info of it follows
      return undefined;
  }
}
