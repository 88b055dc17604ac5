/**
 * The texts of `--help` and `help`, made from the tables of options, commands and topics.
 *
 * @module
 */
import { UserError } from "../array/mod.ts";
import { FORMATS } from "../outputs/mod.ts";
import type { Workflow } from "../workflows/mod.ts";
import type { Command } from "./commands/command.ts";
import { type Block, toText } from "./help_document.ts";
import { TOPICS } from "./help_topics.ts";
import {
  allNames,
  GROUP_ORDER,
  GROUP_TITLES,
  normalizeName,
  type OptionGroup,
  type OptionRow,
  OPTIONS,
} from "./options.ts";
import { nearest } from "./suggest.ts";
import { VERSION } from "./version.ts";

/** What the program does, in one line. */
export const SUMMARY = "runs trained ilastik projects over images";

/** How options may be written. */
export const SPELLING =
  "Options may be written with `_` or `-`, with `=` or a blank before the value, and shortened while unambiguous.";

/** Explains options that are accepted without effect. */
const IGNORED = "Accepted because old scripts give it; has no effect.";
const FOREIGN = "Belongs to workflows that this version does not support.";

/** What the help says of a project that was given. */
export interface HelpProject {
  /** The project as given. */
  readonly path: string;
  /** The workflow, ready for images. */
  readonly workflow: Workflow;
}

/**
 * The help.
 *
 * @param commands the sub-commands
 * @param project the project's path and workflow when `--project` is given: its roles and export sources are listed
 */
export function helpText(commands: readonly Command[], project?: HelpProject): string {
  return [
    `ilastik-headless ${VERSION}: ${SUMMARY}.`,
    "Usage: ilastik-headless --project=FILE [options] IMAGE…",
    'Example: ilastik-headless --project=cells.ilp --export_source="Simple Segmentation" a.png b.h5/data',
    toText([SPELLING]),
    ...(project === undefined ? [] : [projectText(project)]),
    ...GROUP_ORDER.map((group) => `${GROUP_TITLES[group]}:\n${toText([{ rows: documentedRows(group) }])}`),
    `Sub-commands (only without --project):\n${toText([{ rows: commandRows(commands) }])}`,
    `Topics of \`ilastik-headless help TOPIC\` (also the name of an option or sub-command):\n${
      toText([{ rows: topicRows() }])
    }`,
    "Exit codes: 0 done, 1 some inputs failed, 2 usage, 3 project, 4 inputs, 5 outputs, 6 memory.",
  ].join("\n\n");
}

/**
 * The text of `help TOPIC`.
 *
 * @param name a topic, a sub-command, or an option with or without dashes
 * @throws {UserError} kind `usage` for anything else
 */
export function topicText(name: string, commands: readonly Command[]): string {
  const key = normalizeName(name.trim().replaceAll(/\s+/g, "_"));
  const topic = TOPICS.find((row) => row.name === key);
  const command = commands.find((row) => row.name === name);
  if (topic !== undefined && !name.startsWith("-")) return toText(topic.blocks());
  if (command !== undefined) return commandText(command);
  const option = allNames().get(key);
  if (option !== undefined) return optionText(option);
  const known = [...TOPICS, ...commands].map((row) => row.name);
  const near = nearest(key, [...known, ...allNames().keys()]);
  throw new UserError("usage", `there is no help on \`${name}\``, {
    hint: `${near === undefined ? "" : `did you mean \`${near}\`? `}topics: ${known.join(", ")}, and all options`,
  });
}

/** Blocks that explain a sub-command. */
export function commandBlocks({ details, options }: Command): readonly Block[] {
  const rows = options.map((row) => {
    const letter = row.letter === undefined ? "" : `-${row.letter}, `;
    return [`${letter}${optionUsage(row)}`, row.help] as const;
  });
  return rows.length === 0 ? details : [...details, { rows }];
}

/** Every option of a group with its explanation. */
export function optionRows(group: OptionGroup): readonly (readonly [string, string])[] {
  return OPTIONS.filter((row) => row.group === group).map(explained);
}

/** `--name VALUE`, as in messages. */
export function optionUsage(row: OptionRow): string {
  return row.placeholder === undefined ? `--${row.name}` : `--${row.name} ${row.placeholder}`;
}

/** Names and summaries of sub-commands. */
export function commandRows(commands: readonly Command[]): readonly (readonly [string, string])[] {
  return commands.map(({ name, usage, summary }) => [`${name} ${usage}`.trimEnd(), summary] as const);
}

function explained(row: OptionRow): readonly [string, string] {
  const aliases = (row.aliases ?? []).map((name) => `--${name}`).join(", ");
  const help = row.help ??
    (row.instead !== undefined ? `Not supported: ${row.instead}.` : row.foreign ? FOREIGN : IGNORED);
  return [optionUsage(row), aliases === "" ? help : `${help} Also: ${aliases}.`];
}

/** Options that do something here. */
function documentedRows(group: OptionGroup): readonly (readonly [string, string])[] {
  return OPTIONS.filter((row) => row.group === group && row.help !== undefined).map(explained);
}

function topicRows(): readonly (readonly [string, string])[] {
  return TOPICS.map(({ name, summary }) => [name, summary] as const);
}

function commandText(command: Command): string {
  const usage = `Usage: ilastik-headless ${command.name} ${command.usage}`.trimEnd();
  return toText([command.summary, usage, ...commandBlocks(command)]);
}

/** An option, and the topic that has its name or is about it. */
function optionText(row: OptionRow): string {
  const about = TOPICS.find(({ name }) => name === (TOPIC_OF[row.name] ?? row.name));
  return toText([{ rows: [explained(row)] }, ...(about?.blocks() ?? [])]);
}

/** Topics that explain options further. */
const TOPIC_OF: Readonly<Record<string, string>> = {
  output_format: "formats",
  output_filename_format: "names",
  output_internal_path: "names",
  input_axes: "axes",
  ignore_training_axistags: "axes",
  output_axis_order: "axes",
  stack_along: "axes",
  cutout_subregion: "regions",
  tile: "tiles",
  export_dtype: "ranges",
  export_drange: "ranges",
  pipeline_result_drange: "ranges",
  threads: "resources",
  memory: "resources",
  configfile: "config",
};

function projectText({ path, workflow }: HelpProject): string {
  const roles = workflow.roles.map((role) => `--${role.flag}${role.required ? "" : " (optional)"}`);
  const rows = [
    ["inputs", roles.join(", ")],
    ["export sources", workflow.exportSources.join(", ")],
    ["output formats", FORMATS.map(({ name }) => name).join(", ")],
  ] as const;
  return `${path} is a \`${workflow.title}\` project:\n${toText([{ rows }])}`;
}

/** What `help` can be asked for, but options. */
export function helpTopicNames(commands: readonly Command[]): readonly string[] {
  return [...TOPICS, ...commands].map(({ name }) => name);
}
