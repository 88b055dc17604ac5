/**
 * The report of a run: `--report FILE.json`.
 *
 * @module
 */
import { ensureDir } from "@std/fs";
import { dirname, join } from "@std/path";
import { errorText, UserError } from "../array/mod.ts";
import type { ArrayFacts, EventListener, RunEvent } from "./events.ts";
import { VERSION } from "./version.ts";

/** One kind of event. */
export type Event<Name extends RunEvent["event"]> = Extract<RunEvent, { readonly event: Name }>;

/** An input and what was made of it. */
export interface ReportedInput {
  /** As it was written on the command line. */
  readonly name: string;
  /** How it ended. */
  status: "written" | "kept" | "planned" | "empty" | "failed" | "not done";
  /** Files of each role, as they were understood; empty when they could not be opened. */
  roles: readonly (ArrayFacts & { readonly role: string; readonly paths: readonly string[] })[];
  /** One per export source. */
  readonly outputs: Omit<Event<"output">, "event" | "input" | "name">[];
  /** Why it failed. */
  error: string | null;
  /** Time that it took. */
  seconds: number;
}

/** What `--report` writes. Fields are only ever added while `schema` is 1. */
export interface Report {
  /** Version of this structure. */
  readonly schema: 1;
  /** Version of the program. */
  readonly version: string;
  /** The words behind the program's name. */
  readonly commandLine: readonly string[];
  /** Exit code of the program. */
  readonly exitCode: number;
  /** ISO 8601. */
  readonly started: string;
  /** Time of the whole run. */
  readonly seconds: number;
  /** Bytes. */
  readonly peakMemory: number;
  /** Whether nothing was to be written. */
  readonly dryRun: boolean;
  /** `null` when the run ended before the project was read. */
  readonly project: { readonly path: string; readonly workflow: string; readonly version: string } | null;
  /** Number of threads and where it comes from; `null` as above. */
  readonly threads: Event<"start">["threads"] | null;
  /** Memory budget and where it comes from; `null` as above. */
  readonly memory: Event<"start">["memory"] | null;
  /** What every option came to. */
  readonly settings: Event<"start">["settings"];
  /** In the order of the command line. */
  readonly inputs: readonly ReportedInput[];
  /** In their order. */
  readonly warnings: readonly string[];
  /** In their order. */
  readonly errors: readonly { readonly message: string; readonly hint: string | null; readonly kind: string }[];
}

/** Collects what happens in a run. */
export class ReportCollector {
  readonly #started = new Date();
  readonly #commandLine: readonly string[];
  #start: Event<"start"> | undefined;
  #end: Event<"end"> | undefined;
  readonly #inputs = new Map<number, ReportedInput>();
  readonly #warnings: string[] = [];
  readonly #errors: { message: string; hint: string | null; kind: string }[] = [];

  /**
   * Nothing is collected yet.
   *
   * @param commandLine the words behind the program's name
   */
  constructor(commandLine: readonly string[]) {
    this.#commandLine = commandLine;
  }

  /** Hears of everything. */
  readonly listen: EventListener = (event) => {
    switch (event.event) {
      case "start":
        this.#start = event;
        break;
      case "input":
        this.#input(event.input, event.name).roles = event.roles;
        break;
      case "output":
        this.#output(event);
        break;
      case "empty":
        this.#input(event.input, event.name).status = "empty";
        break;
      case "warning":
        this.#warnings.push(event.message);
        break;
      case "error":
        this.#error(event);
        break;
      case "end":
        this.#end = event;
        break;
      case "progress":
      case "info":
      case "verbose":
        break;
    }
  };

  /** The report so far. */
  report(): Report {
    const start = this.#start;
    return {
      schema: 1,
      version: VERSION,
      commandLine: this.#commandLine,
      exitCode: this.#end?.exitCode ?? 1,
      started: this.#started.toISOString(),
      seconds: this.#end?.seconds ?? 0,
      peakMemory: this.#end?.peakMemory ?? 0,
      dryRun: start?.dryRun ?? false,
      project: start === undefined
        ? null
        : { path: start.project, workflow: start.workflow, version: start.projectVersion },
      threads: start?.threads ?? null,
      memory: start?.memory ?? null,
      settings: start?.settings ?? {},
      inputs: [...this.#inputs].toSorted(([a], [b]) => a - b).map(([, input]) => input),
      warnings: this.#warnings,
      errors: this.#errors,
    };
  }

  #input(number: number, name: string): ReportedInput {
    const known = this.#inputs.get(number);
    if (known !== undefined) return known;
    const input: ReportedInput = { name, status: "not done", roles: [], outputs: [], error: null, seconds: 0 };
    this.#inputs.set(number, input);
    return input;
  }

  #output({ event: _event, input: number, name, ...output }: Event<"output">): void {
    const input = this.#input(number, name);
    input.outputs.push(output);
    input.status = output.status;
    input.seconds += output.seconds;
  }

  #error({ message, hint, kind, input: number, name }: Event<"error">): void {
    this.#errors.push({ message, hint, kind });
    if (number === null) return;
    const input = this.#input(number, name ?? "");
    input.status = "failed";
    input.error = message;
  }
}

/**
 * Writes a report: complete or not at all; its folder is made.
 *
 * @throws {UserError} kind `output`
 */
export async function writeReport(path: string, report: Report): Promise<void> {
  const part = join(dirname(path), `.ilastik-headless-${crypto.randomUUID().slice(0, 13)}.tmp`);
  try {
    await ensureDir(dirname(path));
    await Deno.writeTextFile(part, `${JSON.stringify(report, undefined, 2)}\n`);
    await Deno.rename(part, path);
  } catch (error) {
    await Deno.remove(part).catch(() => {}); // the first error is the one that counts
    throw new UserError("output", `cannot write the report ${path}: ${errorText(error)}`, {
      hint: "give another name with --report",
      cause: error,
    });
  }
}
