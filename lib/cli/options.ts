/**
 * The one table of command-line options: parsing, help, suggestions and tests come from here.
 *
 * @module
 */

/** How an option takes its value. */
export type OptionValue = "none" | "one" | "boolean" | "files";

/**
 * Which of the original's parsers an option belongs to; prefixes are resolved in this order (cli-and-io.md §1.2).
 * `ours` holds options that ilastik does not have.
 */
export type OptionGroup = "launcher" | "workflow" | "export" | "input" | "ours";

/** One row of the table. Names use `_`; on the command line `-` is the same. */
export interface OptionRow {
  /** Name. */
  readonly name: string;
  /** Other full names. */
  readonly aliases?: readonly string[];
  /** Group in help and prefix resolution. */
  readonly group: OptionGroup;
  /** How it takes its value. */
  readonly value: OptionValue;
  /** What stands for the value in the help. */
  readonly placeholder?: string;
  /** One or two sentences. Absent: accepted with a warning and ignored, since callers still pass it. */
  readonly help?: string;
  /** Belongs to workflows of ilastik that are not supported: known, so that the project is named and not the option. */
  readonly foreign?: true;
  /** Known from ilastik, but refused: what to do instead. */
  readonly instead?: string;
}

/** Reason for refusing {@linkcode OptionRow.instead | options} that put labels into a project. */
const LABEL_IN_ILASTIK = "draw labels in ilastik and save the project";

/** Reason for refusing options of ilastik's MPI mode. */
const ONE_JOB_PER_TILE = "give a tile to each job with --tile=1/16 to --tile=16/16 and join their files with `merge`";

/** Order of the groups when a prefix fits several options. */
export const GROUP_ORDER: readonly OptionGroup[] = ["launcher", "workflow", "export", "input", "ours"];

/** Titles of the groups in the help. */
export const GROUP_TITLES: Readonly<Record<OptionGroup, string>> = {
  launcher: "General",
  workflow: "Workflow",
  export: "What is written",
  input: "Inputs",
  ours: "Beyond ilastik",
};

