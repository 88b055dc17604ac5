/**
 * JPEG images in memory through libjpeg-turbo, which is linked into the library of TIFF files.
 *
 * @module
 */
import { lazyLibrary } from "./library.ts";
import { NativeError } from "./native_error.ts";

/** Functions, each under its C declaration in `native/include/ilh_jpeg.h`. */
export const FUNCTIONS = {
  // int32_t ilh_jpeg_info(const uint8_t *bytes, uint64_t length, uint32_t *info, char *message, uint64_t message_bytes)
  ilh_jpeg_info: { parameters: ["buffer", "u64", "buffer", "buffer", "u64"], result: "i32" },
  // int32_t ilh_jpeg_decode(const uint8_t *bytes, uint64_t length, uint8_t *out, uint64_t out_bytes, char *message,
  //                         uint64_t message_bytes)
  ilh_jpeg_decode: {
    parameters: ["buffer", "u64", "buffer", "u64", "buffer", "u64"],
    result: "i32",
    nonblocking: true,
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** What the header says. */
export interface JpegInfo {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** 1 gray, 3 RGB, 4 CMYK as stored. */
  readonly channels: number;
}

const MESSAGE_BYTES = 256;

/** The library, opened at first use. */
const library = lazyLibrary("ilh_tiff", FUNCTIONS);

/**
 * Reads the header of an image.
 *
 * @throws {NativeError} if it is no JPEG image, or of a kind that is not read
 */
export function jpegInfo(bytes: Uint8Array<ArrayBuffer>): JpegInfo {
  const info = new Uint32Array(3);
  const message = new Uint8Array(MESSAGE_BYTES);
  const { ilh_jpeg_info } = library();
  check("ilh_jpeg_info", ilh_jpeg_info(bytes, BigInt(bytes.length), info, message, BigInt(message.length)), message);
  const [width = 0, height = 0, channels = 0] = info;
  return { width, height, channels };
}

/**
 * Decodes an image, on another thread.
 *
 * @returns 8-bit samples in the order y x channel
 * @throws {NativeError} if the data are damaged or end early
 */
export async function decodeJpeg(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, channels } = jpegInfo(bytes);
  const pixels = new Uint8Array(width * height * channels);
  const message = new Uint8Array(MESSAGE_BYTES);
  const { ilh_jpeg_decode } = library();
  const lengths = [BigInt(bytes.length), BigInt(pixels.length), BigInt(message.length)] as const;
  const code = await ilh_jpeg_decode(bytes, lengths[0], pixels, lengths[1], message, lengths[2]);
  check("ilh_jpeg_decode", code, message);
  return pixels;
}

function check(call: string, code: number, message: Uint8Array<ArrayBuffer>): void {
  if (code === 0) return;
  const text = new TextDecoder().decode(message.subarray(0, message.indexOf(0)));
  throw new NativeError("libjpeg", call, code, text === "" ? [] : [{ function: call, text }]);
}
