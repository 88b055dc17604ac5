/**
 * Arrays made of equal chunks that are decoded one by one: regions are put together, recent chunks are kept.
 *
 * @module
 */
import { type Dtype, dtypeInfo, elementCount } from "../array/mod.ts";
import { boxShape, copyBlock, createBlock, elementOffset } from "./box.ts";
import { inputError } from "./input_error.ts";
import { shapeText } from "./reader.ts";
import type { StoredBlock } from "./types.ts";

/** A decoded chunk; strides of its own. Chunks at the edge may be smaller. */
export type DecodedChunk = StoredBlock;

/** What the chunks are like. */
export interface ChunkGrid {
  /** For messages. */
  readonly path: string;
  /** Sizes in the order of the file. */
  readonly shape: readonly number[];
  /** Sizes of a chunk in the order of the file. */
  readonly chunk: readonly number[];
  /** Element type. */
  readonly dtype: Dtype;
  /** Decodes the chunk at this place of the grid; `undefined` for zeros. */
  readonly decode: (position: readonly number[], signal?: AbortSignal) => Promise<DecodedChunk | undefined>;
}

/** Decoded chunks up to this many bytes are kept. */
const CACHE_BYTES = 64 << 20;
/** Larger chunks belong to damaged files: no typed array could be made of them on every machine. */
const MOST_CHUNK_BYTES = 2 ** 31;
/** Chunks are decoded this many at a time. */
const AT_ONCE = 4;

/**
 * A reader of regions.
 *
 * @throws {UserError} kind `input` when the chunks are absurdly large
 */
export function chunkReader(
  grid: ChunkGrid,
): (start: readonly number[], stop: readonly number[], signal?: AbortSignal) => Promise<StoredBlock> {
  const chunkBytes = elementCount(grid.chunk) * dtypeInfo(grid.dtype).bytes;
  if (!(chunkBytes <= MOST_CHUNK_BYTES) || grid.chunk.some((size) => !Number.isSafeInteger(size) || size < 1)) {
    throw inputError(grid.path, `its chunks of ${shapeText(grid.chunk)} ${grid.dtype} are not possible`);
  }
  const most = Math.max(AT_ONCE, Math.floor(CACHE_BYTES / chunkBytes));
  const cache = new Map<string, Promise<DecodedChunk | undefined>>();
  const chunkAt = (position: readonly number[], signal?: AbortSignal) => {
    const key = position.join();
    const chunk = cache.get(key) ?? grid.decode(position, signal);
    cache.delete(key);
    cache.set(key, chunk);
    // A failed or cancelled read must not stay.
    chunk.catch(() => cache.delete(key));
    for (const oldest of cache.keys()) {
      if (cache.size <= most) break;
      cache.delete(oldest);
    }
    return chunk;
  };
  return async (start, stop, signal) => {
    const block = createBlock(grid.dtype, boxShape(start, stop));
    if (block.data.length === 0) return block;
    const positions = chunksOf(grid, start, stop);
    for (let i = 0; i < positions.length; i += AT_ONCE) {
      signal?.throwIfAborted();
      await Promise.all(
        positions.slice(i, i + AT_ONCE).map(async (position) => {
          const chunk = await chunkAt(position, signal);
          if (chunk !== undefined) place(grid, position, chunk, start, stop, block);
        }),
      );
    }
    return block;
  };
}

function chunksOf({ chunk }: ChunkGrid, start: readonly number[], stop: readonly number[]): number[][] {
  let positions: number[][] = [[]];
  for (const [axis, size] of chunk.entries()) {
    const first = Math.floor((start[axis] as number) / size);
    const last = Math.floor(((stop[axis] as number) - 1) / size);
    const range = Array.from({ length: last - first + 1 }, (_, k) => first + k);
    positions = positions.flatMap((head) => range.map((k) => [...head, k]));
  }
  return positions;
}

function place(
  { dtype, chunk }: ChunkGrid,
  position: readonly number[],
  from: DecodedChunk,
  start: readonly number[],
  stop: readonly number[],
  block: StoredBlock,
): void {
  const origin = position.map((k, i) => k * (chunk[i] as number));
  const low = origin.map((first, i) => Math.max(first, start[i] as number));
  const high = origin.map((first, i) => Math.min(first + (chunk[i] as number), stop[i] as number));
  const inChunk = low.map((k, i) => k - (origin[i] as number));
  const inBlock = low.map((k, i) => k - (start[i] as number));
  copyBlock(dtype, boxShape(low, high), { ...from, offset: elementOffset(from.offset, from.strides, inChunk) }, {
    ...block,
    offset: elementOffset(0, block.strides, inBlock),
  });
}
