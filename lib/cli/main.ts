/**
 * The program: words in, exit code out. The only place that reads the environment, prints and listens to signals.
 *
 * @module
 */
import { EXIT_CODES, UserError } from "../array/mod.ts";
import { openProject, shutdown } from "../project/mod.ts";
import { findWorkflow } from "../workflows/mod.ts";
import { runBatch } from "./batch.ts";
import { COMMANDS, findCommand, runCommand } from "./commands/mod.ts";
import { versionDetails } from "./commands/doctor.ts";
import { readConfig } from "./config.ts";
import { type HelpProject, helpText, topicText } from "./help.ts";
import { Messages } from "./messages.ts";
import { Observers } from "./observers.ts";
import { parseArguments, type Request } from "./parse.ts";
import { absolutePath, type Folders } from "./paths.ts";
import type { ProgressMode } from "./progress.ts";
import { withoutQuotes } from "./quotes.ts";
import { findResources, THIS_SYSTEM } from "./resources.ts";
import { nearest } from "./suggest.ts";
import { VERSION } from "./version.ts";

/** Signals that end a run, with their exit codes. */
const SIGNALS = Deno.build.os === "windows"
  ? [["SIGINT", 130], ["SIGBREAK", 130]] as const
  : [["SIGINT", 130], ["SIGTERM", 143]] as const;

/** The user or the system asked the program to stop. */
class Stopped extends Error {
  readonly code: number;

  constructor(signal: string, code: number) {
    super(`stopped by ${signal}`);
    this.code = code;
  }
}

/**
 * Runs the program.
 *
 * @param words the command line behind the program's name
 * @returns the exit code (cli-and-io.md §6.1)
 */
export async function main(words: readonly string[]): Promise<number> {
  const stop = new AbortController();
  for (const [signal, code] of SIGNALS) {
    Deno.addSignalListener(signal, () => stop.abort(new Stopped(signal, code)));
  }
  const messages = new Messages({ quiet: false, verbose: false, debug: words.includes("--debug") });
  const command = findCommand(words);
  if (command !== undefined) {
    return await guarded(
      messages,
      () => runCommand(command, words.slice(1), { messages, ...folders(), signal: stop.signal }),
    );
  }
  const observers = new Observers(words, messages);
  const code = await guarded(messages, async () => {
    const compat = wantsCompat(words);
    const request = withoutQuotes(parseArguments(words, compat), isFile);
    observers.open(request.options, folders());
    return await run(request, compat, messages, stop.signal);
  });
  return await observers.finish(code);
}

/** Runs `work`; says what it throws and turns it into an exit code. Ends the libraries in any case. */
async function guarded(messages: Messages, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Stopped) {
      messages.info(`${error.message}, nothing unfinished is left`);
      return error.code;
    }
    messages.error(error);
    return error instanceof UserError ? EXIT_CODES[error.kind] : 1;
  } finally {
    await shutdown();
  }
}

async function run(request: Request, compat: boolean, messages: Messages, signal: AbortSignal): Promise<number> {
  if (request.options.has("version")) {
    messages.output(VERSION);
    if (request.options.has("verbose")) messages.output(await versionDetails());
    return 0;
  }
  if (request.options.has("help")) {
    const [topic] = request.files;
    const project = await helpProject(request);
    messages.output(
      topic !== undefined && project === undefined ? topicText(topic, COMMANDS) : helpText(COMMANDS, project),
    );
    return 0;
  }
  const { options } = request;
  checkSubCommand(request);
  const config = readConfig(configPath(options.get("configfile")));
  messages.configure({
    quiet: options.has("quiet"),
    verbose: options.has("verbose"),
    debug: options.has("debug") || config.debug,
  });
  for (const warning of [...request.warnings, ...config.warnings]) messages.warning(warning);
  for (const detail of request.details ?? []) messages.verbose(detail);
  if (config.path !== undefined) messages.verbose(`configuration: ${config.path}`);
  const limits = { threads: options.get("threads"), memory: options.get("memory") };
  const resources = findResources(limits, THIS_SYSTEM, config);
  messages.verbose(`threads: ${resources.threads} (${resources.origin.threads})`);
  messages.verbose(`memory: ${Math.round(resources.memory / 2 ** 20)} MiB (${resources.origin.memory})`);
  return await runBatch(request, {
    messages,
    resources,
    config,
    progress: progressMode(request),
    compat,
    ...folders(),
    signal,
  });
}

/** Without a project there is nothing to run: a first word that is no file is a sub-command that was mistyped. */
function checkSubCommand({ options, files: [word] }: Request): void {
  if (word === undefined || options.has("project") || options.has("new_project") || isFile(word)) return;
  const near = nearest(word, COMMANDS.map(({ name }) => name));
  if (near !== undefined) {
    throw new UserError("usage", `unknown sub-command ${word}`, { hint: `did you mean ${near}?` });
  }
}

function configPath(text: string | undefined): string | undefined {
  return text === undefined ? undefined : absolutePath(text, folders());
}

function folders(): Folders {
  return { currentFolder: Deno.cwd(), homeFolder: Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") };
}

async function helpProject(request: Request): Promise<HelpProject | undefined> {
  const path = request.options.get("project");
  if (path === undefined) return undefined;
  await using project = await openProject(absolutePath(path, folders()));
  return { path, workflow: findWorkflow(project.header.workflowName, path) };
}

/** The mode decides how the other words are read, so it is found before them. */
function wantsCompat(words: readonly string[]): boolean {
  const joined = words.find((word) => word.startsWith("--compat="));
  const index = words.indexOf("--compat");
  const value = joined?.slice("--compat=".length) ?? (index < 0 ? undefined : words[index + 1]) ??
    Deno.env.get("ILASTIK_COMPAT");
  if (value === undefined || value === "") return false;
  if (value.toLowerCase() === "ilastik") return true;
  throw new UserError("usage", `unknown value \`${value}\` for --compat`, { hint: "the only one is --compat=ilastik" });
}

function progressMode(request: Request): ProgressMode {
  const text = request.options.get("progress") ?? "auto";
  if (request.options.has("quiet") || request.options.has("events") || text === "none") return "none";
  if (text === "plain") return "plain";
  if (text !== "auto") {
    throw new UserError("usage", `unknown value \`${text}\` for --progress`, { hint: "use auto, plain or none" });
  }
  return Deno.stderr.isTerminal() ? "bar" : "plain";
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false; // whatever is wrong with it, it is no file with quotes in its name
  }
}
