/**
 * From a result to an output: sub-region, value range and type, axes, name (cli-and-io.md §5.1–5.6).
 *
 * @module
 */
import {
  along,
  type ArraySource,
  type Axes,
  CANONICAL,
  type Cast,
  createCast,
  type Dtype,
  dtypeInfo,
  five,
  fromCanonical,
  isIntegerDtype,
  type RangeMap,
  type Region,
  regionShape,
  regionVolume,
  shift,
  type SourceMeta,
  toCanonical,
  UserError,
  wholeRegion,
  withAxis,
} from "../array/mod.ts";
import { castBlock } from "./cast_block.ts";
import { channelName, channelWord } from "./channel_names.ts";
import { chunkShape } from "./chunks.ts";
import { EXTENSIONS, FORMATS } from "./formats.ts";
import { fileName, innerName, type NameContext, type NameOptions, type OutputNames, sequenceNames } from "./names.ts";
import { partMeta } from "./part_meta.ts";
import { bindRegion, type RegionRequest } from "./region.ts";
import { stepAxis } from "./sequence_axis.ts";
import { filledTiles, tileRegion, type TileRequest, tileSuffix } from "./tile_cut.ts";
import type { OutputFormat, OutputPlan, Presence, Sink } from "./types.ts";

/** A result of a workflow, before the export options. */
export interface ExportResult {
  /** Its listed name, `{result_type}`. */
  readonly name: string;
  /** Its values; `axes` are those the workflow works in, the order of `--cutout_subregion`. */
  readonly source: ArraySource;
  /** Axes that are written when `--output_axis_order` is not given: those of the input, `c` appended. */
  readonly outputAxes: Axes;
  /** All values are known to lie in this range: `[0, 1]` for probabilities, `[1, n]` for a segmentation. */
  readonly valueRange?: readonly [number, number];
  /** Whether values measure something, unlike numbers of labels. */
  readonly continuous: boolean;
}

/** The input that a result was made from. */
export interface ExportInput {
  /** As the user wrote it. */
  readonly text: string;
  /** `{nickname}`. */
  readonly nickname: string;
  /** `{dataset_dir}`. */
  readonly datasetDir: string;
  /** What tiles must have in common to be joined, by name: all that decides about the values. */
  readonly facts?: Readonly<Record<string, string>>;
}

/** What the export options ask for. */
export interface ExportSettings {
  /** Format of the output. */
  readonly format: OutputFormat;
  /** `--output_filename_format` */
  readonly fileNamePattern: string;
  /** `--output_internal_path` */
  readonly innerPathPattern: string;
  /** Relative names are relative to this folder: the current one, or the project's for stored patterns. */
  readonly baseFolder: string;
  /** What `~` stands for. */
  readonly homeFolder?: string;
  /** `--cutout_subregion` */
  readonly region?: RegionRequest;
  /** `--tile`: the part of the region that is written. */
  readonly tile?: TileRequest;
  /** `--export_dtype` */
  readonly dtype?: Dtype;
  /** `--pipeline_result_drange` and `--export_drange` */
  readonly range?: RangeMap;
  /** `--output_axis_order` */
  readonly axisOrder?: Axes;
  /** `--split_channels`: every channel is an output of its own. */
  readonly splitChannels?: boolean;
  /** `--palette`: label images get the colours of their classes as a colour table. */
  readonly palette?: boolean;
  /** Whether a file of another kind that has the output's name is replaced (`--if_exists=overwrite` was given). */
  readonly replaceForeign: boolean;
  /** Whether the original's odd choices are reproduced (cli-and-io.md §8). */
  readonly compat: boolean;
  /** Receives one-line warnings. */
  readonly warn: (message: string) => void;
}

