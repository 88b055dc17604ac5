/**
 * Parts of a block as the packed chunks of a file.
 *
 * @module
 */
import { type ChunkBatch, packChunks } from "../../ffi/pack.ts";
import type { Room } from "../../ffi/encode.ts";
import { type Axes, type Five, fromCanonical, type NdArray, type Region, subArray } from "../array/mod.ts";
import { relativeTo } from "./chunks.ts";
import { canonicalOrder, inAxisOrder } from "./layout.ts";

/** A chunk as it is stored. */
export interface PackedChunk {
  /** Its first element along each axis of the file. */
  readonly start: readonly number[];
  /** Its bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What is packed, and how. */
export interface PackOptions {
  /** Where the block lies in the array. */
  readonly region: Region;
  /** The block; must not change before the promise is settled. */
  readonly block: NdArray;
  /** Parts of the region, each inside one chunk and beginning where the chunk begins. */
  readonly parts: readonly Region[];
  /** Order of the axes in the file. */
  readonly axes: Axes;
  /** Shape of a chunk, canonical; parts are padded with zeros to it. */
  readonly chunk: Five;
  /** Level of deflate; `undefined` for plain bytes. */
  readonly level: number | undefined;
}

/**
 * Packs parts of a block, all in one call of another thread.
 *
 * @param room memory for the results, which are valid until its next use
 */
export async function packParts(options: PackOptions, room: Room): Promise<readonly PackedChunk[]> {
  const { region, block, parts, axes, chunk, level } = options;
  const order = canonicalOrder(axes);
  const chunks: ChunkBatch["chunks"] = parts.map((part) => {
    const { offset, shape } = subArray(block, relativeTo(region, part));
    return { offset, counts: inAxisOrder(shape, order) };
  });
  const [strides, sizes] = [inAxisOrder(block.strides, order), inAxisOrder(chunk, order)];
  const packed = await packChunks({ data: block.data, strides, sizes, chunks, level }, room);
  return parts.map(({ start }, i) => ({
    start: fromCanonical(start, axes),
    bytes: packed[i] as Uint8Array<ArrayBuffer>,
  }));
}
