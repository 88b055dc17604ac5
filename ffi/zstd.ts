/**
 * Zstandard frames through libzstd, which is linked into the library of TIFF files.
 *
 * @module
 */
import { lazyLibrary } from "./library.ts";
import { NativeError } from "./native_error.ts";

/** Functions, each under its C declaration in `native/include/ilh_zstd.h`. */
export const FUNCTIONS = {
  // int64_t ilh_zstd_size(const uint8_t *bytes, uint64_t length)
  ilh_zstd_size: { parameters: ["buffer", "u64"], result: "i64" },
  // int64_t ilh_zstd_unpack(const uint8_t *bytes, uint64_t length, uint8_t *out, uint64_t out_bytes)
  ilh_zstd_unpack: { parameters: ["buffer", "u64", "buffer", "u64"], result: "i64", nonblocking: true },
} as const satisfies Deno.ForeignLibraryInterface;

const ERRORS: Readonly<Record<number, string>> = {
  [-2]: "the packed data are damaged",
  [-3]: "the packed data are larger than they may be",
};
const UNKNOWN = -1;
const TOO_SMALL = -3;
/** How much the first attempt allows for frames that do not say their size; each attempt allows more. */
const FIRST_FACTOR = 8;

/** The library, opened at first use. */
const library = lazyLibrary("ilh_tiff", FUNCTIONS);

/**
 * Unpacks a frame, on another thread.
 *
 * @param packed the frame
 * @param most more bytes than this are an error
 * @throws {NativeError} if it is damaged or too large
 */
export async function unpackZstd(packed: Uint8Array<ArrayBuffer>, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const length = BigInt(packed.length);
  const stated = Number(library().ilh_zstd_size(packed, length));
  if (stated < 0 && stated !== UNKNOWN) throw failure("ilh_zstd_size", stated);
  if (stated > most) throw failure("ilh_zstd_size", TOO_SMALL);
  let room = stated === UNKNOWN ? Math.min(most, FIRST_FACTOR * packed.length) : stated;
  for (;;) {
    const out = new Uint8Array(room);
    const written = Number(await library().ilh_zstd_unpack(packed, length, out, BigInt(room)));
    if (written >= 0) return written === room ? out : out.slice(0, written);
    if (written !== TOO_SMALL || stated !== UNKNOWN || room >= most) throw failure("ilh_zstd_unpack", written);
    room = Math.min(most, FIRST_FACTOR * room);
  }
}

function failure(call: string, code: number): NativeError {
  return new NativeError("libzstd", call, code, [{ function: call, text: ERRORS[code] ?? "" }]);
}
