/**
 * The man page, from the same tables as the help.
 *
 * @module
 */
import type { Command } from "./commands/command.ts";
import { commandBlocks, optionRows, SPELLING, SUMMARY } from "./help.ts";
import { escapeRoff, toRoff } from "./help_document.ts";
import { TOPICS } from "./help_topics.ts";
import { GROUP_ORDER, GROUP_TITLES } from "./options.ts";
import { VERSION } from "./version.ts";

/** The man page in roff, with the `man` macros. */
export function manPage(commands: readonly Command[]): string {
  return [
    `.TH ILASTIK\\-HEADLESS 1 "" "ilastik\\-headless ${VERSION}" "User Commands"`,
    ".nh",
    ".SH NAME",
    `ilastik\\-headless \\- ${escapeRoff(SUMMARY)}`,
    ".SH SYNOPSIS",
    ".B ilastik\\-headless",
    "\\-\\-project=FILE [options] IMAGE...",
    ...commands.map(({ name, usage }) => `.br\n.B ilastik\\-headless ${escapeRoff(`${name} ${usage}`.trimEnd())}`),
    ".SH DESCRIPTION",
    toRoff([SPELLING, "A first word that names a sub-command is one, unless a project is given."]),
    ".SH OPTIONS",
    ...GROUP_ORDER.flatMap((
      group,
    ) => [`.SS ${escapeRoff(GROUP_TITLES[group])}`, toRoff([{ rows: optionRows(group) }])]),
    ".SH SUB\\-COMMANDS",
    ...commands.flatMap((command) => [
      `.SS ${escapeRoff(command.name)}`,
      toRoff([command.summary, ...commandBlocks(command)]),
    ]),
    ...TOPICS.flatMap((
      { name, blocks },
    ) => [`.SH ${escapeRoff(name.toUpperCase().replaceAll("_", " "))}`, toRoff(blocks())]),
  ].join("\n");
}
