/**
 * Everything that is printed. stdout holds paths of results and the closing line; all else goes to stderr.
 *
 * @module
 */
import { errorText, UserError } from "../array/mod.ts";
import type { EventListener, RunEvent } from "./events.ts";
import { writeStderr, writeStdout } from "./streams.ts";

/** How much is said. */
export interface MessageOptions {
  /** Only errors. */
  readonly quiet: boolean;
  /** Details too. */
  readonly verbose: boolean;
  /** Stack traces of errors too. */
  readonly debug: boolean;
  /** No text on stderr at all: a listener writes events there. */
  readonly eventsOnly?: boolean;
  /** No text on stdout: an array goes there. */
  readonly stdoutTaken?: boolean;
  /** Gets a copy of all lines that are printed. */
  readonly copy?: (text: string) => void;
}

/** Prints messages by one set of rules (cli-and-io.md §6.2) and tells listeners what happens. */
export class Messages {
  #options: MessageOptions;
  readonly #listeners: EventListener[] = [];
  /** Called before a line is printed, so that a progress bar can step aside. */
  beforeLine: (() => void) | undefined;

  /**
   * Nothing is printed yet.
   *
   * @param options how much is said
   */
  constructor(options: MessageOptions) {
    this.#options = options;
  }

  /** Changes how much is said. */
  configure(options: Partial<MessageOptions>): void {
    this.#options = { ...this.#options, ...options };
  }

  /** Adds somebody who hears of everything, also of what is not printed. */
  listen(listener: EventListener): void {
    this.#listeners.push(listener);
  }

  /** Tells the listeners; prints nothing. */
  tell(event: RunEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /**
   * A line on stdout, unless that is taken.
   *
   * @throws {UserError} kind `output` when it cannot be written
   */
  output(line: string): void {
    if (this.#options.stdoutTaken) return;
    this.beforeLine?.();
    writeStdout(`${line}\n`);
    this.#options.copy?.(`${line}\n`);
  }

  /**
   * An error; those that nobody foresaw say how to report them.
   *
   * @param about the input that it is about: what stands in front of the text, its number from 1 and its name
   */
  error(error: unknown, about?: { readonly prefix: string; readonly input: number; readonly name: string }): void {
    const prefix = about?.prefix ?? "";
    const hint = hintOf(error);
    const message = error instanceof UserError || hint !== null
      ? prefix + oneLine(errorText(error))
      : `${prefix}internal error: ${
        oneLine(errorText(error))
      }; please report it with the command line and the output of --debug`;
    this.#line(`error: ${message}${hint === null ? "" : `; ${oneLine(hint)}`}`);
    if (this.#options.debug) this.#line(stackOf(error));
    this.tell({
      event: "error",
      message,
      hint,
      kind: error instanceof UserError ? error.kind : "internal",
      input: about?.input ?? null,
      name: about?.name ?? null,
    });
  }

  /** Something that the user can act on. */
  warning(message: string): void {
    if (!this.#options.quiet) this.#line(`warning: ${oneLine(message)}`);
    this.tell({ event: "warning", message });
  }

  /** What the program decided. */
  info(message: string): void {
    if (!this.#options.quiet) this.#line(oneLine(message));
    this.tell({ event: "info", message });
  }

  /** Whether details are said, so that they are worth finding out. */
  get isVerbose(): boolean {
    return this.#options.verbose && !this.#options.quiet;
  }

  /** Details for `--verbose`. */
  verbose(message: string): void {
    if (this.isVerbose) this.#line(oneLine(message));
    this.tell({ event: "verbose", message });
  }

  /** Raw text on stderr, for the progress bar. */
  raw(text: string): void {
    if (!this.#options.eventsOnly) writeStderr(text);
  }

  #line(text: string): void {
    this.#options.copy?.(`${text}\n`);
    if (this.#options.eventsOnly) return;
    this.beforeLine?.();
    writeStderr(`${text}\n`);
  }
}

/** A text in one line, and without characters that terminals obey: names and damaged files may hold anything. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " | ").replaceAll(
    /(?!\t)\p{Cc}/gu,
    (letter) => `\\x${letter.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

/** What the user can do: errors of the input, and native libraries that do not open, know it. */
function hintOf(error: unknown): string | null {
  return error instanceof Error && "hint" in error && typeof error.hint === "string" ? error.hint : null;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
