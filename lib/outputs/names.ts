/**
 * Names of output files and datasets (cli-and-io.md §5.4, §5.11).
 *
 * @module
 */
import { basename, dirname, extname, isAbsolute, join, resolve } from "@std/path";
import { along, type Axes, CANONICAL, fromCanonical, type Region, UserError } from "../array/mod.ts";
import { Pattern, type PatternValues } from "./pattern.ts";
import { checkNameLength } from "./pending.ts";

/** What file names are made of. */
export interface NameContext {
  /** `{nickname}` of the input. */
  readonly nickname: string;
  /** `{dataset_dir}`: absolute folder of the input. */
  readonly datasetDir: string;
  /** `{result_type}`: listed name of the export source. */
  readonly resultType: string;
  /** Axes in which the workflow works; their positions can be named. */
  readonly internalAxes: Axes;
  /** Axes of the output; those that the workflow lacks are named 0 and 1. */
  readonly outputAxes: Axes;
  /** Exported part of the result. */
  readonly region: Region;
  /** `{class}`: word for the channel that the output holds, when it holds one of several. */
  readonly channel?: string;
}

/** Where a pattern comes from and how it is read. */
export interface NameOptions {
  /** Relative names are relative to this folder: the current one, or the project's for stored patterns. */
  readonly baseFolder: string;
  /** What `~` stands for; it stays as it is when unknown. */
  readonly homeFolder?: string;
  /** Extension of the format without the dot; empty when names are used as they are. */
  readonly extension: string;
  /** What comes between the name and its extension. */
  readonly suffix?: string;
  /** Name of the format, for messages. */
  readonly format: string;
  /** Name of the format of sequences that is most like it, for messages. */
  readonly sequence: string;
  /** Extensions of all formats and the format that each belongs to. */
  readonly knownExtensions: ReadonlyMap<string, string>;
  /** Reproduce the original's odd choices: unknown placeholders stay. */
  readonly compat: boolean;
  /** Receives one-line warnings. */
  readonly warn: (message: string) => void;
}

/** Slices of a sequence. */
export interface Slices {
  /** Number of slices. */
  readonly count: number;
  /** Number of the first slice: start of the exported region on the step axis. */
  readonly first: number;
}

/** Final names. */
export interface OutputNames {
  /** Absolute path; for sequences the pattern with `{slice_index}`. */
  readonly path: string;
  /** Absolute paths of the slices of a sequence, else empty. */
  readonly slicePaths: readonly string[];
}

const FILE_OPTION = "--output_filename_format";
const SLICE = "slice_index";
const CLASS = "class";
/** Stands for the dots in names of channels until the extension is found, which they do not begin. */
const NO_EXTENSION = "\0";

/** Values of all placeholders but `{slice_index}`; `{class}` only for an output of one channel. */
export function placeholderValues(context: NameContext): PatternValues {
  const { internalAxes, outputAxes, region } = context;
  const corner = (values: readonly number[]) => `(${values.join(", ")}${values.length === 1 ? "," : ""})`;
  const start = corner(fromCanonical(region.start, internalAxes));
  const stop = corner(fromCanonical(region.stop, internalAxes));
  const axes = CANONICAL.filter((axis) => internalAxes.includes(axis) || outputAxes.includes(axis));
  return {
    dataset_dir: context.datasetDir,
    nickname: context.nickname,
    result_type: context.resultType,
    roi: `[${start}, ${stop}]`,
    ...(context.channel === undefined ? {} : { [CLASS]: context.channel }),
    ...Object.fromEntries(axes.flatMap((axis) => {
      const inside = internalAxes.includes(axis);
      return [
        [`${axis}_start`, inside ? along(region.start, axis) : 0],
        [`${axis}_stop`, inside ? along(region.stop, axis) : 1],
      ];
    })),
  };
}

/** Whether a pattern of `--output_filename_format` names channels, so that each is an output of its own. */
export function namesChannels(text: string, compat: boolean): boolean {
  return !compat && new Pattern(text, { option: FILE_OPTION, compat }).has(CLASS);
}

/**
 * Makes the path of an output out of the pattern of `--output_filename_format`. The word for a channel that the pattern
 * does not hold stands in front of the extension.
 *
 * @throws {UserError} kind `usage` for a pattern that does not work, kind `output` for a name that is too long
 */
