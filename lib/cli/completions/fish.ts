/**
 * Completions for fish.
 *
 * @module
 */
import type { CompletionData, CompletionOption } from "./data.ts";
import type { Completion } from "./values.ts";

/** The script, for `~/.config/fish/completions/ilastik-headless.fish`. */
export function fishCompletions({ options, commands }: CompletionData): string {
  const base = "complete -c ilastik-headless";
  return [
    "# fish completions of ilastik-headless:  ilastik-headless completions fish > ~/.config/fish/completions/ilastik-headless.fish",
    ...commands.map(({ name, summary }) => `${base} -n __fish_is_first_arg -a ${name} -d '${summary}'`),
    ...commands.flatMap(({ name, options: rows, words }) => {
      const inside = `-n '__fish_seen_subcommand_from ${name}'`;
      return [
        ...rows.map((row) => `${base} ${inside} -l ${row.slice(2)}`),
        ...(words.length === 0 ? [] : [`${base} ${inside} -f -a '${words.join(" ")}'`]),
      ];
    }),
    ...options.map((option) => `${base} ${optionFlags(option)}`),
  ].join("\n");
}

function optionFlags({ name, summary, value }: CompletionOption): string {
  return `-l ${name} -d '${summary}'${value === undefined ? "" : ` ${action(value)}`}`;
}

function action(value: Completion): string {
  if (value === "files") return "-r -F";
  if (value === "folders") return "-x -a '(__fish_complete_directories)'";
  if (value === "anything") return "-x";
  return `-x -a "${value.map((word) => `'${word}'`).join(" ")}"`;
}
