/**
 * Formats that hold one plane per file, alone and as sequences (cli-and-io.md §5.5, §5.11).
 *
 * @module
 */
import {
  along,
  AXIS_INDEX,
  type AxisKey,
  CANONICAL,
  type Dtype,
  type Five,
  type NdArray,
  type Region,
  type TypedArray,
  UserError,
} from "../array/mod.ts";
import {
  type FileFormat,
  type FileWriter,
  openFileSink,
  openSequenceSink,
  slicePlan,
  wholeAlong,
} from "./file_sink.ts";
import {
  conversionText,
  convertPixels,
  Extremes,
  type ImageTypes,
  type ImageValues,
  imageValues,
} from "./image_values.ts";
import { inOrder } from "./layout.ts";
import { checkFilesWritable, checkWritable, presenceOf } from "./pending.ts";
import { rowPieces } from "./row_pieces.ts";
import { RowSpool } from "./row_spool.ts";
import { stepAxis } from "./sequence_axis.ts";
import type { OutputFormat, OutputPlan } from "./types.ts";

/** What an image is like. */
export interface ImageHeader {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Numbers of channels that the format has. */
  readonly channels: number;
  /** Element type. */
  readonly dtype: Dtype;
  /** Axis that became the width, and the one that became the height; absent for a single pixel or row. */
  readonly widthAxis: AxisKey | undefined;
  /** Axis along the rows of the image; `undefined` for a single row. */
  readonly heightAxis: AxisKey | undefined;
  /** What is written. */
  readonly plan: OutputPlan;
  /** Colour table of a label image, for formats that have one. */
  readonly colors: ColorTable | undefined;
}

/** A colour table: red, green and blue of the values 0…255. */
export type ColorTable = Uint8Array<ArrayBuffer>;

/** Writes one image file, row after row. */
export interface ImageEncoder {
  /** Next rows: `y x c`, C order, in the header's dtype. */
  writeRows(rows: TypedArray): Promise<void>;
  /** Completes and closes the file. */
  finish(): Promise<void>;
  /** Closes the file, whatever its state. Never throws. */
  cancel(): Promise<void>;
}

/** An image format. */
export interface ImageCodec extends ImageTypes {
  /** Other names that are accepted. */
  readonly aliases: readonly string[];
  /** File name extension, without the dot. */
  readonly extension: string;
  /** Numbers of channels that the format has. */
  readonly channels: readonly number[];
  /** Whether label images can have a colour table. */
  readonly palettes?: true;
  /** Largest width and height. */
  readonly maxSize: number;
  /** Makes the file `path`, which does not exist yet. */
  readonly create: (path: string, header: ImageHeader) => Promise<ImageEncoder>;
}

/** The format for one file and the one for sequences. */
export function imageFormats(codec: ImageCodec): readonly [single: OutputFormat, sequence: OutputFormat] {
  const { aliases, extension } = codec;
  const file = (plan: OutputPlan): FileFormat => {
    const values = imageValues(plan, codec);
    return {
      ordered: true,
      blockMultiple: (slice) => {
        const { widthAxis } = imageAxes(slice);
        return wholeAlong(slice.shape, widthAxis === undefined ? ["c"] : [widthAxis, "c"]);
      },
      create: (path, slice) => Promise.resolve(new ImageWriter(path, imageHeader(slice, values), values, codec.create)),
    };
  };
  const single: OutputFormat = {
    name: codec.name,
    aliases,
    extension,
    sequence: false,
    container: false,
    ...(codec.palettes === undefined ? {} : { palettes: codec.palettes }),
    check: (plan) => {
      checkPlane(plan, codec.name);
      checkImage(plan, codec);
    },
    presence: (plan) => presenceOf([plan.path]),
    checkTarget: (plan) => checkWritable(plan.path, "file"),
    open: (plan) => openFileSink(plan, file(plan)),
  };
  const sequence: OutputFormat = {
    name: `${codec.name} sequence`,
    aliases: aliases.map((alias) => `${alias} sequence`),
    extension,
    sequence: true,
    container: false,
    ...(codec.palettes === undefined ? {} : { palettes: codec.palettes }),
    check: (plan) => {
      checkSequence(plan, codec.name);
      checkImage(slicePlan(plan, stepAxis(plan.axes, plan.shape) ?? "t", 0), codec);
    },
    presence: (plan) => presenceOf(plan.slicePaths),
    checkTarget: (plan) => checkFilesWritable(plan.slicePaths),
    open: (plan) => openSequenceSink(plan, file(plan)),
  };
  return [single, sequence];
}

/** Axes of the plane: the first of x, y, z, t becomes the width, whatever the order of the output (§5.5). */
function imageAxes({ axes, shape }: OutputPlan): Pick<ImageHeader, "widthAxis" | "heightAxis"> {
  const [widthAxis, heightAxis] = (["x", "y", "z", "t"] as const).filter((axis) =>
    axes.includes(axis) && along(shape, axis) > 1
  );
  return { widthAxis, heightAxis };
}

function imageHeader(plan: OutputPlan, values: ImageValues): ImageHeader {
  const { widthAxis, heightAxis } = imageAxes(plan);
  return {
    width: widthAxis === undefined ? 1 : along(plan.shape, widthAxis),
    height: heightAxis === undefined ? 1 : along(plan.shape, heightAxis),
    channels: along(plan.shape, "c"),
    dtype: values.dtype,
    widthAxis,
    heightAxis,
    plan,
    colors: colorTable(plan, values),
  };
}