export function fileName(text: string, context: NameContext, options: NameOptions): OutputNames {
  const pattern = new Pattern(text, { option: FILE_OPTION, compat: options.compat, others: [CLASS] });
  if (pattern.has(SLICE) && !options.compat) {
    throw new UserError(
      "usage",
      `${FILE_OPTION}: {${SLICE}} only makes sense for sequences, not for ${options.format}`,
      {
        hint: `take the placeholder out, or add --output_format="${options.sequence}" if that is meant`,
      },
    );
  }
  const filled = pattern.fill(fileValues(context));
  const path = finish(filled, options, channelSuffix(pattern, context));
  warnOfCut(filled, path, options);
  checkNameLength(path);
  return { path, slicePaths: [] };
}

/**
 * Makes the paths of a sequence. Numbers without a format of their own are padded with zeros to equal length.
 *
 * @throws {UserError} kind `usage` for a pattern that does not work or has no `{slice_index}`, kind `output` for a name
 *   that is too long
 */
export function sequenceNames(text: string, slices: Slices, context: NameContext, options: NameOptions): OutputNames {
  const pattern = new Pattern(text, { option: FILE_OPTION, compat: options.compat, others: [CLASS] });
  if (!pattern.has(SLICE)) {
    const extension = extname(text);
    const stem = text.slice(0, text.length - extension.length);
    throw new UserError("usage", `${FILE_OPTION}: the name of a sequence needs {${SLICE}}, found \`${text}\``, {
      hint: `for example \`${FILE_OPTION}=${stem}_{${SLICE}}${extension}\``,
    });
  }
  const values = fileValues(context);
  const suffix = channelSuffix(pattern, context);
  const digits = Math.ceil(Math.log10(slices.first + slices.count + 1));
  const plain = pattern.hasPlain(SLICE);
  const slicePaths = Array.from({ length: slices.count }, (_, i) => {
    const index = slices.first + i;
    const number = plain ? String(index).padStart(digits, "0") : index;
    return finish(pattern.fill({ ...values, [SLICE]: number }), options, suffix);
  });
  const path = finish(pattern.fill({ ...values, [SLICE]: plain ? `{${SLICE}}` : slices.first }), options, suffix);
  for (const slicePath of [slicePaths[0], slicePaths.at(-1)]) checkNameLength(slicePath ?? path);
  return { path: plain ? path : slicePaths[0] ?? path, slicePaths };
}

/** Fills in the pattern of `--output_internal_path`; without slashes at the ends. */
export function innerName(text: string, context: NameContext, compat: boolean): string {
  const option = "--output_internal_path";
  const filled = new Pattern(text, { option, compat }).fill(placeholderValues(context));
  const parts = filled.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.length === 0) throw new UserError("usage", `${option} \`${text}\` names nothing`);
  if (parts.includes("..")) {
    throw new UserError("usage", `${option}: \`..\` is not possible inside a file: \`${filled}\``);
  }
  return parts.join("/");
}

function fileValues(context: NameContext): PatternValues {
  const { channel, ...rest } = context;
  const safe = channel?.replaceAll(".", NO_EXTENSION);
  return placeholderValues(safe === undefined ? rest : { ...rest, channel: safe });
}

function channelSuffix(pattern: Pattern, { channel }: NameContext): string {
  return channel === undefined || pattern.has(CLASS) ? "" : `_${channel}`;
}

/** Home folder, base folder, `suffix` and the extension of the format instead of what stands behind the last dot. */
function finish(name: string, options: NameOptions, suffix: string): string {
  if (options.extension === "") return withDots(name) + suffix;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(name)) {
    throw new UserError("usage", `${FILE_OPTION}: ${options.format} is written to files, not to the address ${name}`);
  }
  if (name === "" || /[/\\]$/.test(name)) {
    throw new UserError("usage", `${FILE_OPTION}: \`${name}\` names a folder, not a file`, {
      hint: `for example \`${FILE_OPTION}=${name}{nickname}_{result_type}.${options.extension}\``,
    });
  }
  const home = options.homeFolder;
  const expanded = home !== undefined && /^~(?=$|[/\\])/.test(name) ? join(home, name.slice(1)) : name;
  const path = isAbsolute(expanded) ? resolve(expanded) : resolve(options.baseFolder, expanded);
  return `${withDots(withoutExtension(path))}${suffix}${options.suffix ?? ""}.${options.extension}`;
}

