/**
 * Which settings a run uses and where each comes from.
 *
 * @module
 */
import type { StoredExportSettings } from "../project/mod.ts";
import type { Config } from "./config.ts";
import type { EffectiveSetting } from "./events.ts";
import { DEFAULT_FILE_NAME, DEFAULT_FORMAT, DEFAULT_INNER_PATH } from "./settings.ts";

/** What the project stores under each option, as it would be written on the command line. */
const STORED: Readonly<Record<string, (stored: StoredExportSettings) => string | undefined>> = {
  output_format: ({ outputFormat }) => outputFormat,
  output_filename_format: ({ outputFilenameFormat }) => outputFilenameFormat,
  output_internal_path: ({ outputInternalPath }) => outputInternalPath,
  export_dtype: ({ exportDtype }) => exportDtype,
  output_axis_order: ({ outputAxisOrder }) => outputAxisOrder,
  cutout_subregion: ({ region }) => region && `[${corner(region.start)},${corner(region.stop)}]`,
  pipeline_result_drange: ({ ranges }) => ranges && `(${ranges.input.join(",")})`,
  export_drange: ({ ranges }) => ranges && `(${ranges.output.join(",")})`,
};

/** What holds when nobody says otherwise; `null` for "not set". */
const DEFAULTS: Readonly<Record<string, string | null>> = {
  output_format: DEFAULT_FORMAT,
  output_filename_format: DEFAULT_FILE_NAME,
  output_internal_path: DEFAULT_INNER_PATH,
  stack_along: "z",
  if_exists: "overwrite",
};

/** The two ranges belong together: the stored ones count only when neither is given. */
const RANGES: readonly string[] = ["pipeline_result_drange", "export_drange"];

/**
 * The effective settings of inputs and export, in the order of the option table.
 *
 * @param exportSources listed names of the results
 */
export function effectiveSettings(
  options: ReadonlyMap<string, string>,
  config: Config,
  stored: StoredExportSettings,
  exportSources: readonly string[],
): Readonly<Record<string, EffectiveSetting>> {
  const rangeGiven = RANGES.some((name) => options.has(name));
  const find = (name: string): EffectiveSetting => {
    const typed = options.get(name);
    if (typed !== undefined) return { value: typed, origin: "command line" };
    const configured = config.options.get(name);
    if (configured !== undefined) return { value: configured, origin: "config" };
    const kept = rangeGiven && RANGES.includes(name) ? undefined : STORED[name]?.(stored);
    if (kept !== undefined) return { value: kept, origin: "project" };
    return { value: DEFAULTS[name] ?? null, origin: "default" };
  };
  const names = [...Object.keys(STORED), "tile", "input_axes", "stack_along", "if_exists"];
  return {
    export_source: {
      value: exportSources.join(","),
      origin: options.has("export_source") ? "command line" : "default",
    },
    ...Object.fromEntries(names.map((name) => [name, find(name)])),
  };
}

function corner(values: readonly (number | undefined)[]): string {
  return `(${values.map((value) => value ?? "None").join(",")})`;
}
