/**
 * Gives the axes of a stored array their meaning.
 *
 * @module
 */
import { type ArraySource, type Axes, fromCanonical, type Region, type SourceMeta, toCanonical } from "../array/mod.ts";
import type { StoredArray } from "./types.ts";

/**
 * A stored array seen as `tzyxc`, by strides. Pixel sizes, units and position are dropped when `axes` are not the
 * file's own (cli-and-io.md §2.6.4). Closing the stored array stays with the caller.
 *
 * @param stored the array in the order of its file
 * @param axes one axis per dimension of the file
 */
export function interpretAxes(stored: StoredArray, axes: Axes): ArraySource {
  if (axes.length !== stored.shape.length) {
    throw new RangeError(`${axes.length} axes given for ${stored.shape.length} dimensions`);
  }
  return {
    shape: toCanonical(stored.shape, axes, 1),
    axes,
    dtype: stored.dtype,
    chunk: toCanonical(stored.chunk, axes, 1),
    meta: sameAxes(axes, stored.axes) ? stored.meta : withoutSizes(stored.meta),
    async read(region: Region, signal?: AbortSignal) {
      const start = fromCanonical(region.start, axes);
      const stop = fromCanonical(region.stop, axes);
      const { data, offset, strides } = await stored.read(start, stop, signal);
      const shape = toCanonical(stop.map((end, i) => end - (start[i] as number)), axes, 1);
      return { dtype: stored.dtype, shape, strides: toCanonical(strides, axes, 0), offset, data };
    },
  };
}

function sameAxes(a: Axes, b: Axes): boolean {
  return a.length === b.length && a.every((axis, i) => axis === b[i]);
}

function withoutSizes({ pixelSize: _size, units: _units, origin: _origin, ...rest }: SourceMeta): SourceMeta {
  return rest;
}
