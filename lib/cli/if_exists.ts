/**
 * What happens to outputs that are there already: `--if_exists`.
 *
 * @module
 */
import { UserError } from "../array/mod.ts";
import type { Export } from "../outputs/mod.ts";
import { outputPaths } from "./lane_events.ts";
import type { IfExists } from "./settings.ts";

/**
 * Whether an output exists and stays as it is.
 *
 * @throws {UserError} kind `output` when it must not exist
 */
export async function isKept(output: Export, ifExists: IfExists): Promise<boolean> {
  if (ifExists === "overwrite") return false;
  const presence = await output.presence();
  if (ifExists === "skip") return presence === "all";
  if (presence === "nothing") return false;
  throw new UserError("output", `the output ${nameOf(output)} exists`, {
    hint: "--if_exists=overwrite replaces it, --if_exists=skip keeps it",
  });
}

/** Says that an output is kept. */
export function keptText(output: Export): string {
  return `${nameOf(output)} exists and is kept`;
}

/** The first file of an output, and the dataset where one file holds several. */
export function nameOf(output: Export): string {
  const [path = ""] = outputPaths(output);
  return output.format.container ? `${path}/${output.plan.innerPath}` : path;
}
