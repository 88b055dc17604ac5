/**
 * Finding an export source by what a user typed.
 *
 * @module
 */
import { UserError } from "../array/mod.ts";
import type { Workflow } from "./types.ts";

/** Export sources of workflows that are not built yet, to say where a name belongs. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  "Object Classification": [
    "Object Predictions",
    "Object Probabilities",
    "Blockwise Object Predictions",
    "Blockwise Object Probabilities",
    "Object Identities",
    "Pixel Probabilities",
  ],
  "Edge Training With Multicut": ["Multicut Segmentation", "Multicut"],
  "Tracking": ["Tracking-Result", "Merger-Result", "Object-Identities", "Plugin"],
};

/**
 * The listed names of one or several export sources, separated by commas; each once.
 *
 * @throws {UserError} kind `usage` with the list
 */
export function findExportSources(
  workflow: Workflow,
  typed: string | undefined,
  all: readonly Workflow[],
): readonly string[] {
  const names = typed === undefined ? [undefined] : typed.split(",");
  return [...new Set(names.map((name) => findExportSource(workflow, name, all)))];
}

/**
 * The listed name of an export source. Case, blanks, `_`, `-` and surrounding quotes do not matter (cli-and-io.md §3).
 *
 * @param typed what the user wrote; `undefined` for the default
 * @param all every workflow, to say where a name would belong
 * @throws {UserError} kind `usage` with the list
 */
function findExportSource(workflow: Workflow, typed: string | undefined, all: readonly Workflow[]): string {
  if (typed === undefined) return workflow.exportSources[0] as string;
  const found = lookUp(workflow, typed);
  if (found !== undefined) return found;
  const other = all.find((candidate) => lookUp(candidate, typed) !== undefined)?.title ??
    Object.entries(ELSEWHERE).find(([_, names]) => names.some((name) => fold(name) === fold(typed)))?.[0];
  const elsewhere = other === undefined ? "" : `, it belongs to \`${other}\``;
  throw new UserError(
    "usage",
    `unknown export source \`${typed}\` for a \`${workflow.title}\` project${elsewhere}`,
    { hint: `choose one of: ${workflow.exportSources.join(", ")}` },
  );
}

function lookUp(workflow: Workflow, typed: string): string | undefined {
  const wanted = fold(typed);
  const alias = Object.entries(workflow.sourceAliases).find(([name]) => fold(name) === wanted);
  return alias?.[1] ?? workflow.exportSources.find((name) => fold(name) === wanted);
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/["'\s_-]/g, "");
}
