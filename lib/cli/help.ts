/**
 * The text of `--help`, made from the option table.
 *
 * @module
 */
import type { Workflow } from "../workflows/mod.ts";
import { GROUP_ORDER, GROUP_TITLES, type OptionRow, OPTIONS } from "./options.ts";
import { VERSION } from "./version.ts";

const WIDTH = 100;
const INDENT = 6;

/**
 * The help.
 *
 * @param project the project's path and workflow when `--project` is given: its roles and export sources are listed
 */
export function helpText(project?: { readonly path: string; readonly workflow: Workflow }): string {
  const lines = [
    `ilastik-headless ${VERSION}: runs trained ilastik projects over images.`,
    "",
    "Usage: ilastik-headless --project=FILE [options] IMAGE…",
    "",
    'Example: ilastik-headless --project=cells.ilp --export_source="Simple Segmentation" a.png b.h5/data',
    "",
    "Options may be written with `_` or `-`, with `=` or a blank before the value, and shortened while unambiguous.",
  ];
  for (const group of GROUP_ORDER) {
    const rows = OPTIONS.filter((row) => row.group === group && row.help !== undefined);
    lines.push("", `${GROUP_TITLES[group]}:`, ...rows.flatMap(optionLines));
  }
  lines.push("", ...(project === undefined ? [] : projectLines(project)));
  lines.push("Exit codes: 0 done, 1 some inputs failed, 2 usage, 3 project, 4 inputs, 5 outputs, 6 memory.");
  return lines.join("\n");
}

/** `--name VALUE`, as in messages. */
export function optionUsage(row: OptionRow): string {
  return row.placeholder === undefined ? `--${row.name}` : `--${row.name} ${row.placeholder}`;
}

function optionLines(row: OptionRow): string[] {
  const aliases = (row.aliases ?? []).map((name) => `--${name}`).join(", ");
  const text = aliases === "" ? row.help ?? "" : `${row.help} Also: ${aliases}.`;
  return [`  ${optionUsage(row)}`, ...wrap(text, WIDTH - INDENT).map((line) => " ".repeat(INDENT) + line)];
}

function projectLines({ path, workflow }: { readonly path: string; readonly workflow: Workflow }): string[] {
  return [
    `${path} is a \`${workflow.title}\` project:`,
    `  inputs: ${workflow.roles.map((role) => `--${role.flag}${role.required ? "" : " (optional)"}`).join(", ")}`,
    `  export sources: ${workflow.exportSources.join(", ")}`,
    "",
  ];
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