/** All options. */
export const OPTIONS: readonly OptionRow[] = [
  {
    name: "headless",
    group: "launcher",
    value: "none",
    help: "Accepted for compatibility; this program is always headless.",
  },
  {
    name: "project",
    group: "launcher",
    value: "one",
    placeholder: "FILE",
    help: "The trained ilastik project (.ilp). It is only read.",
  },
  {
    name: "new_project",
    group: "launcher",
    value: "one",
    placeholder: "FILE",
    help: "Make this project instead of opening one; only for --workflow=DataConversionWorkflow.",
  },
  {
    name: "workflow",
    group: "launcher",
    value: "one",
    placeholder: "NAME",
    help: "Workflow of the new project: DataConversionWorkflow converts files without a trained project.",
  },
  {
    name: "readonly",
    group: "launcher",
    value: "boolean",
    placeholder: "[BOOL]",
    help: "Open the project for reading only (the default). BOOL: 1 yes true on 0 no false off.",
  },
  {
    name: "help",
    group: "launcher",
    value: "none",
    help: "Show this help; with --project also its roles, export sources and formats.",
  },
  {
    name: "version",
    group: "launcher",
    value: "none",
    help: "Print the version and exit; with --verbose also those of the libraries.",
  },
  { name: "debug", group: "launcher", value: "none", help: "Show stack traces of errors." },
  { name: "sys_tmp_dir", group: "launcher", value: "one" },
  {
    name: "logfile",
    group: "launcher",
    value: "one",
    placeholder: "FILE",
    help: "Append messages with time stamps to this file as well; its folder is made, /dev/null means none.",
  },
  {
    name: "process_name",
    group: "launcher",
    value: "one",
    placeholder: "NAME",
    help: "Stands in front of each line of --logfile.",
  },
  {
    name: "configfile",
    group: "launcher",
    value: "one",
    placeholder: "FILE",
    help: "Configuration file instead of ~/.ilastikrc or ilastik.ini; see `help config`.",
  },
  {
    name: "redirect_output",
    group: "launcher",
    value: "one",
    placeholder: "FILE",
    help: "Append everything that goes to stdout and stderr to this file as well.",
  },
  { name: "clean_paths", group: "launcher", value: "none" },
  { name: "hbp", group: "launcher", value: "none" },
  { name: "nobatch", group: "workflow", value: "none" },
  { name: "preconvert_stacks", group: "input", value: "none" },
  { name: "tiktorch_executable", group: "launcher", value: "one" },
  { name: "nn_device", group: "launcher", value: "one" },
  { name: "connection_string", group: "workflow", value: "one" },
  {
    name: "retrain",
    group: "workflow",
    value: "none",
    help: "Train from the stored labels first. The new classifier is stored in the project only with --readonly=0.",
  },
  {
    name: "tree_count",
    group: "workflow",
    value: "one",
    placeholder: "N",
    help: "Train a forest of N trees for this run (Pixel Classification).",
  },
  {
    name: "label_proportion",
    group: "workflow",
    value: "one",
    placeholder: "P",
    help: "Train on a random part of the labelled pixels, 0 < P <= 1 (Pixel Classification).",
  },
  {
    name: "variable_importance_path",
    group: "workflow",
    value: "one",
    placeholder: "DIR",
    help: "Folder for the table of variable importances, if the project asks for them and is trained.",
  },
  {
    name: "print_labels_by_slice",
    group: "workflow",
    value: "none",
    help: "Say how many labelled pixels each z slice of each training image has.",
  },
  {
    name: "label_search_value",
    group: "workflow",
    value: "one",
    placeholder: "V",
    help: "Count only labels of this value (0, the default: all).",
  },
  {
    name: "export_source",
    group: "export",
    value: "one",
    placeholder: "NAME",
    help:
      "Which result to write; the first one of the workflow when not given. Case, blanks, `_` and `-` do not matter.",
  },
  {
    name: "output_format",
    group: "export",
    value: "one",
    placeholder: "FORMAT",
    help: "File format, `compressed hdf5` when neither this option nor the project says otherwise.",
  },
  {
    name: "output_filename_format",
    group: "export",
    value: "one",
    placeholder: "PATTERN",
    help:
      "Name of the output files. Placeholders: {dataset_dir} {nickname} {result_type} {roi} {x_start} {x_stop} …, " +
      "{class} for one file per channel, {slice_index} for sequences. Default: {dataset_dir}/{nickname}_{result_type}. `-` writes one NumPy array to stdout; " +
      "then no paths and no closing line are printed.",
  },
  {
    name: "output_internal_path",
    group: "export",
    value: "one",
    placeholder: "PATH",
    help: "Dataset inside HDF5 and N5 outputs, `exported_data` by default; placeholders as above.",
  },
  {
    name: "export_dtype",
    group: "export",
    value: "one",
    placeholder: "TYPE",
    help: "Element type of the output: uint8 uint16 uint32 int8 int16 int32 float32 float64.",
  },
  {
    name: "output_axis_order",
    group: "export",
    value: "one",
    placeholder: "AXES",
    help: "Axes of the output, letters out of t z y x c; the input's own order when not given.",
  },
  {
    name: "cutout_subregion",
    group: "export",
    value: "one",
    placeholder: "REGION",
    help:
      "Part of the result to write: [(start…),(stop…)] in the result's order (y x c, z y x c, t y x c, t z y x c; None = all), " +
      "or by name: x=10:60,y=0:50",
  },
  {
    name: "pipeline_result_drange",
    group: "export",
    value: "one",
    placeholder: "(LOW,HIGH)",
    help: "Value range of the result that is mapped to --export_drange.",
  },
  {
    name: "export_drange",
    group: "export",
    value: "one",
    placeholder: "(LOW,HIGH)",
    help: "Value range in the output; needs --pipeline_result_drange.",
  },
  {
    name: "input_axes",
    group: "input",
    value: "one",
    placeholder: "AXES",
    help: "Axes of the input files in their storage order, for example zyx; one entry for all roles or one per role, " +
      "separated by commas (None = as the file says).",
  },
  {
    name: "ignore_training_axistags",
    group: "input",
    value: "none",
    help: "Take the axes from the input files instead of the training images.",
  },
  {
    name: "stack_along",
    group: "input",
    value: "one",
    placeholder: "AXIS",
    help: "Axis along which the files of a pattern or list are stacked: z (default), t or c.",
  },
  {
    name: "raw_data",
    group: "input",
    value: "files",
    placeholder: "FILE…",
    help: "Images to process; plain file names mean the same. `-` is one NumPy array (.npy) from stdin.",
  },
  {
    name: "prediction_mask",
    aliases: ["mask"],
    group: "input",
    value: "files",
    placeholder: "FILE…",
    help: "One mask per image: pixels where it is 0 are not predicted.",
  },
  {
    name: "input_data",
    group: "input",
    value: "files",
    placeholder: "FILE…",
    help: "Files to convert (Data Conversion); plain file names mean the same. `-` is one .npy array from stdin.",
  },
  {
    name: "prediction_maps",
    aliases: ["probabilitie_maps", "probability_maps", "prediction_map"],
    group: "input",
    value: "files",
    foreign: true,
  },
  { name: "probabilities", group: "input", value: "files", foreign: true },
  { name: "segmentation_image", aliases: ["segmentation"], group: "input", value: "files", foreign: true },
  { name: "binary_image", group: "input", value: "files", foreign: true },
  { name: "label_image", aliases: ["labels"], group: "input", value: "files", foreign: true },
  { name: "atlas", group: "input", value: "files", foreign: true },
  { name: "superpixels", group: "input", value: "files", foreign: true },
  { name: "groundtruth", group: "input", value: "files", foreign: true },
  { name: "overlay", group: "input", value: "files", foreign: true },
  { name: "table_filename", group: "workflow", value: "one", foreign: true },
  { name: "table_only", group: "workflow", value: "none", foreign: true },
  { name: "csv_export_file", group: "workflow", value: "one", foreign: true },
  { name: "export_plugin", group: "workflow", value: "one", foreign: true },
  { name: "big_data_viewer_xml_file", group: "workflow", value: "one", foreign: true },
  { name: "export_object_prediction_img", group: "workflow", value: "none", foreign: true },
  { name: "export_object_probability_img", group: "workflow", value: "none", foreign: true },
  { name: "fillmissing", group: "workflow", value: "one", foreign: true },
  { name: "generate_random_labels", group: "workflow", value: "none", instead: LABEL_IN_ILASTIK },
  { name: "random_label_value", group: "workflow", value: "one", instead: LABEL_IN_ILASTIK },
  { name: "random_label_count", group: "workflow", value: "one", instead: LABEL_IN_ILASTIK },
  { name: "distributed", group: "launcher", value: "none", instead: ONE_JOB_PER_TILE },
  { name: "distributed_block_roi", group: "launcher", value: "one", instead: ONE_JOB_PER_TILE },
  {
    name: "each",
    group: "ours",
    value: "none",
    help: "Every file that a quoted pattern or a list stands for is an input of its own, not a slice of a stack.",
  },
  {
    name: "natural_sort",
    group: "ours",
    value: "none",
    help: "Sort the files of a stack by the numbers in their names (a2 before a10) instead of by bytes.",
  },
  {
    name: "scale",
    group: "ours",
    value: "one",
    placeholder: "KEY",
    help: "Which resolution of a multi-scale OME-Zarr is read: its name or number.",
  },
  {
    name: "input_channels",
    group: "ours",
    value: "one",
    placeholder: "LIST",
    help: "Channels of the images that are used, in this order, for example 0,2.",
  },
  {
    name: "inputs_from",
    group: "ours",
    value: "one",
    placeholder: "FILE",
    help:
      "Read inputs from a text file (- is stdin): one per line, lines with # in front are comments; for several roles columns " +
      "separated by tabs under a line with the names of the roles.",
  },
  {
    name: "threads",
    group: "ours",
    value: "one",
    placeholder: "N",
    help: "Number of threads; LAZYFLOW_THREADS is the default, else what the process may use.",
  },
  {
    name: "memory",
    group: "ours",
    value: "one",
    placeholder: "SIZE",
    help: "Memory budget such as 800M or 4G; LAZYFLOW_TOTAL_RAM_MB is the default, else what the process may use.",
  },
  {
    name: "compat",
    group: "ours",
    value: "one",
    placeholder: "ilastik",
    help: "Reproduce ilastik's odd choices (docs/differences.md); also by ILASTIK_COMPAT=ilastik.",
  },
  {
    name: "if_exists",
    group: "ours",
    value: "one",
    placeholder: "MODE",
    help: "What to do when an output exists: overwrite (default), skip or error.",
  },
  {
    name: "tile",
    group: "ours",
    value: "one",
    placeholder: "I/N",
    help:
      "Write only the I-th of N tiles of nearly equal size, I from 1, for N jobs of a cluster; `merge` joins them. " +
      "See `help tiles`.",
  },
  {
    name: "split_channels",
    group: "ours",
    value: "none",
    help: "Write one file per channel (class, feature); its name, or its number from 0, is added in front of the " +
      "extension, or stands for {class}, which has the same effect.",
  },
  {
    name: "palette",
    group: "ours",
    value: "none",
    help: "Give label images in PNG and TIFF files the colours of their classes as a colour table; values stay.",
  },
  {
    name: "seed",
    group: "ours",
    value: "one",
    placeholder: "N",
    help: "Seed of the training, 0 by default: the same seed gives the same forest.",
  },
  {
    name: "training_data",
    group: "ours",
    value: "one",
    placeholder: "DIR",
    help: "Folder in which training images are looked up by file name when their stored path does not exist.",
  },
  {
    name: "dry_run",
    group: "ours",
    value: "none",
    help:
      "Check everything and show inputs as they are understood, outputs, blocks, memory and disk, with --retrain also " +
      "what would be trained and from which labels; compute and write nothing.",
  },
  {
    name: "report",
    group: "ours",
    value: "one",
    placeholder: "FILE",
    help: "Write a report of the run as JSON: inputs, settings with origin, outputs, times, memory; see `help report`.",
  },
  {
    name: "events",
    group: "ours",
    value: "one",
    placeholder: "json",
    help: "Write what happens to stderr as one JSON object a line, and nothing else; see `help events`.",
  },
  { name: "fail_fast", group: "ours", value: "none", help: "Stop at the first input that fails." },
  {
    name: "progress",
    group: "ours",
    value: "one",
    placeholder: "MODE",
    help: "auto (default: a bar on a terminal, else a line a minute), plain or none.",
  },
  { name: "quiet", group: "ours", value: "none", help: "Only errors on stderr." },
  { name: "verbose", group: "ours", value: "none", help: "Say more about what is done." },
];

/** Whether an option is accepted without effect. */
export function isIgnored(row: OptionRow): boolean {
  return row.help === undefined && row.foreign !== true && row.instead === undefined;
}

/** The option name in table form: without dashes in front, `-` as `_`. */
export function normalizeName(word: string): string {
  return word.replace(/^--?/, "").replaceAll("-", "_");
}

/** All names and aliases with their rows. */
export function allNames(rows: readonly OptionRow[] = OPTIONS): ReadonlyMap<string, OptionRow> {
  return new Map(rows.flatMap((row) => [row.name, ...(row.aliases ?? [])].map((name) => [name, row] as const)));
}