/** The table for `--palette`: 0 is black, class `n` has its colour, values beyond the classes are gray. */
function colorTable(plan: OutputPlan, values: ImageValues): ColorTable | undefined {
  const { classColors } = plan.meta;
  const labels = values.kind === "same" && values.dtype === "uint8" && !plan.continuous && along(plan.shape, "c") === 1;
  if (!plan.palette || !labels || classColors === undefined) return undefined;
  const table = Uint8Array.from({ length: 3 * 256 }, (_, i) => Math.floor(i / 3));
  for (const [i, color] of classColors.slice(0, 255).entries()) table.set(color, 3 * (i + 1));
  return table;
}

/** Axes of more than one element, in the order of the output. */
export function realAxes({ axes, shape }: OutputPlan): AxisKey[] {
  return axes.filter((axis) => along(shape, axis) > 1);
}

function checkPlane(plan: OutputPlan, name: string): void {
  const real = realAxes(plan);
  const planes = real.filter((axis) => axis !== "c");
  if (planes.length <= 2) return;
  throw new UserError("usage", `${name} holds one plane, the result is ${sizesText(plan, real)}`, {
    hint: `use --output_format="${name} sequence" with {slice_index} in the name, or multipage tiff or hdf5`,
  });
}

function checkSequence(plan: OutputPlan, name: string): void {
  const real = realAxes(plan);
  const channels = real.indexOf("c");
  const fits = (real.length === 3 && channels <= 0) || (real.length === 4 && channels > 0);
  if (fits) return;
  const [two, ...more] = real.filter((axis) => axis !== "c");
  const hint = real.length === 3
    ? `add --output_axis_order=c${two}${more.join("")} to write one file per channel`
    : real.length < 3
    ? `use --output_format=${name}`
    : "choose a part with --cutout_subregion, or use multipage tiff or hdf5";
  throw new UserError(
    "usage",
    `${name} sequence needs planes along one axis, the result is ${sizesText(plan, real)}`,
    { hint },
  );
}

/** For example `z 24 × y 26 × c 3`. */
export function sizesText(plan: OutputPlan, axes: readonly AxisKey[]): string {
  return axes.length === 0 ? "a single value" : axes.map((axis) => `${axis} ${along(plan.shape, axis)}`).join(" × ");
}

function checkImage(plan: OutputPlan, codec: ImageCodec): void {
  const { name, channels, maxSize } = codec;
  const values = imageValues(plan, codec);
  const header = imageHeader(plan, values);
  if (!channels.includes(header.channels)) {
    throw new UserError(
      "usage",
      `${name} holds ${channels.join(", ")} channels, the result has ${header.channels}`,
      {
        hint: channels.includes(1)
          ? "choose one with --cutout_subregion=c=0:1, or use multipage tiff or hdf5"
          : "use multipage tiff or hdf5",
      },
    );
  }
  if (header.width > maxSize || header.height > maxSize) {
    throw new UserError(
      "usage",
      `${name} holds at most ${maxSize} pixels a side, the result has ${header.width} × ${header.height}`,
      {
        hint: "use --output_format=tiff",
      },
    );
  }
  if (plan.palette && codec.palettes !== undefined && header.colors === undefined) {
    plan.warn("--palette has no effect: the result is no image of labels of type uint8 with class colours");
  }
  const text = conversionText(values, codec, plan);
  if (text !== undefined && !plan.compat) plan.warn(text);
}

/** Turns blocks into rows, and rows into the values of the format. */
class ImageWriter implements FileWriter {
  readonly #header: ImageHeader;
  readonly #values: ImageValues;
  readonly #path: string;
  readonly #create: ImageCodec["create"];
  readonly #order: Five;
  readonly #extremes = new Extremes();
  #encoder: ImageEncoder | undefined;
  /** All rows, when values depend on the whole image. */
  #spool: RowSpool | undefined;

  constructor(path: string, header: ImageHeader, values: ImageValues, create: ImageCodec["create"]) {
    this.#path = path;
    this.#header = header;
    this.#values = values;
    this.#create = create;
    const { widthAxis = "x", heightAxis = widthAxis === "x" ? "y" : "x" } = header;
    const rest = CANONICAL.filter((axis) => axis !== widthAxis && axis !== heightAxis && axis !== "c");
    const [a, b, c, d, e] = [...rest, heightAxis, widthAxis, "c" as const].map((axis) => AXIS_INDEX[axis]);
    this.#order = [a ?? 0, b ?? 0, c ?? 0, d ?? 0, e ?? 0];
  }

  async write(_region: Region, block: NdArray): Promise<void> {
    const rows = await inOrder(block, this.#order);
    if (this.#values.kind !== "stretched") return await this.#encode(rows);
    this.#spool ??= await RowSpool.create(this.#path, this.#header.plan.dtype, this.#rowLength);
    this.#extremes.add(rows);
    await this.#spool.append(rows);
  }

  async finish(): Promise<void> {
    if (this.#spool !== undefined) { for await (const rows of this.#spool.replay()) await this.#encode(rows); }
    await this.#spool?.close();
    await this.#encoder?.finish();
  }

  async cancel(): Promise<void> {
    await this.#spool?.close();
    await this.#encoder?.cancel();
  }

  get #rowLength(): number {
    return this.#header.width * this.#header.channels;
  }

  async #encode(rows: TypedArray): Promise<void> {
    this.#encoder ??= await this.#create(this.#path, this.#header);
    if (this.#values.kind === "same") return await this.#encoder.writeRows(rows);
    for (const piece of rowPieces(rows, this.#rowLength)) {
      await this.#encoder.writeRows(convertPixels(piece, this.#values, this.#extremes));
    }
  }
}
