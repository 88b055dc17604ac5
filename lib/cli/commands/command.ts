/**
 * What a sub-command is, and how its words are read.
 *
 * @module
 */
import { UserError } from "../../array/mod.ts";
import type { Messages } from "../messages.ts";
import { allNames, normalizeName, type OptionRow } from "../options.ts";
import type { Folders } from "../paths.ts";
import { nearest } from "../suggest.ts";

/** What sub-commands get from the program. */
export interface CommandContext extends Folders {
  /** Where everything is printed. */
  readonly messages: Messages;
  /** All sub-commands, for those that describe them. */
  readonly commands: readonly Command[];
  /** Raised when the run should stop. */
  readonly signal: AbortSignal;
}

/** An option of a sub-command. */
export interface CommandOption extends OptionRow {
  /** What it does, in one or two sentences. */
  readonly help: string;
  /** One letter, for example `o` for `-o`. */
  readonly letter?: string;
}

/** A sub-command: one row of the table in `mod.ts`. */
export interface Command {
  /** The word on the command line. */
  readonly name: string;
  /** What stands behind the name, for example `PROJECT`. */
  readonly usage: string;
  /** One line. */
  readonly summary: string;
  /** Paragraphs of `help NAME`. */
  readonly details: readonly string[];
  /** Values of options by table name. */
  readonly options: readonly CommandOption[];
  /** Fewest and most plain words. */
  readonly words: readonly [number, number];
  /** Words that look like options of others are plain words. */
  readonly anyWord?: true;
  /** Runs it and returns the exit code. */
  run(request: CommandRequest, context: CommandContext): Promise<number>;
}

/** Options that every sub-command has. */
export const COMMON_OPTIONS: readonly CommandOption[] = [
  { name: "help", letter: "h", group: "launcher", value: "none", help: "Show the help of this sub-command." },
  { name: "debug", group: "launcher", value: "none", help: "Show stack traces of errors." },
];

/** What the words behind a sub-command say. */
export interface CommandRequest {
  /** Values by option name; `"true"` for flags. */
  readonly options: ReadonlyMap<string, string>;
  /** The words that are no options, in order. */
  readonly words: readonly string[];
}

/**
 * Reads the words behind a sub-command.
 *
 * @throws {UserError} kind `usage`
 */
export function parseCommand(command: Command, words: readonly string[]): CommandRequest {
  const options = new Map<string, string>();
  const plain: string[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      plain.push(...rest.splice(0));
    } else if (word.startsWith("-") && word.length > 1) {
      const [typed = "", ...tail] = word.split("=");
      const row = lookUp(command, typed);
      if (row === undefined) {
        if (command.anyWord !== true) throw unknownOption(command, typed);
        plain.push(word);
        continue;
      }
      const value = row.value === "none" ? "true" : tail.length > 0 ? tail.join("=") : rest.shift();
      if (row.value === "none" && tail.length > 0) throw usage(command, `--${row.name} takes no value`);
      if (value === undefined) throw usage(command, `--${row.name} needs a value: ${row.placeholder ?? ""}`);
      options.set(row.name, value);
    } else {
      plain.push(word);
    }
  }
  const [least, most] = command.words;
  if (options.has("help")) return { options, words: plain };
  if (plain.length < least) throw usage(command, `\`${command.name}\` needs ${command.usage}`);
  if (plain.length > most) throw usage(command, `\`${command.name}\` cannot use \`${plain[most]}\``);
  return { options, words: plain };
}

function lookUp(command: Command, typed: string): CommandOption | undefined {
  const letter = /^-([A-Za-z])$/.exec(typed)?.[1];
  const name = normalizeName(typed);
  return allOptions(command).find((row) => letter === undefined ? row.name === name : row.letter === letter);
}

function allOptions(command: Command): readonly CommandOption[] {
  return [...command.options, ...COMMON_OPTIONS];
}

function unknownOption(command: Command, typed: string): UserError {
  const near = nearest(normalizeName(typed), allNames(allOptions(command)).keys());
  return new UserError("usage", `unknown option ${typed} of \`${command.name}\``, {
    hint: near === undefined ? `see \`ilastik-headless help ${command.name}\`` : `did you mean --${near}?`,
  });
}

function usage(command: Command, message: string): UserError {
  return new UserError("usage", message, {
    hint: `usage: ilastik-headless ${command.name} ${command.usage}`.trimEnd(),
  });
}
