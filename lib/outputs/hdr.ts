/**
 * Radiance images: three channels as mantissas of 8 bits with a common exponent; negative values become 0.
 * Format: Radiance picture format (`rgbe`), uncompressed scan lines, which every reader takes.
 *
 * @module
 */
import type { TypedArray } from "../array/mod.ts";
import { type ImageCodec, type ImageHeader, wholeImage } from "./image_format.ts";

/** `hdr`. */
export const HDR: ImageCodec = {
  name: "hdr",
  aliases: [],
  extension: "hdr",
  dtypes: ["float32"],
  channels: [3],
  maxSize: 2 ** 31 - 1,
  create: wholeImage(encodeHdr),
};

/** Smaller values are black. */
const SMALLEST = 1e-32;

function encodeHdr(pixels: TypedArray, { width, height }: ImageHeader): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(`#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y ${height} +X ${width}\n`);
  const file = new Uint8Array(head.length + 4 * width * height);
  file.set(head);
  const values = pixels as Float32Array;
  for (let i = 0; i < width * height; i++) {
    const color = values.subarray(3 * i, 3 * i + 3);
    const largest = Math.max(...color);
    if (!(largest >= SMALLEST)) continue;
    const exponent = binaryExponent(largest);
    const scale = 256 / 2 ** exponent;
    for (const [k, value] of color.entries()) {
      file[head.length + 4 * i + k] = Math.max(0, Math.min(255, Math.floor(value * scale)));
    }
    file[head.length + 4 * i + 3] = exponent + 128;
  }
  return file;
}

/** The exponent of C's `frexp`, at most what the format can say: `value` is in 2^(e−1) … 2^e. */
function binaryExponent(value: number): number {
  let exponent = Math.floor(Math.log2(value)) + 1;
  if (value >= 2 ** exponent) exponent++;
  if (value < 2 ** (exponent - 1)) exponent--;
  return Math.min(127, exponent);
}
