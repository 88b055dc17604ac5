/**
 * Topics of `help TOPIC`, made from the tables of the program wherever there is one.
 *
 * @module
 */
import { DTYPES, EXIT_CODES } from "../array/mod.ts";
import { INPUT_FORMATS } from "../inputs/mod.ts";
import { EXPORT_DTYPES, FORMATS } from "../outputs/mod.ts";
import { WORKFLOWS } from "../workflows/mod.ts";
import type { Block } from "./help_document.ts";

/** One topic. */
export interface Topic {
  /** Name. */
  readonly name: string;
  /** For the list of topics. */
  readonly summary: string;
  /** Paragraphs and tables of the topic. */
  readonly blocks: () => readonly Block[];
}

/** Placeholders of names; `tests/cli/help_test.ts` compares them with those that are filled in. */
export const PLACEHOLDERS: readonly (readonly [string, string])[] = [
  ["{dataset_dir}", "Folder of the input, absolute."],
  [
    "{nickname}",
    "Name of the input without extension; of a stack what its files' names begin with; for files with inner paths `-` and the inner path follow.",
  ],
  ["{result_type}", "The export source, as listed."],
  ["{roi}", "Start and stop of the exported region in the order of the result, as in [(0, 0, 0), (10, 20, 1)]."],
  ["{x_start} {x_stop}", "Start and stop of the exported region along an axis; the same for t, z, y and c."],
  [
    "{class}",
    "Name of the channel (class of Probabilities, feature of Features), or its number from 0: one output per channel, all from one computation, like --split_channels. What no file may be named becomes _; of several channels with one name each gets its number.",
  ],
  ["{slice_index}", "Number of the slice along the first axis; needed by sequences, an error in other formats."],
];

/** Exit codes by the kind of the first failure. */
const EXIT_TEXTS: Readonly<Record<keyof typeof EXIT_CODES, string>> = {
  usage:
    "The command line: unknown option, impossible combination, region or format that does not fit, name collision.",
  project: "The project: missing, damaged, too old, of another workflow, without what the result needs.",
  input: "All inputs failed: missing, unreadable, wrong axes or channels.",
  output: "All outputs failed: cannot be created, written or renamed, disk full.",
  memory: "The memory budget is too small.",
};

