/**
 * Zlib and gzip streams through libdeflate, which is linked into the library of TIFF files. Calls run on other threads and
 * do not wait for each other.
 *
 * @module
 */
import { lazyLibrary } from "./library.ts";
import { NativeError } from "./native_error.ts";

/** Functions, each under its C declaration in `native/include/ilh_inflate.h`. */
export const FUNCTIONS = {
  // int32_t ilh_inflate(int32_t form, const uint8_t *bytes, uint64_t length, uint32_t item_bytes, uint8_t *out,
  //                     uint64_t out_bytes)
  ilh_inflate: { parameters: ["i32", "buffer", "u64", "u32", "buffer", "u64"], result: "i32", nonblocking: true },
} as const satisfies Deno.ForeignLibraryInterface;

/** Codes of `ilh_inflate_error` in words. */
const ERRORS: readonly string[] = ["", "impossible arguments", "no memory", "the packed data are damaged"];
const FORMS = { zlib: 0, gzip: 1 } as const;

/** The library, opened at first use. */
const library = lazyLibrary("ilh_tiff", FUNCTIONS);

/**
 * Unpacks a stream of known content length.
 *
 * @param form `zlib` (RFC 1950, what HDF5 holds) or `gzip` (RFC 1952)
 * @param packed must not change before the promise is settled
 * @param bytes length of the content, exactly
 * @param itemBytes with more than 1, the content is all first bytes of the items, then all second ones, … (HDF5's shuffle
 *   filter), and is put together item by item
 * @throws {NativeError} if it is damaged or of another length
 */
export async function inflate(
  form: "zlib" | "gzip",
  packed: Uint8Array<ArrayBuffer>,
  bytes: number,
  itemBytes = 1,
): Promise<Uint8Array<ArrayBuffer>> {
  const out = new Uint8Array(bytes);
  const { ilh_inflate } = library();
  const code = await ilh_inflate(FORMS[form], packed, BigInt(packed.length), itemBytes, out, BigInt(bytes));
  if (code !== 0) {
    throw new NativeError("libdeflate", "ilh_inflate", code, [{ function: "ilh_inflate", text: ERRORS[code] ?? "" }]);
  }
  return out;
}
