/**
 * Radiance pictures, `.hdr`: RGB with a common exponent, as float32 (cli-and-io.md §4.5).
 * Format: "Radiance file formats" of the Radiance reference manual.
 *
 * @module
 */
import { Damaged } from "./input_error.ts";
import type { OpenArray } from "./reader.ts";
import { type ImagePlan, imageReader } from "./whole_image.ts";

/** Opens a Radiance picture. */
export const openRadiance: OpenArray = imageReader(parseRadiance);

/** A header is never longer. */
const LONGEST_HEADER = 65536;
/** Widths of lines that are packed by component. */
const NARROWEST = 8;
const WIDEST = 32767;
/** Exponent of 1/256, the weight of a mantissa's last bit, is stored as this. */
const EXPONENT_BIAS = 128 + 8;

function parseRadiance(bytes: Uint8Array<ArrayBuffer>): ImagePlan {
  const text = String.fromCharCode(...bytes.subarray(0, Math.min(bytes.length, LONGEST_HEADER)));
  const end = text.indexOf("\n\n");
  const size = /^\n\n-Y (\d+) \+X (\d+)\n/.exec(text.slice(end, end + 64));
  if (end < 0 || size === null) {
    throw new Damaged("the header is damaged, or the picture does not begin at the top left");
  }
  if (/FORMAT=32-bit_rle_xyze/.test(text.slice(0, end))) throw new Damaged("pictures in XYZ colours are not supported");
  const [height, width] = [Number(size[1]), Number(size[2])];
  const start = end + size[0].length;
  return {
    width,
    height,
    channels: 3,
    dtype: "float32",
    // Four runs of at most 127 values in two bytes each.
    leastBytes: start + Math.floor(width * height * 4 * 2 / 255 / 4),
    decode: (all) => decodePixels(all, start, width, height),
  };
}

function decodePixels(bytes: Uint8Array, start: number, width: number, height: number): Float32Array<ArrayBuffer> {
  const pixels = new Float32Array(width * height * 3);
  const line = new Uint8Array(width * 4);
  let at = start;
  for (let y = 0; y < height; y++) {
    const components = width >= NARROWEST && width <= WIDEST && bytes[at] === 2 && bytes[at + 1] === 2 &&
      (bytes[at + 2] as number) * 256 + (bytes[at + 3] as number) === width;
    at = components ? readComponents(bytes, at + 4, line, width) : readPixels(bytes, at, line, width);
    for (let x = 0; x < width; x++) {
      const exponent = line[4 * x + 3] as number;
      const scale = exponent === 0 ? 0 : 2 ** (exponent - EXPONENT_BIAS);
      for (let c = 0; c < 3; c++) pixels[3 * (y * width + x) + c] = (line[4 * x + c] as number) * scale;
    }
  }
  return pixels;
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new Damaged("the file is truncated");
  return byte;
}

/** One component after the other: a count above 128 is a run, else that many values follow. */
function readComponents(bytes: Uint8Array, start: number, line: Uint8Array, width: number): number {
  let at = start;
  for (let c = 0; c < 4; c++) {
    for (let x = 0; x < width;) {
      const count = byteAt(bytes, at++);
      const run = count > 128;
      const length = run ? count - 128 : count;
      if (length === 0 || x + length > width) throw new Damaged("the file is damaged");
      for (let k = 0; k < length; k++) line[4 * (x + k) + c] = byteAt(bytes, run ? at : at + k);
      at += run ? 1 : length;
      x += length;
    }
  }
  return at;
}

/** Pixel by pixel; `1 1 1 n` repeats the pixel before, `n` more digits of base 256 each time in a row. */
function readPixels(bytes: Uint8Array, start: number, line: Uint8Array, width: number): number {
  let at = start;
  let shift = 0;
  for (let x = 0; x < width; at += 4) {
    const pixel = [0, 1, 2, 3].map((k) => byteAt(bytes, at + k));
    const repeats = pixel[0] === 1 && pixel[1] === 1 && pixel[2] === 1;
    if (!repeats) {
      line.set(pixel, 4 * x++);
      shift = 0;
      continue;
    }
    const count = (pixel[3] as number) * 2 ** shift;
    if (x === 0 || x + count > width) throw new Damaged("the file is damaged");
    for (let k = 0; k < count; k++, x++) line.copyWithin(4 * x, 4 * (x - 1), 4 * x);
    shift += 8;
    if (shift > 24) throw new Damaged("the file is damaged");
  }
  return at;
}
