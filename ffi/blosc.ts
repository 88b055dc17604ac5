/**
 * Packing as Blosc frames with LZ4, through c-blosc, which is linked into the library of TIFF files. On another thread;
 * calls do not wait for each other.
 *
 * @module
 */
import { checkEncoded, type Room } from "./encode.ts";
import { lazyLibrary } from "./library.ts";

/** Functions, each under its C declaration in `native/include/ilh_blosc.h`. */
export const FUNCTIONS = {
  // uint64_t ilh_blosc_bound(uint64_t length)
  ilh_blosc_bound: { parameters: ["u64"], result: "u64" },
  // int32_t ilh_blosc_pack(uint32_t element, int32_t level, const uint8_t *bytes, uint64_t length, uint8_t *out,
  //                        uint64_t out_bytes, uint64_t *packed)
  ilh_blosc_pack: {
    parameters: ["u32", "i32", "buffer", "u64", "buffer", "u64", "buffer"],
    result: "i32",
    nonblocking: true,
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** The library, opened at first use. */
const library = lazyLibrary("ilh_tiff", FUNCTIONS);

/**
 * Packs elements.
 *
 * @param element bytes of one, 1 to 255
 * @param level of Blosc, 1 to 9
 * @param bytes the elements; must not change before the promise is settled
 * @param room memory for the result
 */
export async function packBlosc(
  element: number,
  level: number,
  bytes: Uint8Array<ArrayBuffer>,
  room: Room,
): Promise<Uint8Array<ArrayBuffer>> {
  const { ilh_blosc_bound, ilh_blosc_pack } = library();
  const length = BigInt(bytes.length);
  const out = room.take(Number(ilh_blosc_bound(length)));
  const packed = new BigUint64Array(1);
  checkEncoded("ilh_blosc_pack", await ilh_blosc_pack(element, level, bytes, length, out, BigInt(out.length), packed));
  return out.subarray(0, Number(packed[0]));
}
