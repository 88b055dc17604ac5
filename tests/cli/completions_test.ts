import { assert, assertEquals } from "@std/assert";
import { COMMANDS } from "../../lib/cli/commands/mod.ts";
import { bashCompletions } from "../../lib/cli/completions/bash.ts";
import { completionData } from "../../lib/cli/completions/data.ts";
import { fishCompletions } from "../../lib/cli/completions/fish.ts";
import { powershellCompletions } from "../../lib/cli/completions/powershell.ts";
import { zshCompletions } from "../../lib/cli/completions/zsh.ts";
import { OPTIONS } from "../../lib/cli/options.ts";
import { FORMATS } from "../../lib/outputs/mod.ts";

const DATA = completionData(COMMANDS);

/** Each shell: its script, how an option stands in it, and how to check it when it is installed. */
const SHELLS = [
  { shell: "bash", script: bashCompletions(DATA), option: (name: string) => `--${name}`, check: ["-n"] },
  { shell: "zsh", script: zshCompletions(DATA), option: (name: string) => `--${name}`, check: ["-n"] },
  { shell: "fish", script: fishCompletions(DATA), option: (name: string) => ` -l ${name} `, check: ["--no-execute"] },
  { shell: "pwsh", script: powershellCompletions(DATA), option: (name: string) => `'--${name}'`, check: undefined },
] as const;

for (const { shell, script, option, check } of SHELLS) {
  Deno.test(`completions of ${shell} have every option, sub-command and format`, () => {
    for (const { name } of OPTIONS) assert(script.includes(option(name)), name);
    for (const { name } of COMMANDS) assert(script.includes(name), name);
    for (const { name } of FORMATS) assert(script.replaceAll("\\ ", " ").includes(name), name);
  });

  Deno.test({
    name: `${shell} reads its completions`,
    ignore: check === undefined || !await isInstalled(shell),
    fn: async () => {
      const file = await Deno.makeTempFile();
      try {
        await Deno.writeTextFile(file, script);
        const { code, stderr } = await new Deno.Command(shell, { args: [...check ?? [], file] }).output();
        assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
      } finally {
        await Deno.remove(file);
      }
    },
  });
}

Deno.test({
  name: "bash completes options, values with blanks behind `=`, and sub-commands",
  ignore: !await isInstalled("bash"),
  fn: async () => {
    const complete = async (...words: string[]): Promise<string[]> => {
      const list = words.map((word) => `'${word}'`).join(" ");
      const script = `${bashCompletions(DATA)}
COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _ilastik_headless; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout } = await new Deno.Command("bash", { args: ["--norc", "-c", script] }).output();
      return new TextDecoder().decode(stdout).trim().split("\n");
    };
    assertEquals(await complete("ilastik-headless", "--output_f"), ["--output_format", "--output_filename_format"]);
    assertEquals((await complete("ilastik-headless", "--export_source", "=", "Simple"))[0], "Simple Segmentation");
    assertEquals(await complete("ilastik-headless", "completions", "z"), ["zsh"]);
    assertEquals(await complete("ilastik-headless", "insp"), ["inspect"]);
  },
});

/** Whether a shell can be started. */
async function isInstalled(shell: string): Promise<boolean> {
  try {
    return (await new Deno.Command(shell, { args: ["-c", "exit"], stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
