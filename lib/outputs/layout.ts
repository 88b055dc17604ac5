/**
 * Blocks in the axis order of a file.
 *
 * @module
 */
import {
  along,
  type Axes,
  AXIS_INDEX,
  CANONICAL,
  type Five,
  five,
  fromCanonical,
  isDenselyPacked,
  type NdArray,
  type Region,
  regionShape,
  type TypedArray,
  volume,
} from "../array/mod.ts";
import { gather } from "../../ffi/encode.ts";

/** A block as it goes into a file: positions and sizes per axis of the file, elements in C order. */
export interface FileBlock {
  /** First element along each axis. */
  readonly start: readonly number[];
  /** Number of elements along each axis. */
  readonly count: readonly number[];
  /** The elements, densely packed. */
  readonly data: TypedArray;
}

/** Brings a block into the order of `axes`; axes that are not listed have size 1. */
export async function toFileBlock(region: Region, block: NdArray, axes: Axes): Promise<FileBlock> {
  return {
    start: fromCanonical(region.start, axes),
    count: fromCanonical(regionShape(region), axes),
    data: await inOrder(block, canonicalOrder(axes)),
  };
}

/**
 * The elements in C order of other axes, gathered on another thread; a part of the array's own storage when they lie so
 * already.
 *
 * @param order canonical axis positions, slowest first (all five)
 */
export async function inOrder(block: NdArray, order: Five): Promise<TypedArray> {
  const [shape, strides] = [inAxisOrder(block.shape, order), inAxisOrder(block.strides, order)];
  const { offset, data } = block;
  if (isDenselyPacked({ ...block, shape, strides })) return data.subarray(offset, offset + volume(shape));
  return await gather({ counts: shape, strides, offset, data });
}

/** Values per canonical axis, in another order. */
export function inAxisOrder(values: Five, order: Five): Five {
  return five((_, i) => values[order[i] as number] as number);
}

/** Positions of `axes` in a canonical array, slowest first, with the axes that are not listed in front. */
export function canonicalOrder(axes: Axes): Five {
  const all = [...CANONICAL.filter((axis) => !axes.includes(axis)), ...axes];
  return five((_, i) => AXIS_INDEX[all[i] ?? "t"]);
}

/** The bytes of elements in the machine's order, which is little-endian on all targets; not copied. */
export function bytesOf(data: TypedArray): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * Block edges for formats that are written in runs of bytes: whole along the fastest axes, until a run has `bytes`.
 */
export function wholeRuns(shape: Five, axes: Axes, elementBytes: number, bytes: number): Five {
  const whole = new Set<string>();
  let run = elementBytes;
  for (const axis of axes.toReversed()) {
    if (run >= bytes) break;
    whole.add(axis);
    run *= along(shape, axis);
  }
  return five((axis, i) => whole.has(axis) ? shape[i] as number : 1);
}
