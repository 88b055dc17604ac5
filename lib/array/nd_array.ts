/**
 * A block of pixels: typed storage with shape and strides, always 5-D `tzyxc`.
 *
 * @module
 */
import { elementCount, type Five, volume } from "./axes.ts";
import { allocate, type Dtype, type TypedArray } from "./dtype.ts";
import { type Region, regionShape } from "./region.ts";

/**
 * Pixels of a region. Element `(t, z, y, x, c)` is `data[offset + t*strides[0] + … + c*strides[4]]`.
 * One holder at a time: whoever gets an `NdArray` from a `read` may change it.
 */
export interface NdArray {
  /** Element type. */
  readonly dtype: Dtype;
  /** Sizes, canonical order. */
  readonly shape: Five;
  /** In elements. */
  readonly strides: Five;
  /** Index of the first element. */
  readonly offset: number;
  /** The storage, possibly larger than the array. */
  readonly data: TypedArray;
}

/** Strides of a densely packed C-order array, in elements. */
export function denseStrides(shape: Five): Five {
  const [, z, y, x, c] = shape;
  return [z * y * x * c, y * x * c, x * c, c, 1];
}

/** A new zeroed, densely packed array. */
export function createArray(dtype: Dtype, shape: Five): NdArray {
  return { dtype, shape, strides: denseStrides(shape), offset: 0, data: allocate(dtype, volume(shape)) };
}

/** Wraps densely packed C-order storage. */
export function wrapArray(dtype: Dtype, shape: Five, data: TypedArray): NdArray {
  if (data.length !== volume(shape)) {
    throw new RangeError(`storage of ${data.length} elements does not fit shape ${shape.join("x")}`);
  }
  return { dtype, shape, strides: denseStrides(shape), offset: 0, data };
}

/** Whether the elements lie densely in C order from offset 0 to the end of the storage. */
export function isDense(array: NdArray): boolean {
  return array.offset === 0 && array.data.length === volume(array.shape) && isDenselyPacked(array);
}

/** Whether the elements lie densely in C order somewhere in the storage. */
export function isDenselyPacked({ shape, strides }: NdArray): boolean {
  const dense = denseStrides(shape);
  return strides.every((stride, i) => stride === dense[i] || shape[i] === 1);
}

/** A view on a part of an array; `region` is relative to the array. */
export function subArray(array: NdArray, region: Region): NdArray {
  const offset = region.start.reduce((sum, start, i) => sum + start * (array.strides[i] as number), array.offset);
  return { ...array, shape: regionShape(region), offset };
}

/** Copies `source` into `target` of the same shape and dtype; any strides. */
export function copyArray(source: NdArray, target: NdArray): void {
  if (source.dtype !== target.dtype || source.shape.some((n, i) => n !== target.shape[i])) {
    throw new RangeError(
      `cannot copy ${source.dtype} ${source.shape.join("x")} into ${target.dtype} ${target.shape.join("x")}`,
    );
  }
  // Innermost the axis that is near in both, not that of three channels.
  const step = (i: number): number => (source.strides[i] as number) * (target.strides[i] as number);
  const axes = [0, 1, 2, 3, 4].sort((a, b) => step(b) - step(a));
  const shape = axes.map((i) => machineInteger(source.shape[i]));
  const sourceStrides = axes.map((i) => machineInteger(source.strides[i]));
  const targetStrides = axes.map((i) => machineInteger(target.strides[i]));
  const run = innerRun(shape, sourceStrides, targetStrides);
  const outer = shape.slice(0, run.axis);
  const from = source.data as Uint8Array;
  const to = target.data as Uint8Array;
  const index = new Array<number>(outer.length).fill(0);
  const total = elementCount(outer);
  for (let flat = 0; flat < total; flat++) {
    let s = machineInteger(source.offset);
    let d = machineInteger(target.offset);
    for (let i = 0; i < outer.length; i++) {
      s += (index[i] as number) * (sourceStrides[i] as number);
      d += (index[i] as number) * (targetStrides[i] as number);
    }
    if (run.sourceStride === 1 && run.targetStride === 1) {
      to.set(from.subarray(s, s + run.length), d);
    } else {
      for (let k = 0; k < run.length; k++, s += run.sourceStride, d += run.targetStride) to[d] = from[s] as number;
    }
    for (let i = outer.length - 1; i >= 0; i--) {
      index[i] = (index[i] as number) + 1;
      if ((index[i] as number) < (outer[i] as number)) break;
      index[i] = 0;
    }
  }
}

/** The same number as an integer of the machine: indices from sizes that were computed as doubles are several times slower. */
function machineInteger(value: number | undefined): number {
  const integer = Number(value) | 0;
  return integer === value ? integer : Number(value);
}

/** A densely packed copy, or the array itself when it is dense already. */
export function toDense(array: NdArray): NdArray {
  if (isDense(array)) return array;
  const copy = createArray(array.dtype, array.shape);
  copyArray(array, copy);
  return copy;
}

/** The longest run of trailing axes that both arrays step through with one constant stride. */
function innerRun(
  shape: readonly number[],
  sourceStrides: readonly number[],
  targetStrides: readonly number[],
): { axis: number; length: number; sourceStride: number; targetStride: number } {
  let length = 1;
  let sourceStride = 1;
  let targetStride = 1;
  let started = false;
  let axis = 5;
  for (; axis > 0; axis--) {
    const i = axis - 1;
    const size = shape[i] as number;
    if (size === 1) continue;
    const s = sourceStrides[i] as number;
    const d = targetStrides[i] as number;
    if (!started) {
      started = true;
      sourceStride = s;
      targetStride = d;
      length = size;
    } else if (s === sourceStride * length && d === targetStride * length) {
      length *= size;
    } else {
      break;
    }
  }
  return { axis, length, sourceStride, targetStride };
}
