/**
 * Arrays by standard input and output: `-` as an input and as the name of the output.
 *
 * @module
 */
import { UserError } from "../array/mod.ts";
import { type ExportSettings, findFormat, numpyStream } from "../outputs/mod.ts";
import { type LaneTexts, STDIN } from "./lanes.ts";
import type { Request } from "./parse.ts";

/** The format of arrays in pipes. */
const FORMAT = "numpy";
const OUTPUT = "--output_filename_format=-";

/** The part of standard input and output that decides. */
export interface Terminals {
  /** Whether somebody types there. */
  readonly stdin: boolean;
  /** Whether it is shown to somebody. */
  readonly stdout: boolean;
}

/** Whether the array is written to standard output; a name that the project or the configuration file gives is a file. */
export function goesToStdout({ options }: Request): boolean {
  return options.get("output_filename_format") === "-";
}

/**
 * Options with the format that goes through pipes, when the output goes to standard output.
 *
 * @throws {UserError} kind `usage` when another one is asked for
 */
export function pipeOptions(request: Request): ReadonlyMap<string, string> {
  const { options } = request;
  if (!goesToStdout(request)) return options;
  const format = options.get("output_format");
  if (format !== undefined && findFormat(format).name !== FORMAT) {
    throw new UserError("usage", `${OUTPUT} writes ${FORMAT} (.npy) only, found --output_format=${format}`, {
      hint: "leave --output_format out, or name a file",
    });
  }
  return new Map([...options, ["output_format", FORMAT]]);
}

/** Settings of an export whose file is standard output; `signal` ends the waiting for its reader. */
export function toStdout(settings: ExportSettings, signal: AbortSignal): ExportSettings {
  return { ...settings, format: numpyStream(Deno.stdout, signal), fileNamePattern: "stdout" };
}

/**
 * Checks that a pipe holds one array, and that it is one.
 *
 * @throws {UserError} kind `usage`
 */
export function checkPipes(
  request: Request,
  lanes: readonly LaneTexts[],
  exportSources: readonly string[],
  terminals: Terminals,
): void {
  const arrays = lanes.flat().filter((text) => text === STDIN).length;
  if (arrays > 1) {
    throw new UserError("usage", `stdin (\`-\`) is given ${arrays} times, it holds one array`, {
      hint: "give the others as files",
    });
  }
  if (arrays === 1 && request.options.get("inputs_from") === STDIN) {
    throw new UserError("usage", "stdin (`-`) cannot be both an input and the list of --inputs_from", {
      hint: "put the list into a file",
    });
  }
  if (arrays === 1 && terminals.stdin) {
    throw new UserError("usage", "the input `-` is stdin, which is a terminal", {
      hint: "pipe a .npy array into it, or write ./- for a file of that name",
    });
  }
  if (!goesToStdout(request)) return;
  if (lanes.length > 1 || exportSources.length > 1) {
    const found = lanes.length > 1 ? `${lanes.length} inputs` : `${exportSources.length} export sources`;
    throw new UserError("usage", `${OUTPUT} writes one array, found ${found}`, {
      hint: "write files with --output_filename_format={nickname}_{result_type}.npy, or start one run for each",
    });
  }
  if (request.options.has("tile")) {
    throw new UserError("usage", `${OUTPUT} cannot write a tile: \`merge\` needs files that say which tile they are`, {
      hint: "leave --tile out, or name a file",
    });
  }
  if (request.options.has("split_channels")) {
    throw new UserError("usage", `${OUTPUT} writes one array, --split_channels asks for one per channel`, {
      hint: "leave one of them out, or choose a channel with --cutout_subregion=c=0:1",
    });
  }
  if (terminals.stdout && !request.options.has("dry_run")) {
    throw new UserError("usage", `${OUTPUT} writes to stdout, which is a terminal`, {
      hint: "pipe it into a program or into a file with > out.npy",
    });
  }
}
