/**
 * Sub-commands, beside the form that `run_ilastik.sh` has.
 *
 * @module
 */
import { topicText } from "../help.ts";
import { normalizeName } from "../options.ts";
import { type Command, type CommandContext, parseCommand } from "./command.ts";
import { COMPLETIONS } from "./completions.ts";
import { DIFF } from "./diff.ts";
import { DOCTOR } from "./doctor.ts";
import { HELP, MAN } from "./help.ts";
import { INSPECT } from "./inspect.ts";
import { MERGE } from "./merge.ts";
import { SLIM } from "./slim.ts";

export type { Command, CommandContext, CommandOption } from "./command.ts";

/** All sub-commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [INSPECT, MERGE, SLIM, DIFF, DOCTOR, HELP, COMPLETIONS, MAN];

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
  context: Omit<CommandContext, "commands">,
): Promise<number> {
  const request = parseCommand(command, words);
  if (request.options.has("help")) {
    context.messages.output(topicText(command.name, COMMANDS));
    return 0;
  }
  return await command.run(request, { ...context, commands: COMMANDS });
}

function asksForRun(word: string): boolean {
  if (!word.startsWith("--")) return false;
  const name = normalizeName(word.split("=", 1)[0] ?? "");
  return RUN_OPTIONS.some(([option, least]) => name.length >= least && option.startsWith(name));
}
