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
const LEAST_EXPONENT = -126;
const MOST_EXPONENT = 127;
/** What makes mantissas of the values with each exponent. */
const SCALES = Float64Array.from(
  { length: MOST_EXPONENT - LEAST_EXPONENT + 1 },
  (_, i) => 2 ** (8 - (LEAST_EXPONENT + i)),
);

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
    const scale = SCALES[exponent - LEAST_EXPONENT] as number;
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

const FLOAT = new Float32Array(1);
const BITS = new Uint32Array(FLOAT.buffer);

/** The exponent of C's `frexp`, at most what the format can say: `value` is in 2^(e−1) … 2^e. */
function binaryExponent(value: number): number {
  FLOAT[0] = value;
  return Math.min(MOST_EXPONENT, ((BITS[0] as number) >>> 23) - 126);
}
