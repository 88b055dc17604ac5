/**
 * Storage of computed blocks that is used again and again. Fresh memory of some megabytes costs the system as much as a
 * fast kernel needs to fill it, and makes the runtime look for garbage.
 *
 * @module
 */
import { type Five, volume } from "./axes.ts";
import { type Dtype, dtypeInfo, viewBytes } from "./dtype.ts";
import { denseStrides, type NdArray } from "./nd_array.ts";

/** How much is kept for later. */
const MOST_BYTES = 2 ** 26;

/** Storage that somebody holds now, with the array that is given back together with it. */
const lent = new WeakMap<ArrayBufferLike, NdArray | undefined>();
/** Storage that nobody holds, the one used last behind. */
const free: ArrayBuffer[] = [];

/**
 * A densely packed array whose elements are undefined: whoever asks for it writes all of them. Need not be given back.
 *
 * @param madeFrom what the elements are computed from: it is given back together with this array
 */
export function borrowArray(dtype: Dtype, shape: Five, madeFrom?: NdArray): NdArray {
  const count = volume(shape);
  const bytes = count * dtypeInfo(dtype).bytes;
  const index = free.findLastIndex(({ byteLength }) => byteLength >= bytes && byteLength <= 2 * bytes);
  const storage = index >= 0 ? free.splice(index, 1)[0] as ArrayBuffer : new ArrayBuffer(bytes);
  lent.set(storage, madeFrom);
  return { dtype, shape, strides: denseStrides(shape), offset: 0, data: viewBytes(dtype, storage, 0, count) };
}

/**
 * Gives the storage of a borrowed array, or of a part of one, back: nobody may use it any more. Does nothing with other
 * arrays, and with one whose storage was given back already.
 */
export function giveBackArray({ data: { buffer } }: NdArray): void {
  const madeFrom = lent.get(buffer);
  if (!lent.delete(buffer)) return;
  if (madeFrom !== undefined) giveBackArray(madeFrom);
  free.push(buffer as ArrayBuffer);
  let kept = free.reduce((sum, { byteLength }) => sum + byteLength, 0);
  while (kept > MOST_BYTES) kept -= free.shift()?.byteLength ?? 0;
}
