/**
 * Chunks of a file, many in one call: brought into their order and packed, on another thread. In the library of TIFF files,
 * which has the encoders.
 *
 * @module
 */
import { checkEncoded, type Room } from "./encode.ts";
import { lazyLibrary } from "./library.ts";
import { asBytes, type Numbers } from "./numbers.ts";

/** Functions, each under its C declaration in `native/include/ilh_pack.h`. */
export const FUNCTIONS = {
  // uint64_t ilh_pack_room(int32_t level, uint64_t bytes)
  ilh_pack_room: { parameters: ["i32", "u64"], result: "u64" },
  // int32_t ilh_pack_chunks(uint32_t element, uint64_t chunks, const int64_t *counts, const uint64_t *offsets,
  //                         const int64_t *strides, const int64_t *sizes, const void *from, uint64_t from_bytes,
  //                         int32_t level, uint8_t *out, uint64_t out_bytes, uint64_t *lengths)
  ilh_pack_chunks: {
    parameters: [
      "u32",
      "u64",
      "buffer",
      "buffer",
      "buffer",
      "buffer",
      "buffer",
      "u64",
      "i32",
      "buffer",
      "u64",
      "buffer",
    ],
    result: "i32",
    nonblocking: true,
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** The library, opened at first use. */
const library = lazyLibrary("ilh_tiff", FUNCTIONS);

/** Chunks of one array. */
export interface ChunkBatch {
  /** Elements of the array; must not change before the promise is settled. */
  readonly data: Numbers;
  /** Elements between neighbours along each of five axes, slowest of the chunks first; not negative. */
  readonly strides: readonly number[];
  /** Shape of every chunk, in the same order of axes. */
  readonly sizes: readonly number[];
  /** For each chunk, its first element, and how many it has along each axis; zeros are put behind them. */
  readonly chunks: readonly { readonly offset: number; readonly counts: readonly number[] }[];
  /** Level of deflate (zlib stream), 1 to 12; without it the elements are left as they are. */
  readonly level?: number | undefined;
}

/**
 * The bytes of each chunk, in C order of its axes.
 *
 * @param room memory for the results, which are valid until its next use
 */
export async function packChunks(batch: ChunkBatch, room: Room): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  const { data, strides, sizes, chunks, level = 0 } = batch;
  const { ilh_pack_chunks, ilh_pack_room } = library();
  const bytes = sizes.reduce((product, n) => product * n, data.BYTES_PER_ELEMENT);
  const step = Number(ilh_pack_room(level, BigInt(bytes)));
  const out = room.take(step * chunks.length);
  const lengths = new BigUint64Array(chunks.length);
  const from = asBytes(data);
  const code = await ilh_pack_chunks(
    data.BYTES_PER_ELEMENT,
    BigInt(chunks.length),
    BigInt64Array.from(chunks.flatMap(({ counts }) => counts), BigInt),
    BigUint64Array.from(chunks, ({ offset }) => BigInt(offset)),
    BigInt64Array.from(strides, BigInt),
    BigInt64Array.from(sizes, BigInt),
    from,
    BigInt(from.length),
    level,
    out,
    BigInt(out.length),
    lengths,
  );
  checkEncoded("ilh_pack_chunks", code);
  return Array.from(lengths, (length, i) => out.subarray(i * step, i * step + Number(length)));
}
