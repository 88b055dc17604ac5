/**
 * Radiance images: three channels as mantissas of 8 bits with a common exponent; negative values become 0.
 * Format: Radiance picture format (`rgbe`), uncompressed scan lines, which every reader takes.
 *
 * @module
 */
import type { ImageCodec, ImageHeader } from "./image_format.ts";
import { rawImage, type RawLayout } from "./raw_image.ts";

/** `hdr`. */
export const HDR: ImageCodec = {
  name: "hdr",
  aliases: [],
  extension: "hdr",
  dtypes: ["float32"],
  channels: [3],
  maxSize: 2 ** 31 - 1,
  create: rawImage(hdrLayout),
};

const PIXEL_BYTES = 4;
/** Smaller values are black. */
const SMALLEST = 1e-32;

function hdrLayout({ width, height }: ImageHeader): RawLayout {
  const head = new TextEncoder().encode(`#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y ${height} +X ${width}\n`);
  return {
    head,
    place: (rows, y) => [{ position: head.length + PIXEL_BYTES * width * y, bytes: encode(rows as Float32Array) }],
  };
}

/** Mantissas and exponent of each pixel; NaN makes it black. */
function encode(values: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length / 3 * PIXEL_BYTES);
  for (let i = 0; 3 * i < values.length; i++) {
    const from = 3 * i;
    const to = PIXEL_BYTES * i;
    const red = values[from] as number;
    const green = values[from + 1] as number;
    const blue = values[from + 2] as number;
    const largest = Math.max(red, green, blue);
    if (!(largest >= SMALLEST)) continue;
    const exponent = binaryExponent(largest);
    const scale = 256 / 2 ** exponent;
    bytes[to] = mantissa(red * scale);
    bytes[to + 1] = mantissa(green * scale);
    bytes[to + 2] = mantissa(blue * scale);
    bytes[to + 3] = exponent + 128;
  }
  return bytes;
}

function mantissa(scaled: number): number {
  return Math.max(0, Math.min(255, Math.floor(scaled)));
}

/** The exponent of C's `frexp`, at most what the format can say: `value` is in 2^(e−1) … 2^e. */
function binaryExponent(value: number): number {
  let exponent = Math.floor(Math.log2(value)) + 1;
  if (value >= 2 ** exponent) exponent++;
  if (value < 2 ** (exponent - 1)) exponent--;
  return Math.min(127, exponent);
}
