/**
 * Boxes of arrays in the axis order of a file: 1 to 5 sizes, strides, copies.
 *
 * @module
 */
import {
  allocate,
  AXIS_INDEX,
  CANONICAL,
  copyArray,
  type Dtype,
  elementCount,
  type Five,
  five,
  type NdArray,
  type TypedArray,
} from "../array/mod.ts";
import type { StoredBlock } from "./types.ts";

/** Strides of a densely packed C-order array, in elements. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = (strides[i + 1] as number) * (shape[i + 1] as number);
  return strides;
}

/** Edge lengths of a box. */
export function boxShape(start: readonly number[], stop: readonly number[]): number[] {
  return start.map((low, i) => (stop[i] as number) - low);
}

/** A new zeroed, densely packed block. */
export function createBlock(dtype: Dtype, shape: readonly number[]): StoredBlock {
  return { data: allocate(dtype, elementCount(shape)), offset: 0, strides: rowMajorStrides(shape) };
}

/** The index of an element of strided storage. */
export function elementOffset(offset: number, strides: readonly number[], index: readonly number[]): number {
  return index.reduce((sum, k, i) => sum + k * (strides[i] as number), offset);
}

/** Copies elements between two blocks of one shape; any strides. */
export function copyBlock(dtype: Dtype, shape: readonly number[], from: StoredBlock, to: StoredBlock): void {
  copyArray(padded(dtype, shape, from), padded(dtype, shape, to));
}

/** A densely packed copy of a box of `data`. */
export function copyBox(
  dtype: Dtype,
  data: TypedArray,
  strides: readonly number[],
  start: readonly number[],
  stop: readonly number[],
): StoredBlock {
  const shape = boxShape(start, stop);
  const block = createBlock(dtype, shape);
  copyBlock(dtype, shape, { data, offset: elementOffset(0, strides, start), strides }, block);
  return block;
}

/** Seen as five axes, by axes of size 1 in front. */
function padded(dtype: Dtype, shape: readonly number[], block: StoredBlock): NdArray {
  const missing = CANONICAL.length - shape.length;
  const fill = (values: readonly number[], outside: number): Five =>
    five((axis) => values[AXIS_INDEX[axis] - missing] ?? outside);
  return { dtype, shape: fill(shape, 1), strides: fill(block.strides, 0), offset: block.offset, data: block.data };
}
