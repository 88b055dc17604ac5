/**
 * Axes of arrays whose file does not name them.
 *
 * @module
 */
import { type Axes, type Dtype, dtypeInfo, isAxisKey, parseAxes } from "../array/mod.ts";

const BY_DIMENSIONS: readonly (string | undefined)[] = [, , "yx", "zyx", "zyxc", "tzyxc"];
/** A last axis of at most this size is taken for channels in 3-D arrays. */
const MOST_CHANNELS = 4;

/**
 * The default guess for a shape (cli-and-io.md §4.9).
 *
 * @returns the axes, or `undefined` when there are not 2 to 5 sizes
 */
export function defaultAxes(shape: readonly number[]): Axes | undefined {
  const last = shape.at(-1) ?? 0;
  const letters = shape.length === 3 && last <= MOST_CHANNELS ? "yxc" : BY_DIMENSIONS[shape.length];
  return letters === undefined ? undefined : parseAxes(letters);
}

/** Axes from names such as `["z", "Y", "x"]`, if every name is a letter of `tzyxc`, none twice, one per dimension. */
export function axesFromNames(names: readonly string[], dimensions: number): Axes | undefined {
  const letters = names.map((name) => name.toLowerCase());
  return letters.length === dimensions && letters.every(isAxisKey) ? parseAxes(letters.join("")) : undefined;
}

/** Reading this much at once is worth the call. */
const NATURAL_BYTES = 1 << 20;

/** A natural block of an array without chunks: whole inner axes, about a mebibyte. */
export function naturalChunk(shape: readonly number[], dtype: Dtype): number[] {
  const chunk = shape.map(() => 1);
  let elements = NATURAL_BYTES / dtypeInfo(dtype).bytes;
  for (let i = shape.length - 1; i >= 0 && elements >= 1; i--) {
    chunk[i] = Math.max(1, Math.min(shape[i] as number, Math.floor(elements)));
    elements /= shape[i] as number;
  }
  return chunk;
}
