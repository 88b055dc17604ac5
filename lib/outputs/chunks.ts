/**
 * Chunk shapes of HDF5, N5 and OME-Zarr outputs (cli-and-io.md §5.7).
 *
 * @module
 */
import { type Axes, type Dtype, dtypeInfo } from "../array/mod.ts";

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