/** A planned output. */
export interface Export {
  /** Listed name of the result that it holds. */
  readonly result: string;
  /** The only channel that it holds, where every channel is an output of its own. */
  readonly channel?: ExportedChannel;
  /** Format of the output. */
  readonly format: OutputFormat;
  /** What is written. */
  readonly plan: OutputPlan;
  /** The values that are written, as the sink wants them. */
  readonly source: ArraySource;
  /**
   * Looks how much of the output is there already.
   *
   * @throws {UserError} kind `output`
   */
  presence(): Promise<Presence>;
  /**
   * Looks at what lies at the target, without changing anything.
   *
   * @throws {UserError} kind `output`
   */
  checkTarget(): Promise<void>;
  /**
   * Opens the sink. Its `commit` also warns about values that did not fit the output's type.
   *
   * @throws {UserError} kind `output`
   */
  open(): Promise<Sink>;
}

/** A channel that is an output of its own. */
export interface ExportedChannel {
  /** Number in the result, from 0. */
  readonly index: number;
  /** Its name, or its number where it has none. */
  readonly name: string;
}

/** A result, or a channel of one that is an output of its own. */
export interface ExportPart {
  /** The result. */
  readonly result: ExportResult;
  /** Number of the channel. */
  readonly channel?: number;
}

/**
 * Plans the outputs of an input.
 *
 * @param parts at least one, equal in sizes but channels
 * @returns one output per part; none when the tile that is asked for is empty
 * @throws {UserError} as {@linkcode planExport}
 */
export function planExports(
  parts: readonly ExportPart[],
  input: ExportInput,
  settings: ExportSettings,
): readonly Export[] {
  const [{ result: first }] = parts as [ExportPart];
  const { tile } = settings;
  if (tile !== undefined && tile.index > filledTiles(exportedRegion(first, settings), tile.count)) return [];
  return parts.map(({ result, channel }) => planExport(result, input, settings, channel));
}

/**
 * Plans an output: everything is checked and nothing is touched.
 *
 * @param channel the only channel that it holds; all of the region by default
 * @throws {UserError} kind `usage` when options do not fit the result or the format, kind `output` for impossible names
 */
export function planExport(
  result: ExportResult,
  input: ExportInput,
  settings: ExportSettings,
  channel?: number,
): Export {
  const { format, compat, warn } = settings;
  const { source } = result;
  const cast = createCast({
    source: source.dtype,
    target: settings.dtype ?? source.dtype,
    ...(settings.range === undefined ? {} : { range: settings.range }),
    wrap: compat,
  });
  const exported = exportedRegion(result, settings);
  const whole = channel === undefined ? exported : withAxis(exported, "c", channel, channel + 1);
  const region = tileOf(whole, settings);
  const shape = regionShape(region);
  const axes = settings.axisOrder ?? result.outputAxes;
  checkAxes(axes, regionShape(whole), result);
  if (!compat) warnOfTruncation(result, cast, warn);

  const values = castValues(result, cast);
  const context = nameContext(result, input, region, axes, channel);
  const plan: OutputPlan = {
    ...outputNames(context, settings),
    innerPath: innerName(settings.innerPathPattern, context, compat),
    shape,
    axes,
    dtype: cast.rule.target,
    meta: castMeta(source, cast, region, result.outputAxes),
    ...values,
    ...tileRecord(result, input, settings, { whole, context, cast }),
    palette: settings.palette === true,
    replaceForeign: settings.replaceForeign,
    compat,
    warn,
  };
  if (plan.palette && format.palettes === undefined) {
    warn(`--palette has no effect: ${format.name} has no colour table`);
  }
  format.check(plan);

  let outside = 0;
  return {
    result: result.name,
    ...(channel === undefined ? {} : {
      channel: { index: channel, name: channelName(source, channel) },
    }),
    format,
    plan,
    source: castSource(source, region, axes, cast, plan.meta, (count) => outside += count),
    presence: () => format.presence(plan),
    checkTarget: () => format.checkTarget(plan),
    open: async () => {
      const sink = await format.open(plan);
      return {
        blockMultiple: sink.blockMultiple,
        ordered: sink.ordered,
        write: (part, block) => sink.write(part, block),
        abort: () => sink.abort(),
        commit: async (signal) => {
          const paths = await sink.commit(signal);
          if (outside > 0) warn(outsideText(plan, outside));
          return paths;
        },
      };
    },
  };
}

