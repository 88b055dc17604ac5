/**
 * Lazy arrays: what an input file, a combinator and a computed result all are.
 *
 * @module
 */
import type { Axes, AxisKey, Five } from "./axes.ts";
import type { Dtype } from "./dtype.ts";
import type { NdArray } from "./nd_array.ts";
import type { Region } from "./region.ts";

/** What a source knows about its data beside the pixels. */
export interface SourceMeta {
  /** Value range as declared by the file or by the kind of result, for example `[0, 1]` for probabilities. */
  readonly drange?: readonly [number, number];
  /** How a viewer should show it, as ilastik's `display_mode` attribute. */
  readonly displayMode?: string;
  /** Names of the channels, in order. */
  readonly channelNames?: readonly string[];
  /** Where values are numbers of classes: the names of the classes, that of value 1 first. */
  readonly classNames?: readonly string[];
  /** Colours of the classes (label value 1 first) or of channels, `[red, green, blue]` 0…255. */
  readonly classColors?: readonly (readonly [number, number, number])[];
  /** Pixel size per axis; absent axes are unknown (0 in files). */
  readonly pixelSize?: Readonly<Partial<Record<AxisKey, number>>>;
  /** Unit of the pixel size per axis, for example `um`. */
  readonly units?: Readonly<Partial<Record<AxisKey, string>>>;
  /**
   * Position of the first pixel's centre per axis, in the unit of the pixel size (in pixels where that is unknown);
   * absent axes are at 0.
   */
  readonly origin?: Readonly<Partial<Record<AxisKey, number>>>;
}

/** What reading a region costs; lets the engine choose blocks. */
export interface SourceCost {
  /** Peak memory in bytes while the region is read, the returned block included. */
  bytes(region: Region): number;
  /** Time, in units of one output pixel without any halo. */
  work(region: Region): number;
}

/**
 * A lazy 5-D array `tzyxc`.
 *
 * Re-readable; safe to call concurrently; a read never returns fewer elements than asked.
 */
export interface ArraySource {
  /** Sizes in canonical order; axes that the file lacks have size 1. */
  readonly shape: Five;
  /** The axes that the file (or result) has, in its own order. */
  readonly axes: Axes;
  /** Element type. */
  readonly dtype: Dtype;
  /** Natural block for reading, canonical order. */
  readonly chunk: Five;
  /** What is known beside the pixels. */
  readonly meta: SourceMeta;
  /** Cost of a computed source. Absent for files: a read costs what comes back. Wrappers pass it on. */
  readonly cost?: SourceCost;
  /**
   * Reads a region that lies inside `shape`. The strides of what comes back may be any.
   *
   * @throws {UserError} kind `input` when the file cannot be read
   */
  read(region: Region, signal?: AbortSignal): Promise<NdArray>;
}