function withDots(name: string): string {
  return name.replaceAll(NO_EXTENSION, ".");
}

function withoutExtension(path: string): string {
  return path.slice(0, path.length - extname(path).length);
}

/** Tells when the extension rule changes more than a user would expect. */
function warnOfCut(filled: string, path: string, options: NameOptions): void {
  const cut = extname(basename(filled)).slice(1);
  if (cut === "" || options.extension === "" || cut.toLowerCase() === options.extension.toLowerCase()) return;
  const format = options.knownExtensions.get(cut.toLowerCase());
  if (format === options.format) return;
  options.warn(
    format === undefined
      ? `${basename(withDots(filled))} is written as ${
        basename(path)
      }: what stands behind the last dot counts as the extension; end the name in .${options.extension} to keep it`
      : `${basename(withDots(filled))} is written as ${
        basename(path)
      } in the format ${options.format}; add --output_format=${
        format.includes(" ") ? `"${format}"` : format
      } to get ${format}`,
  );
}

/** Names that one input of a run will write. */
export interface OutputClaim {
  /** The input as the user wrote it. */
  readonly input: string;
  /** Paths of the files. */
  readonly paths: readonly string[];
  /** Inner path, when several outputs may share one file. */
  readonly innerPath?: string;
}

/**
 * Refuses outputs that would overwrite each other or an input.
 *
 * @param claims what all inputs of the run write
 * @param inputs absolute paths of all files that the run reads, the project included
 * @param compat later outputs silently replace earlier ones, as in the original (compat D14)
 * @throws {UserError} kind `usage` naming both, and how many more there are
 */
export async function checkCollisions(
  claims: readonly OutputClaim[],
  inputs: readonly string[],
  compat: boolean,
): Promise<void> {
  const read = new Map<string, string>();
  for (const input of inputs) read.set(await identity(input), input);
  const written = new Map<string, OutputClaim>();
  const clashes: Clash[] = [];
  const folders = new Map<string, string>();
  for (const claim of claims) {
    for (const path of claim.paths) {
      const key = await identity(path, folders);
      if (read.has(key)) {
        throw new UserError("usage", `the output ${path} of ${claim.input} is one of the files that are read`, {
          hint: `choose another name with ${FILE_OPTION}`,
        });
      }
      const full = claim.innerPath === undefined ? key : `${key}\0${claim.innerPath}`;
      const other = written.get(full);
      if (other !== undefined) clashes.push({ path, inputs: [other.input, claim.input] });
      written.set(full, claim);
    }
  }
  if (clashes.length > 0 && !compat) throw clashError(clashes);
}

/** Two outputs of one name. */
interface Clash {
  readonly path: string;
  readonly inputs: readonly [string, string];
}

/** Names the first clash, and how many there are. */
function clashError(clashes: readonly Clash[]): UserError {
  const [{ path, inputs: [one, other] }] = clashes as [Clash];
  const more = clashes.length === 1 ? "" : `, and ${clashes.length - 1} more share an output`;
  return one === other
    ? new UserError("usage", `${one} is given twice and would write ${path} both times${more}`, {
      hint: "leave one of them out",
    })
    : new UserError("usage", `${one} and ${other} would both write ${path}${more}`, {
      hint: `tell them apart in ${FILE_OPTION}, for example with {dataset_dir}, {nickname} or {result_type}`,
    });
}

/** One text for all names of a file: links resolved, also of folders above a file that does not exist yet. */
async function identity(path: string, folders = new Map<string, string>()): Promise<string> {
  const fold = (text: string) => Deno.build.os === "linux" ? text : text.toLowerCase();
  const real = await realPath(path);
  if (real !== undefined) return fold(real);
  let parent = folders.get(dirname(path));
  if (parent === undefined) {
    parent = dirname(path) === path ? path : await identity(dirname(path), folders);
    folders.set(dirname(path), parent);
  }
  return fold(join(parent, basename(path)));
}

async function realPath(path: string): Promise<string | undefined> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    // No permission to look, for example: writing or reading tells the user, with the path.
    return path;
  }
}
