/**
 * Sub-commands, beside the form that `run_ilastik.sh` has.
 *
 * @module
 */
import { normalizeName } from "../options.ts";
import { type Command, type CommandContext, parseCommand } from "./command.ts";
import { DOCTOR } from "./doctor.ts";
import { INSPECT } from "./inspect.ts";

export type { Command, CommandContext, CommandOption } from "./command.ts";

/** All sub-commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [INSPECT, DOCTOR];

/** Options that make a command line a run, with the fewest letters that name them. */
const RUN_OPTIONS: readonly (readonly [string, number])[] = [["project", 4], ["new_project", 3]];

/**
 * The sub-command of a command line: its first word, unless a project is given. Without a project there is nothing to
 * run, so a file of that name cannot be meant.
 */
export function findCommand(words: readonly string[]): Command | undefined {
  const command = COMMANDS.find(({ name }) => name === words[0]);
  return command === undefined || words.some(asksForRun) ? undefined : command;
}

/**
 * Runs a sub-command.
 *
 * @param words the words behind its name
 * @returns the exit code
 * @throws {UserError}
 */
export async function runCommand(
  command: Command,
  words: readonly string[],
  context: CommandContext,
): Promise<number> {
  return await command.run(parseCommand(command, words), context);
}

function asksForRun(word: string): boolean {
  if (!word.startsWith("--")) return false;
  const name = normalizeName(word.split("=", 1)[0] ?? "");
  return RUN_OPTIONS.some(([option, least]) => name.length >= least && option.startsWith(name));
}
