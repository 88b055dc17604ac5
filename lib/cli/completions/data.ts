/**
 * What all shells are told: options and sub-commands, from their tables.
 *
 * @module
 */
import type { Command } from "../commands/command.ts";
import { helpTopicNames } from "../help.ts";
import { isIgnored, type OptionRow, OPTIONS } from "../options.ts";
import { type Completion, valueCompletion } from "./values.ts";

/** An option as shells know it. */
export interface CompletionOption {
  /** Without dashes. */
  readonly name: string;
  /** One line without quotes. */
  readonly summary: string;
  /** What follows; `undefined` for flags. */
  readonly value: Completion | undefined;
}

/** A sub-command as shells know it. */
export interface CompletionCommand {
  /** Name. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Its options, with dashes. */
  readonly options: readonly string[];
  /** Words that fit behind it. */
  readonly words: readonly string[];
}

/** Everything that can be completed. */
export interface CompletionData {
  /** Values of options by table name. */
  readonly options: readonly CompletionOption[];
  /** All sub-commands. */
  readonly commands: readonly CompletionCommand[];
}

/** Shells that there are completions for. */
export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** Collects options and sub-commands. */
export function completionData(commands: readonly Command[]): CompletionData {
  return {
    options: OPTIONS.map((row) => ({ name: row.name, summary: optionSummary(row), value: valueCompletion(row) })),
    commands: commands.map(({ name, summary, options }) => ({
      name,
      summary: plain(summary),
      options: options.map((row) => `--${row.name}`),
      words: wordsOf(name, commands),
    })),
  };
}

/** Options with values, those with the same completion together. */
export function valueCases(
  options: readonly CompletionOption[],
): readonly (readonly [readonly string[], Completion])[] {
  const groups = Map.groupBy(options.filter(({ value }) => value !== undefined), ({ value }) => JSON.stringify(value));
  return [...groups.values()].map((rows) => [rows.map(({ name }) => name), rows[0]?.value ?? "anything"] as const);
}

function wordsOf(name: string, commands: readonly Command[]): readonly string[] {
  if (name === "completions") return SHELLS;
  return name === "help" ? helpTopicNames(commands) : [];
}

function optionSummary(row: OptionRow): string {
  if (isIgnored(row)) return "has no effect";
  return plain(row.help ?? (row.instead === undefined ? "for other workflows" : "not supported"));
}

/** First sentence, without characters that mean something to a shell. */
function plain(text: string): string {
  return (text.split(/[.;:](?:\s|$)/)[0] ?? text).replaceAll(/[`'"$\\[\](){}]/g, "");
}