/** The part of a result that `--cutout_subregion` leaves. */
export function exportedRegion({ source }: ExportResult, { region, warn, compat }: ExportSettings): Region {
  return region === undefined ? wholeRegion(source.shape) : bindRegion(region, source.axes, source.shape, warn, compat);
}

/** Tiles of all results of an input are cut alike, whatever their element types, so that one pass computes them. */
const TILE_CHUNK_TYPE: Dtype = "float32";

/** The tile of it that is written, cut between chunks as HDF5 outputs have them. */
function tileOf(whole: Region, settings: ExportSettings): Region {
  const { tile, format } = settings;
  if (tile === undefined) return whole;
  if (format.tiles === undefined) {
    const able = FORMATS.filter(({ tiles }) => tiles === true).map(({ name }) => name);
    throw new UserError("usage", `--tile: a tile cannot be written as ${format.name}`, {
      hint: `add --output_format="${able.at(0)}" (or ${
        able.slice(1).join(", ")
      }) here, and give --output_format="${format.name}" to \`merge\``,
    });
  }
  const chunk = toCanonical(chunkShape(regionShape(whole), CANONICAL, TILE_CHUNK_TYPE), CANONICAL, 1);
  const region = tileRegion(whole, tile, chunk);
  if (region === undefined) throw new RangeError("an empty tile");
  return region;
}

/** What the file of a tile says of itself. */
function tileRecord(
  result: ExportResult,
  input: ExportInput,
  settings: ExportSettings,
  { whole, context, cast }: { whole: Region; context: NameContext; cast: Cast },
): Pick<OutputPlan, "tile"> {
  const { tile, format } = settings;
  if (tile === undefined) return {};
  const { source } = result;
  const { region, outputAxes: axes } = context;
  const offset = fromCanonical(region.start, axes).map((first, i) =>
    first - (fromCanonical(whole.start, axes)[i] ?? 0)
  );
  return {
    tile: {
      schema: 1,
      tile: tile.index,
      offset,
      whole: {
        tiles: tile.count,
        filled: filledTiles(whole, tile.count),
        axes,
        shape: fromCanonical(regionShape(whole), axes),
        dtype: cast.rule.target,
        format: format.name,
        innerPath: innerName(settings.innerPathPattern, { ...context, region: whole }, settings.compat),
        nickname: input.nickname,
        result: {
          name: result.name,
          axes: source.axes,
          inputAxes: result.outputAxes,
          shape: source.shape,
          start: whole.start,
          ...castValues(result, cast),
          meta: { ...source.meta, ...(cast.drange === undefined ? {} : { drange: cast.drange }) },
        },
        facts: input.facts ?? {},
      },
    },
  };
}

function nameContext(
  result: ExportResult,
  input: ExportInput,
  region: Region,
  axes: Axes,
  channel: number | undefined,
): NameContext {
  return {
    nickname: input.nickname,
    datasetDir: input.datasetDir,
    resultType: result.name,
    internalAxes: result.source.axes,
    outputAxes: axes,
    region,
    ...(channel === undefined ? {} : { channel: channelWord(result.source, channel) }),
  };
}

function outputNames(context: NameContext, settings: ExportSettings): OutputNames {
  const { format, compat, warn } = settings;
  const { outputAxes: axes, region } = context;
  const options: NameOptions = {
    baseFolder: settings.baseFolder,
    ...(settings.homeFolder === undefined ? {} : { homeFolder: settings.homeFolder }),
    extension: format.extension,
    ...(settings.tile === undefined ? {} : { suffix: tileSuffix(settings.tile) }),
    format: format.name,
    sequence: FORMATS.find(({ name }) => name === `${format.name} sequence`)?.name ?? "png sequence",
    knownExtensions: EXTENSIONS,
    compat,
    warn,
  };
  if (!format.sequence) return fileName(settings.fileNamePattern, context, options);
  const step = stepAxis(axes, regionShape(region));
  const slices = step === undefined
    ? { first: 0, count: 1 }
    : { first: along(region.start, step), count: along(regionShape(region), step) };
  return sequenceNames(settings.fileNamePattern, slices, context, options);
}

