/**
 * Files and streams that observe a run: `--events`, `--logfile`, `--redirect_output`, `--report`.
 *
 * @module
 */
import { errorText, EXIT_CODES, UserError } from "../array/mod.ts";
import { eventStream, peakMemory, type RunEvent } from "./events.ts";
import { LineFile, logListener } from "./log.ts";
import type { Messages } from "./messages.ts";
import { absolutePath, type Folders } from "./paths.ts";
import { ReportCollector, writeReport } from "./report.ts";

/** Opens what the options ask for, and completes it at the end of the run. */
export class Observers {
  readonly #messages: Messages;
  readonly #report: ReportCollector;
  readonly #start = performance.now();
  readonly #files: LineFile[] = [];
  #reportPath: string | undefined;
  /** Largest memory that was seen, for systems that do not tell it. */
  #peak = 0;

  /**
   * Starts to listen.
   *
   * @param words the words behind the program's name
   */
  constructor(words: readonly string[], messages: Messages) {
    this.#messages = messages;
    this.#report = new ReportCollector(words);
    messages.listen(this.#report.listen);
    messages.listen(() => this.#peak = Math.max(this.#peak, Deno.memoryUsage().rss));
    if (wantsEvents(words)) {
      messages.configure({ eventsOnly: true });
      messages.listen(eventStream());
    }
  }

  /**
   * Opens the files that the options name.
   *
   * @throws {UserError} kind `usage` for unknown values, kind `output` for files that cannot be written or that are
   *   something else, for example a project or an image
   */
  open(
    options: ReadonlyMap<string, string>,
    folders: Folders,
  ): void {
    const path = (name: string): string | undefined => {
      const text = options.get(name);
      if (text === "") throw new UserError("usage", `--${name} is empty`, { hint: "give a file name" });
      return text === undefined || text === "/dev/null" ? text : absolutePath(text, folders);
    };
    const events = options.get("events");
    if (events !== undefined && events !== "json") {
      throw new UserError("usage", `unknown value \`${events}\` for --events`, {
        hint: "the only one is --events=json",
      });
    }
    const copy = path("redirect_output");
    if (copy !== undefined) {
      refuseOther(copy, "--redirect_output", isText);
      const file = this.#keep(LineFile.open(copy, "--redirect_output"));
      this.#messages.configure({ copy: (text) => file.write(text) });
    }
    const log = path("logfile");
    if (log !== undefined) {
      refuseOther(log, "--logfile", isText);
      this.#messages.listen(logListener(this.#keep(LineFile.open(log, "--logfile")), options.get("process_name")));
    }
    const report = path("report");
    if (report !== undefined) refuseOther(report, "--report", isObject);
    this.#reportPath = report;
  }

  /**
   * Tells the end of the run, writes the report and closes the files.
   *
   * @returns the exit code: that of the run, unless the report or another file cannot be written
   */
  async finish(exitCode: number): Promise<number> {
    const end = {
      event: "end",
      seconds: (performance.now() - this.#start) / 1000,
      peakMemory: Math.max(this.#peak, peakMemory()),
    } as const;
    let code = await this.#writeReport({ ...end, exitCode });
    this.#messages.tell({ ...end, exitCode: code });
    for (const file of this.#files) {
      file[Symbol.dispose]();
      if (file.failure === undefined) continue;
      this.#messages.error(new UserError("output", `cannot write ${file.path}: ${errorText(file.failure)}`));
      if (code === 0) code = EXIT_CODES.output;
    }
    return code;
  }

  async #writeReport(end: Extract<RunEvent, { readonly event: "end" }>): Promise<number> {
    if (this.#reportPath === undefined) return end.exitCode;
    this.#report.listen(end);
    try {
      await writeReport(this.#reportPath, this.#report.report());
      return end.exitCode;
    } catch (error) {
      this.#messages.error(error);
      return end.exitCode === 0 ? EXIT_CODES.output : end.exitCode;
    }
  }

  #keep(file: LineFile): LineFile {
    this.#files.push(file);
    return file;
  }
}

/** Found before the options are read, so that errors in these are events too. */
function wantsEvents(words: readonly string[]): boolean {
  const index = words.indexOf("--events");
  return words.includes("--events=json") || (index >= 0 && words[index + 1] === "json");
}

/** How much of a file that is there is looked at. */
const LOOKED_AT = 1024;

/** A project or an image is not lost to a mistaken option. */
function refuseOther(path: string, option: string, isOwn: (head: Uint8Array) => boolean): void {
  const head = new Uint8Array(LOOKED_AT);
  let length: number | null;
  try {
    if (!Deno.statSync(path).isFile) return;
    using file = Deno.openSync(path);
    length = file.readSync(head);
  } catch {
    // Not there or not readable: writing will tell.
    return;
  }
  if (length === null || isOwn(head.subarray(0, length))) return;
  throw new UserError("output", `${option} would write into ${path}, which is something else`, {
    hint: `give another name with ${option}, or delete the file first`,
  });
}

function isText(head: Uint8Array): boolean {
  return !head.includes(0);
}

/** Whether it may be JSON: reports begin with a brace. */
function isObject(head: Uint8Array): boolean {
  return new TextDecoder().decode(head).trimStart().startsWith("{");
}
