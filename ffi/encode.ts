/**
 * Packing of pixels in memory: zlib and gzip streams through libdeflate, LZW through libtiff; and bringing them into the
 * order in which they are packed. All in the library of TIFF files. All calls run on another thread and do not wait for
 * each other.
 *
 * @module
 */
import { lazyLibrary } from "./library.ts";
import { NativeError } from "./native_error.ts";
import { asBytes, type Numbers } from "./numbers.ts";

/** Functions, each under its C declaration in `native/include/ilh_encode.h`. */
export const FUNCTIONS = {
  // uint64_t ilh_deflate_bound(int32_t form, uint64_t length)
  ilh_deflate_bound: { parameters: ["i32", "u64"], result: "u64" },
  // int32_t ilh_deflate(int32_t form, int32_t level, const uint8_t *bytes, uint64_t length, uint8_t *out,
  //                     uint64_t out_bytes, uint64_t *packed)
  ilh_deflate: {
    parameters: ["i32", "i32", "buffer", "u64", "buffer", "u64", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  // uint64_t ilh_lzw_bound(uint64_t length)
  ilh_lzw_bound: { parameters: ["u64"], result: "u64" },
  // int32_t ilh_lzw(const uint8_t *bytes, uint64_t length, uint8_t *out, uint64_t out_bytes, uint64_t *packed)
  ilh_lzw: { parameters: ["buffer", "u64", "buffer", "u64", "buffer"], result: "i32", nonblocking: true },
  // int32_t ilh_gather(uint32_t element, const int64_t *counts, const int64_t *strides, const int64_t *sizes,
  //                    const void *from, uint64_t from_bytes, void *out, uint64_t out_bytes)
  ilh_gather: {
    parameters: ["u32", "buffer", "buffer", "buffer", "buffer", "u64", "buffer", "u64"],
    result: "i32",
    nonblocking: true,
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** Codes of `ilh_encode_error` in words. */
const ERRORS: readonly string[] = ["", "impossible arguments", "no memory", "no room"];
const FORMS = { zlib: 0, gzip: 1 } as const;

/** The library, opened at first use. */
const library = lazyLibrary("ilh_tiff", FUNCTIONS);

/** Memory that is used again and again: what was made in it is valid until the next use. */
export class Room {
  #bytes = new Uint8Array(0);

  /** At least `length` bytes; their content is undefined. */
  take(length: number): Uint8Array<ArrayBuffer> {
    if (this.#bytes.length < length) this.#bytes = new Uint8Array(length);
    return this.#bytes;
  }
}

/**
 * Packs bytes.
 *
 * @param form `zlib` (RFC 1950, what HDF5 and PNG hold) or `gzip` (RFC 1952)
 * @param level 1 (fast) to 12
 * @param bytes must not change before the promise is settled
 * @param room memory for the result, for many calls: collecting large arrays costs as much as packing them
 */
export async function deflate(
  form: "zlib" | "gzip",
  level: number,
  bytes: Uint8Array<ArrayBuffer>,
  room = new Room(),
): Promise<Uint8Array<ArrayBuffer>> {
  const { ilh_deflate, ilh_deflate_bound } = library();
  const out = room.take(Number(ilh_deflate_bound(FORMS[form], BigInt(bytes.length))));
  const packed = new BigUint64Array(1);
  const lengths = [BigInt(bytes.length), BigInt(out.length)] as const;
  checkEncoded("ilh_deflate", await ilh_deflate(FORMS[form], level, bytes, lengths[0], out, lengths[1], packed));
  return out.subarray(0, Number(packed[0]));
}

/**
 * Packs bytes as a strip or tile of a TIFF file with the compression LZW.
 *
 * @param bytes must not change before the promise is settled
 * @param room memory for the result
 */
export async function packLzw(bytes: Uint8Array<ArrayBuffer>, room = new Room()): Promise<Uint8Array<ArrayBuffer>> {
  const { ilh_lzw, ilh_lzw_bound } = library();
  const out = room.take(Number(ilh_lzw_bound(BigInt(bytes.length))));
  const packed = new BigUint64Array(1);
  checkEncoded("ilh_lzw", await ilh_lzw(bytes, BigInt(bytes.length), out, BigInt(out.length), packed));
  return out.subarray(0, Number(packed[0]));
}

/** Elements of a box, as they lie in memory. */
export interface GatherBox {
  /** Number of elements along each of five axes, slowest first. */
  readonly counts: readonly number[];
  /** Elements between neighbours along each axis, not negative. */
  readonly strides: readonly number[];
  /** Index of the first element. */
  readonly offset: number;
  /** Must not change before the promise is settled. */
  readonly data: Numbers;
}

/** The elements of a box, densely packed in C order. */
export async function gather({ counts, strides, offset, data }: GatherBox): Promise<Numbers> {
  const Storage = data.constructor as new (length: number) => Numbers;
  const out = new Storage(counts.reduce((product, n) => product * n, 1));
  const sizes = BigInt64Array.from(counts, BigInt);
  const from = asBytes(data).subarray(offset * data.BYTES_PER_ELEMENT);
  const code = await library().ilh_gather(
    data.BYTES_PER_ELEMENT,
    sizes,
    BigInt64Array.from(strides, BigInt),
    sizes,
    from,
    BigInt(from.length),
    asBytes(out),
    BigInt(out.byteLength),
  );
  checkEncoded("ilh_gather", code);
  return out;
}

/**
 * Checks a code of `ilh_encode_error`.
 *
 * @throws {NativeError} for all but 0
 */
export function checkEncoded(call: string, code: number): void {
  if (code === 0) return;
  throw new NativeError("encoder", call, code, [{ function: call, text: ERRORS[code] ?? `error ${code}` }]);
}
