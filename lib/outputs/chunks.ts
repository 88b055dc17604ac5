/**
 * Chunks of HDF5, N5 and OME-Zarr outputs: their shapes (cli-and-io.md §5.7), and blocks cut along them.
 *
 * @module
 */
import {
  allocate,
  type Axes,
  type Dtype,
  dtypeInfo,
  elementCount,
  type Five,
  five,
  intersect,
  type Region,
  shift,
  type TypedArray,
} from "../array/mod.ts";

/** Bytes of a chunk, about. */
export const CHUNK_BYTES = 512_000;

/**
 * Shape of a chunk: about a square or cube of `bytes`, one channel and one time step each.
 *
 * @param shape sizes in the order of `axes`
 */
export function chunkShape(shape: readonly number[], axes: Axes, dtype: Dtype, bytes = CHUNK_BYTES): number[] {
  const limits = shape.map((size, i) => axes[i] === "t" || axes[i] === "c" ? 1 : size);
  const order = limits.map((_, i) => i).toSorted((a, b) => (limits[a] ?? 0) - (limits[b] ?? 0) || a - b);
  const target = bytes / dtypeInfo(dtype).bytes;
  const chunk = [...limits];
  let done = 1;
  for (const [k, i] of order.entries()) {
    const side = Math.floor(Math.floor(target / done) ** (1 / (order.length - k)) + 0.5);
    chunk[i] = Math.min(side, limits[i] ?? 1);
    done *= chunk[i] ?? 1;
  }
  return chunk;
}

/** The parts of a region, each inside one chunk; chunks are counted from the start of the array. */
export function* chunksOf(region: Region, chunk: Five): Generator<Region> {
  const edge = (axis: number) => chunk[axis] as number;
  const first = five((_, i) => Math.floor((region.start[i] as number) / edge(i)));
  const count = five((_, i) => Math.ceil((region.stop[i] as number) / edge(i)) - (first[i] as number));
  const total = elementCount(count);
  for (let flat = 0; flat < total; flat++) {
    let rest = flat;
    const index = [0, 0, 0, 0, 0];
    for (let i = 4; i >= 0; i--) {
      index[i] = rest % (count[i] as number);
      rest = Math.floor(rest / (count[i] as number));
    }
    const start = five((_, i) => ((first[i] as number) + (index[i] as number)) * edge(i));
    yield intersect(region, { start, stop: five((_, i) => (start[i] as number) + edge(i)) });
  }
}

/** Whether a part fills its chunk, but for what lies beyond the array. */
export function isWholeChunk(part: Region, chunk: Five, shape: Five): boolean {
  return part.start.every((start, i) =>
    start % (chunk[i] as number) === 0 &&
    part.stop[i] === Math.min(shape[i] as number, start + (chunk[i] as number))
  );
}

/** A part in the coordinates of the region it is cut from. */
export function relativeTo(region: Region, part: Region): Region {
  return shift(part, five((_, i) => -(region.start[i] as number)));
}

/** A box of `count` elements as one of `size`, with zeros behind it along each axis; both in C order. */
export function paddedBlock(
  data: TypedArray,
  dtype: Dtype,
  count: readonly number[],
  size: readonly number[],
): TypedArray {
  if (count.every((n, i) => n === size[i])) return data;
  const padded = allocate(dtype, elementCount(size));
  // Runs reach to the last axis that is padded; those behind it are whole, often a channel alone.
  let last = count.length - 1;
  let unit = 1;
  for (; last > 0 && count[last] === size[last]; last--) unit *= size[last] ?? 1;
  const row = (count[last] ?? 1) * unit;
  for (let from = 0; from < data.length; from += row) {
    let rest = from / row;
    let to = 0;
    let step = (size[last] ?? 1) * unit;
    for (let i = last - 1; i >= 0; i--) {
      to += rest % (count[i] ?? 1) * step;
      rest = Math.floor(rest / (count[i] ?? 1));
      step *= size[i] ?? 1;
    }
    (padded as Uint8Array).set(data.subarray(from, from + row) as Uint8Array, to);
  }
  return padded;
}
