/**
 * What the shells can offer for the value of an option.
 *
 * @module
 */
import { EXPORT_DTYPES, FORMATS } from "../../outputs/mod.ts";
import { WORKFLOWS } from "../../workflows/mod.ts";
import type { OptionRow } from "../options.ts";

/** Words to choose from; files or folders; anything. */
export type Completion = readonly string[] | "files" | "folders" | "anything";

const WORDS: Readonly<Record<string, () => readonly string[]>> = {
  export_source: () => [...new Set(WORKFLOWS.flatMap(({ exportSources }) => exportSources))],
  output_format: () => FORMATS.map(({ name }) => name),
  export_dtype: () => EXPORT_DTYPES,
  if_exists: () => ["overwrite", "skip", "error"],
  progress: () => ["auto", "plain", "none"],
  events: () => ["json"],
  compat: () => ["ilastik"],
  stack_along: () => ["z", "t", "c"],
  readonly: () => ["1", "0"],
  workflow: () => ["DataConversionWorkflow"],
};

/** Placeholders that stand for paths. */
const PATHS: Readonly<Record<string, Completion>> = { FILE: "files", "FILE…": "files", DIR: "folders" };

/** What fits behind an option; `undefined` for flags. */
export function valueCompletion(row: OptionRow): Completion | undefined {
  if (row.value === "none") return undefined;
  if (row.value === "files") return "files";
  return WORDS[row.name]?.() ?? PATHS[row.placeholder ?? ""] ?? "anything";
}
