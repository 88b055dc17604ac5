/**
 * `completions SHELL`.
 *
 * @module
 */
import { UserError } from "../../array/mod.ts";
import { bashCompletions } from "../completions/bash.ts";
import { type CompletionData, completionData, SHELLS } from "../completions/data.ts";
import { fishCompletions } from "../completions/fish.ts";
import { powershellCompletions } from "../completions/powershell.ts";
import { zshCompletions } from "../completions/zsh.ts";
import { nearest } from "../suggest.ts";
import type { Command } from "./command.ts";

const SCRIPTS: Readonly<Record<typeof SHELLS[number], (data: CompletionData) => string>> = {
  bash: bashCompletions,
  zsh: zshCompletions,
  fish: fishCompletions,
  powershell: powershellCompletions,
};

/** The sub-command. */
export const COMPLETIONS: Command = {
  name: "completions",
  usage: SHELLS.join("|"),
  summary: "Print a script that completes options, their values and sub-commands in a shell.",
  details: ["The first lines of each script say where to put it."],
  options: [],
  words: [1, 1],
  run({ words: [word = ""] }, { messages, commands }) {
    const shell = SHELLS.find((name) => name === word.toLowerCase());
    if (shell === undefined) {
      const near = nearest(word, SHELLS);
      throw new UserError("usage", `there are no completions for \`${word}\``, {
        hint: `${near === undefined ? "" : `did you mean ${near}? `}choose from ${SHELLS.join(", ")}`,
      });
    }
    messages.output(SCRIPTS[shell](completionData(commands)));
    return Promise.resolve(0);
  },
};