/** All topics. */
export const TOPICS: readonly Topic[] = [
  {
    name: "formats",
    summary: "files that are read and written",
    blocks: () => [
      "Input files are recognised by their first bytes and their extension. Files in HDF5, N5, Zarr and npz are named with " +
      "the path inside: `a.h5/group/data`; it can be left out when there is only one array.",
      { rows: INPUT_FORMATS.map(({ name, extensions }) => [name, extensions.join(" ")] as const) },
      "Values of --output_format; case, `_` and `-` do not matter. The extension of --output_filename_format is replaced by " +
      "that of the format. A sequence is one file per slice along the first axis and needs {slice_index} in the name.",
      {
        rows: FORMATS.filter(({ sequence }) => !sequence).map(({ name, aliases, extension }) => {
          const others = aliases.length === 0 ? "" : `; also named ${aliases.join(", ")}`;
          return [name, `${extension === "" ? "the name as it is given" : `.${extension}`}${others}`] as const;
        }),
      },
      `Sequences: ${FORMATS.filter(({ sequence }) => sequence).map(({ name }) => name).join(", ")}.`,
      "Pipes: the input `-` is one array in the .npy format from stdin, the name `-` of --output_filename_format writes one " +
      "to stdout, in C order. Both go through a temporary file where they must: stdin always, stdout for volumes and for " +
      "axes in another order than t z y x c. A file that is named `-` is written `./-`.",
    ],
  },
  {
    name: "export_source",
    summary: "results of each workflow",
    blocks: () => [
      "The first result of a workflow is the default. Case, blanks, `_` and `-` do not matter. Several results, separated by " +
      "commas, are written from one computation; then the name of the output needs {result_type}.",
      { rows: WORKFLOWS.map(({ title, exportSources }) => [title, exportSources.join(", ")] as const) },
    ],
  },
  {
    name: "names",
    summary: "placeholders in names of outputs",
    blocks: () => [
      "--output_filename_format and --output_internal_path may hold placeholders. A format may follow a colon, as in " +
      "{slice_index:04d}. Literal braces are written twice: {{ }}.",
      { rows: PLACEHOLDERS },
      "Relative names are relative to the current folder; names stored in the project are relative to the project. `~` is " +
      "the home folder. Folders are made. Two outputs with one name, or an output that is an input, are refused before " +
      "anything is computed. An output appears under its name only when it is complete.",
    ],
  },
  {
    name: "axes",
    summary: "meaning and order of axes",
    blocks: () => [
      "Axes are the letters t (time), z, y, x and c (channel), in the order in which the file stores them, the fastest one last.",
      "Without options an image is taken to have the axes of the project's training image. When that cannot be, and only axes of " +
      "size 1 differ, the file's own axes are used and one line says so.",
      {
        rows: [
          ["--input_axes=zyx", "Says what the axes of the files are; one entry per role, separated by commas."],
          ["--ignore_training_axistags", "Takes the axes that the files tell."],
          ["--output_axis_order=cyx", "Order of the axes in the output; axes of size 1 may be left out or added."],
          ["--stack_along=t", "Axis along which the files of a quoted pattern or a list are stacked."],
        ],
      },
    ],
  },
  {
    name: "regions",
    summary: "exporting a part of a result",
    blocks: () => [
      "--cutout_subregion takes two corners, start and stop, one number per axis of the result in the order in which the " +
      "workflow works: y x c for images, z y x c for volumes, t y x c for movies, t z y x c for both. None stands for the " +
      "whole axis. The stop is not included. Positions count before --output_axis_order.",
      {
        rows: [
          ["[(10,0,0),(40,None,2)]", "Rows 10 to 39, all columns, the first two channels."],
          ["[(None,None,1),(None,None,2)]", "The second channel, that is the probabilities of the second class."],
          ["x=10:60,y=0:50,c=1:2", "The same by names; axes that are not named are whole."],
        ],
      },
      "A stop behind the end is taken as the end, with a warning. Empty regions are refused.",
    ],
  },
  {
    name: "tiles",
    summary: "one large input over many jobs",
    blocks: () => [
      "--tile=I/N writes the I-th of N tiles of the result of every input (of --cutout_subregion if that is given), I from 1 " +
      "to N. Each job gets another I, all else stays the same. No job waits for another one: what a tile needs beyond its " +
      "edges is read from the input. `merge` joins the files into the one that a run without --tile writes, with the same values.",
      {
        rows: [
          ["Slurm, sbatch --array=1-16", "--tile=$SLURM_ARRAY_TASK_ID/16"],
          ["Grid Engine, qsub -t 1-16", "--tile=$SGE_TASK_ID/16"],
          ["PBS, qsub -J 1-16", "--tile=$PBS_ARRAY_INDEX/16"],
          ["afterwards", "ilastik-headless merge a_Probabilities_tile-*.h5 -o a_Probabilities.h5"],
        ],
      },
      "Tiles are boxes of nearly equal size with all channels: time is cut first, then the longest edge, between chunks where " +
      "that makes no tile more than about 5 % larger. They depend on the sizes of the result and N alone. Names end in _tile-03-of-16. " +
      "When there are fewer pixels than tiles, the last tiles are empty: nothing is written, exit code 0.",
      `Formats of tiles: ${
        FORMATS.filter(({ tiles }) => tiles === true).map(({ name }) => name).join(", ")
      }; the joined file may have any format.`,
    ],
  },
  {
    name: "ranges",
    summary: "element types and value ranges",
    blocks: () => [
      "--export_dtype chooses the element type. --pipeline_result_drange and --export_drange together map one range of values " +
      "to another; brackets, parentheses and blanks are all read: (0.0,1.0), [0, 255].",
      {
        rows: [
          ["element types", EXPORT_DTYPES.join(" ")],
          ["probabilities as bytes", "--export_dtype=uint8 --pipeline_result_drange=(0.0,1.0) --export_drange=(0,255)"],
        ],
      },
      "Numbers with a fraction are rounded half to even when a range is given; without one the fraction is cut off. Values " +
      "that do not fit the type become the nearest value that does, and a warning says how many (--compat=ilastik wraps them).",
      `Input files may hold ${DTYPES.join(" ")}.`,
    ],
  },
  {
    name: "resources",
    summary: "threads and memory",
    blocks: () => [
      "Results do not depend on threads, memory or blocks.",
      {
        rows: [
          [
            "threads",
            "--threads, else LAZYFLOW_THREADS (0 means 1, negative all), else [lazyflow] threads of the configuration file, else the CPUs that the process may use: affinity, control group, SLURM_CPUS_PER_TASK, NSLOTS, PBS_NCPUS, NCPUS.",
          ],
          [
            "memory",
            "--memory, else LAZYFLOW_TOTAL_RAM_MB (megabytes, at least 500), else [lazyflow] total_ram_mb of the configuration file, else 75 % of the smallest of physical memory, control group, SLURM_MEM_PER_NODE, SLURM_MEM_PER_CPU and what `ulimit -v` leaves.",
          ],
          [
            "folders",
            "Nothing is written but the outputs and, while an output is made, a temporary file beside it. Arrays from stdin, and some to stdout, lie in the folder for temporary files (TMPDIR) until the run ends.",
          ],
        ],
      },
      "Of the address space (`ulimit -v`, h_vmem of Grid Engine) the program reserves up to 49 GB for a moment when it starts, and keeps 17 GB, without using them. With a limit of 49 GB or more it always starts, below that sometimes not (1 start in 15), below 33 GB never. Limit the memory that is used instead (control group, --memory).",
      "`ilastik-headless doctor` shows what is found; `--dry_run` shows blocks and memory of a run.",
    ],
  },
  {
    name: "exit_codes",
    summary: "what the exit code says",
    blocks: () => [
      {
        rows: [
          ["0", "Everything asked for was written, or nothing was asked for."],
          ["1", "Some inputs failed and others did not; or an internal error. For `diff`: the arrays differ."],
          ...Object.entries(EXIT_TEXTS).map(([kind, text]) =>
            [String(EXIT_CODES[kind as keyof typeof EXIT_CODES]), text] as const
          ),
          ["130, 143", "Stopped by SIGINT or SIGTERM; nothing unfinished is left."],
        ],
      },
      "Errors and warnings go to stderr, one line each. stdout holds the path of every written file, one a line, in input " +
      "order, and at the end of a run with exit code 0 the line `Completed Batch Processing`; with " +
      "--output_filename_format=- nothing but the array. A reader that goes away early (`| head`) is no error.",
    ],
  },
  {
    name: "compat",
    summary: "ilastik's odd choices",
    blocks: () => [
      "--compat=ilastik or ILASTIK_COMPAT=ilastik in the environment brings back what ilastik accepts but most likely nobody " +
      "means. It does not bring back crashes.",
      {
        rows: [
          [
            "values",
            "Integers that do not fit wrap around instead of becoming the nearest value; image formats stretch values of unsupported types from the smallest to the largest, per image.",
          ],
          [
            "options",
            "Unknown options are ignored with a warning and their values become inputs; a repeated role option replaces the earlier one; files behind an input option are dropped.",
          ],
          ["axes", "The training image's axes are used whatever the file says."],
          ["names", "Unknown placeholders stay in the name; later outputs of the same name replace earlier ones."],
          ["projects", "--new_project replaces any file, not only Data Conversion projects."],
          ["stacks", "Slices of different types wrap into the type of the first one."],
        ],
      },
    ],
  },
  {
    name: "config",
    summary: "configuration file",
    blocks: () => [
      "An INI file: --configfile, else ~/.ilastikrc, else ilastik.ini in the folder ilastik of XDG_CONFIG_HOME or ~/.config " +
      "(Windows: LOCALAPPDATA, macOS: ~/Library/Application Support). `key: value` and `key = value` are both read.",
      {
        rows: [
          ["[ilastik] debug", "true shows stack traces of errors."],
          ["[ilastik] output_format", "File format when the command line says none."],
          ["[ilastik] output_filename_format", "Likewise the name of outputs."],
          ["[lazyflow] threads", "Number of threads, -1 for all."],
          ["[lazyflow] total_ram_mb", "Memory budget in megabytes, 0 for what the process may use."],
        ],
      },
      "Order of precedence: command line, environment, configuration file, project, built-in default.",
    ],
  },
  {
    name: "events",
    summary: "what --events=json writes",
    blocks: () => [
      "One JSON object a line on stderr, each with `event` and `time`, the seconds since the start. Fields are only ever " +
      "added. Shapes are in the order of axes; what is not known or not set is null.",
      {
        rows: [
          [
            "start",
            "version, project, workflow, projectVersion, inputs, dryRun, threads and memory {value, origin}, settings {name: {value, origin}}",
          ],
          ["input", "input (from 1), name, roles [{role, paths, shape, axes, dtype}]"],
          ["progress", "input, inputs, name, source, done (0 to 1); at most five a second"],
          [
            "output",
            "input, name, source, class (of a channel in a file of its own), status (written, kept, planned), format, paths, innerPath, shape, axes, dtype, tile {index, count, offset, whole} of --tile, pixels, seconds",
          ],
          ["empty", "input, name; the tile holds nothing"],
          ["info, warning", "message"],
          [
            "error",
            "message, hint, kind (usage, project, input, output, memory, internal), input and name of the input that failed",
          ],
          ["end", "exitCode, seconds, peakMemory (bytes)"],
        ],
      },
    ],
  },
  {
    name: "report",
    summary: "what --report writes",
    blocks: () => [
      "One JSON object, written at the end of a run whatever its exit code. Fields are only ever added while schema is 1.",
      {
        rows: [
          ["schema, version, commandLine", "1; version of the program; its words"],
          ["exitCode, started, seconds", "exit code; ISO 8601; duration"],
          ["peakMemory", "largest resident memory in bytes"],
          ["dryRun", "whether nothing was written"],
          ["project", "path, workflow, version of ilastik; null when it could not be read"],
          ["threads, memory", "value and origin"],
          [
            "settings",
            "effective settings by option, each with value and origin: command line, config, project or default",
          ],
          [
            "inputs",
            "name, status (written, kept, planned, empty, failed, not done), roles and outputs as in the events, error, seconds",
          ],
          ["warnings, errors", "texts in order; errors with hint and kind"],
        ],
      },
    ],
  },
];
