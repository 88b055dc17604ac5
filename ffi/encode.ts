/**
 * Packing of pixels in memory: JPEG through libjpeg-turbo, zlib and gzip streams through libdeflate. Both are linked into
 * the library of TIFF files. All calls run on another thread and do not wait for each other.
 *
 * @module
 */
import { openLibrary } from "./library.ts";
import { NativeError } from "./native_error.ts";

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
  // uint64_t ilh_jpeg_bound(uint32_t width, uint32_t height, uint32_t channels)
  ilh_jpeg_bound: { parameters: ["u32", "u32", "u32"], result: "u64" },
  // int32_t ilh_jpeg_encode(const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, int32_t quality,
  //                         uint8_t *out, uint64_t out_bytes, uint64_t *packed)
  ilh_jpeg_encode: {
    parameters: ["buffer", "u32", "u32", "u32", "i32", "buffer", "u64", "buffer"],
    result: "i32",
    nonblocking: true,
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** Codes of `ilh_encode_error` in words. */
const ERRORS: readonly string[] = ["", "impossible arguments", "no memory", "no room", "libjpeg failed"];
const NO_ROOM = 3;
/** Room for the header of a JPEG file. */
const HEADER_BYTES = 2048;
const FORMS = { zlib: 0, gzip: 1 } as const;

type Library = Deno.DynamicLibrary<typeof FUNCTIONS>["symbols"];

let opened: Library | undefined;

/** The library, opened at first use. */
function library(): Library {
  return opened ??= openLibrary("ilh_tiff", FUNCTIONS).symbols;
}

/**
 * Packs bytes.
 *
 * @param form `zlib` (RFC 1950, what HDF5 and PNG hold) or `gzip` (RFC 1952)
 * @param level 1 (fast) to 12
 * @param bytes must not change before the promise is settled
 */
export async function deflate(
  form: "zlib" | "gzip",
  level: number,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { ilh_deflate, ilh_deflate_bound } = library();
  const out = new Uint8Array(Number(ilh_deflate_bound(FORMS[form], BigInt(bytes.length))));
  const packed = new BigUint64Array(1);
  const lengths = [BigInt(bytes.length), BigInt(out.length)] as const;
  check("ilh_deflate", await ilh_deflate(FORMS[form], level, bytes, lengths[0], out, lengths[1], packed));
  return out.subarray(0, Number(packed[0]));
}

/** Sizes of an image of 8-bit samples, C order y x channel. */
export interface JpegImage {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** 1 gray, 3 RGB. */
  readonly channels: number;
  /** Must not change before the promise is settled. */
  readonly pixels: Uint8Array<ArrayBuffer>;
}

/**
 * Encodes an image as JFIF file with full colour resolution.
 *
 * @param quality 1…100
 */
export async function encodeJpeg(image: JpegImage, quality: number): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, channels, pixels } = image;
  if (pixels.length !== width * height * channels) throw new RangeError(`${pixels.length} bytes of pixels given`);
  const { ilh_jpeg_bound, ilh_jpeg_encode } = library();
  const packed = new BigUint64Array(1);
  const encode = async (room: number) => {
    const out = new Uint8Array(room);
    const code = await ilh_jpeg_encode(pixels, width, height, channels, quality, out, BigInt(room), packed);
    return { out, code };
  };
  // The bound is many times what photographs take: only images of noise need it.
  let { out, code } = await encode(HEADER_BYTES + pixels.length);
  if (code === NO_ROOM) ({ out, code } = await encode(Number(ilh_jpeg_bound(width, height, channels))));
  check("ilh_jpeg_encode", code);
  return out.slice(0, Number(packed[0]));
}

function check(call: string, code: number): void {
  if (code === 0) return;
  throw new NativeError("encoder", call, code, [{ function: call, text: ERRORS[code] ?? `error ${code}` }]);
}