/** Only axes of size 1 may be left out. */
function checkAxes(axes: Axes, shape: Region["stop"], result: ExportResult): void {
  const lost = CANONICAL.filter((axis) => !axes.includes(axis) && along(shape, axis) > 1);
  if (lost.length === 0) return;
  const sizes = lost.map((axis) => `${axis} = ${along(shape, axis)}`).join(", ");
  throw new UserError(
    "usage",
    `--output_axis_order=${axes.join("")} leaves out ${lost.join(" and ")}, but ${result.name} has ${sizes}`,
    { hint: `add the axis, or choose one ${lost[0]} with --cutout_subregion=${lost[0]}=0:1` },
  );
}

function warnOfTruncation(result: ExportResult, cast: Cast, warn: (message: string) => void): void {
  const { source, target, range } = cast.rule;
  const [low, high] = result.valueRange ?? [0, Infinity];
  if (range !== undefined || isIntegerDtype(source) || !isIntegerDtype(target) || low < 0 || high > 1) return;
  const { max } = dtypeInfo(target);
  warn(
    `values 0…1 of ${result.name} will become 0 in ${target}; add --pipeline_result_drange=(0.0,1.0) --export_drange=(0,${max})`,
  );
}

function castValues(result: ExportResult, cast: Cast): Pick<OutputPlan, "valueRange" | "continuous"> {
  const { range, source, target } = cast.rule;
  if (range !== undefined) {
    const [a, b] = range.to;
    return { valueRange: a < b ? [a, b] : [b, a], continuous: true };
  }
  return {
    ...(result.valueRange === undefined ? {} : { valueRange: result.valueRange }),
    // Fractions that are cut off leave steps.
    continuous: result.continuous && (isIntegerDtype(source) || !isIntegerDtype(target)),
  };
}

/** Units are listed in the order of the input's axes, as in the original. */
function castMeta({ meta, shape }: ArraySource, cast: Cast, region: Region, inputAxes: Axes): SourceMeta {
  const { units } = meta;
  return {
    ...partMeta(meta, shape, region),
    ...(units === undefined ? {} : {
      units: Object.fromEntries(
        [...new Set([...inputAxes, ...CANONICAL])].filter((axis) => axis in units)
          .map((axis) => [axis, units[axis] ?? ""]),
      ),
    }),
    ...(cast.drange === undefined ? {} : { drange: cast.drange }),
  };
}

/** The exported part with its values converted; `onOutside` hears how many did not fit. */
function castSource(
  source: ArraySource,
  region: Region,
  axes: Axes,
  cast: Cast,
  meta: SourceMeta,
  onOutside: (count: number) => void,
): ArraySource {
  const toSource = (part: Region) => shift(part, region.start);
  const { source: from, target, range } = cast.rule;
  const copies = from !== target || range !== undefined;
  const copyBytes = (part: Region) => copies ? regionVolume(part) * dtypeInfo(target).bytes : 0;
  const shape = regionShape(region);
  const { cost } = source;
  return {
    shape,
    axes,
    dtype: target,
    chunk: five((_, i) => Math.min(source.chunk[i] as number, shape[i] as number)),
    meta,
    ...(cost === undefined ? {} : {
      cost: {
        bytes: (part: Region) => cost.bytes(toSource(part)) + copyBytes(part),
        work: (part: Region) => cost.work(toSource(part)),
      },
    }),
    read: async (part, signal) => {
      const { array, outside } = await castBlock(cast, await source.read(toSource(part), signal));
      onOutside(outside);
      return array;
    },
  };
}

function outsideText(plan: OutputPlan, outside: number): string {
  const { min, max } = dtypeInfo(plan.dtype);
  const values = outside === 1 ? "1 value does" : `${outside} values do`;
  return `${plan.path}: ${values} not fit ${plan.dtype} and became the nearest of ${min}…${max} (NaN: 0); ` +
    "--export_drange or another --export_dtype avoids that";
}
