/**
 * Everything a run is told: options, then what the project stores, then defaults.
 *
 * @module
 */
import { dirname } from "@std/path";
import { type Axes, parseAxes, UserError } from "../array/mod.ts";
import {
  type ExportSettings,
  findFormat,
  pairRanges,
  parseAxisOrder,
  parseExportDtype,
  parseRange,
  parseRegion,
  parseTile,
  type RegionRequest,
  type WrittenRange,
} from "../outputs/mod.ts";
import type { StoredExportSettings } from "../project/mod.ts";

/** Format of outputs when nobody says otherwise. */
export const DEFAULT_FORMAT = "compressed hdf5";
/** Likewise the pattern of their names. */
export const DEFAULT_FILE_NAME = "{dataset_dir}/{nickname}_{result_type}";
/** Likewise the dataset inside. */
export const DEFAULT_INNER_PATH = "exported_data";

/** How existing outputs are treated. */
export type IfExists = "overwrite" | "skip" | "error";

/** What the run's environment gives to the settings. */
export interface SettingsContext {
  /** Values of options by table name. */
  readonly options: ReadonlyMap<string, string>;
  /** What the project stores. */
  readonly stored: StoredExportSettings;
  /** Absolute path of the project. */
  readonly projectPath: string;
  /** Folder that relative paths start from. */
  readonly currentFolder: string;
  /** What `~` stands for; `undefined` when it is unknown. */
  readonly homeFolder: string | undefined;
  /** Whether the original's odd choices are reproduced (cli-and-io.md §8). */
  readonly compat: boolean;
  /** Receives one-line warnings. */
  readonly warn: (message: string) => void;
}

/**
 * Export settings: each option wins over what the project stores, one by one (cli-and-io.md §5.1).
 *
 * @throws {UserError} kind `usage`
 */
export function exportSettings(context: SettingsContext): ExportSettings {
  const { options, stored, compat, warn } = context;
  const ifExists = parseIfExists(options.get("if_exists"));
  const dtypeText = options.get("export_dtype") ?? stored.exportDtype;
  const dtype = dtypeText === undefined ? undefined : parseExportDtype(dtypeText);
  const axisText = options.get("output_axis_order") ?? stored.outputAxisOrder;
  const axisOrder = axisText === undefined ? undefined : parseAxisOrder(axisText);
  const region = findRegion(context);
  const range = pairRanges({ ...findRanges(context), ...(dtype === undefined ? {} : { dtype }), compat, warn });
  const tile = options.get("tile");
  const name = options.get("output_filename_format");
  return {
    format: findFormat(options.get("output_format") ?? stored.outputFormat ?? DEFAULT_FORMAT),
    fileNamePattern: name ?? stored.outputFilenameFormat ?? DEFAULT_FILE_NAME,
    innerPathPattern: options.get("output_internal_path") ?? stored.outputInternalPath ?? DEFAULT_INNER_PATH,
    baseFolder: name === undefined ? dirname(context.projectPath) : context.currentFolder,
    ...(context.homeFolder === undefined ? {} : { homeFolder: context.homeFolder }),
    ...(region === undefined ? {} : { region }),
    ...(tile === undefined ? {} : { tile: parseTile(tile) }),
    ...(dtype === undefined ? {} : { dtype }),
    ...(range === undefined ? {} : { range }),
    ...(axisOrder === undefined ? {} : { axisOrder }),
    splitChannels: options.has("split_channels"),
    palette: options.has("palette"),
    replaceForeign: ifExists === "overwrite" && options.has("if_exists"),
    compat,
    warn,
  };
}

/**
 * Reads `--if_exists`.
 *
 * @throws {UserError} kind `usage`
 */
export function parseIfExists(text: string | undefined): IfExists {
  if (text === undefined) return "overwrite";
  if (text === "overwrite" || text === "skip" || text === "error") return text;
  throw new UserError("usage", `unknown value \`${text}\` for --if_exists`, { hint: "use overwrite, skip or error" });
}

/**
 * Reads `--input_axes`: one entry for all roles or one per role; `file` stands for `None`.
 *
 * @returns one entry per role; `undefined` when the option is not given
 * @throws {UserError} kind `usage`
 */
export function parseInputAxes(text: string | undefined, roles: number): readonly (Axes | "file")[] | undefined {
  if (text === undefined) return undefined;
  const entries = text.split(",").map((entry) => entry.trim());
  if (entries.length > roles) {
    throw new UserError("usage", `--input_axes=${text} has ${entries.length} entries, the project has ${roles} roles`);
  }
  const axes = entries.map((entry) => entry.toLowerCase() === "none" ? "file" as const : oneAxes(entry));
  const [first = "file"] = axes;
  return Array.from({ length: roles }, (_, i) => axes.length === 1 ? first : axes[i] ?? "file");
}

/**
 * Reads `--input_channels`, for example `0,2`.
 *
 * @throws {UserError} kind `usage`
 */
export function parseChannels(text: string | undefined): readonly number[] | undefined {
  if (text === undefined) return undefined;
  const channels = text.split(",").map((part) => /^\s*\d+\s*$/.test(part) ? Number(part) : NaN);
  if (channels.some(Number.isNaN)) {
    throw new UserError("usage", `cannot read the channels \`${text}\` of --input_channels`, {
      hint: "give numbers from 0, separated by commas, for example 0,2",
    });
  }
  return channels;
}

function oneAxes(text: string): Axes {
  const axes = parseAxes(text.toLowerCase());
  if (axes === undefined || !axes.includes("x") || !axes.includes("y")) {
    throw new UserError("usage", `cannot read the axes \`${text}\` of --input_axes`, {
      hint: "give letters out of x y z c t, each once, x and y among them, in the order of the file, for example zyx",
    });
  }
  return axes;
}

function findRegion({ options, stored }: SettingsContext): RegionRequest | undefined {
  const text = options.get("cutout_subregion");
  if (text !== undefined) return parseRegion(text);
  return stored.region === undefined ? undefined : { kind: "corners", ...stored.region };
}

/** Stored ranges count only where the command line gives neither option: all four numbers belong together. */
function findRanges({ options, stored }: SettingsContext): { result?: WrittenRange; exported?: WrittenRange } {
  const [result, exported] = ["pipeline_result_drange", "export_drange"].map((name) => {
    const text = options.get(name);
    return text === undefined ? undefined : parseRange(text, `--${name}`);
  });
  if (result === undefined && exported === undefined && stored.ranges !== undefined) {
    const { input, output } = stored.ranges;
    return {
      result: { ends: input, integerLow: false },
      exported: { ends: output, integerLow: false },
    };
  }
  return { ...(result === undefined ? {} : { result }), ...(exported === undefined ? {} : { exported }) };
}
