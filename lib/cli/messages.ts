/**
 * Everything that is printed. stdout holds paths of results and the closing line; all else goes to stderr.
 *
 * @module
 */
import { errorText, UserError } from "../array/mod.ts";

/** How much is said. */
export interface MessageOptions {
  /** Only errors. */
  readonly quiet: boolean;
  /** Also details. */
  readonly verbose: boolean;
  /** Also stack traces of errors. */
  readonly debug: boolean;
}

/** Prints messages by one set of rules (cli-and-io.md §6.2). */
export class Messages {
  readonly #options: MessageOptions;
  readonly #encoder = new TextEncoder();
  /** Called before a line is printed, so that a progress bar can step aside. */
  beforeLine: (() => void) | undefined;

  /** Nothing is printed yet. */
  constructor(options: MessageOptions) {
    this.#options = options;
  }

  /** A line on stdout. */
  output(line: string): void {
    this.#write(Deno.stdout, `${line}\n`);
  }

  /** An error; bugs say how to report them. */
  error(error: unknown, prefix = ""): void {
    if (error instanceof UserError) {
      const hint = error.hint === undefined ? "" : `; ${error.hint}`;
      this.#line(`error: ${prefix}${oneLine(error.message + hint)}`);
    } else {
      this.#line(
        `error: ${prefix}internal error: ${
          oneLine(errorText(error))
        }; please report it with the command line and the output of --debug`,
      );
    }
    if (this.#options.debug) this.#line(stackOf(error));
  }

  /** Something that the user can act on. */
  warning(message: string): void {
    if (!this.#options.quiet) this.#line(`warning: ${oneLine(message)}`);
  }

  /** What the program decided. */
  info(message: string): void {
    if (!this.#options.quiet) this.#line(oneLine(message));
  }

  /** Details for `--verbose`. */
  verbose(message: string): void {
    if (this.#options.verbose && !this.#options.quiet) this.#line(oneLine(message));
  }

  /** Raw text on stderr, for the progress bar. */
  raw(text: string): void {
    this.#write(Deno.stderr, text);
  }

  #line(text: string): void {
    this.beforeLine?.();
    this.#write(Deno.stderr, `${text}\n`);
  }

  #write(stream: typeof Deno.stdout, text: string): void {
    const bytes = this.#encoder.encode(text);
    try {
      for (let done = 0; done < bytes.length;) done += stream.writeSync(bytes.subarray(done));
    } catch (error) {
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error; // nobody reads any more: a normal end
    }
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " | ");
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
