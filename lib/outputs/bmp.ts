/**
 * Windows bitmaps: 8 bit with a gray palette, or 24 bit. Rows from the bottom up, padded to 4 bytes.
 *
 * @module
 */
import type { TypedArray } from "../array/mod.ts";
import { type ImageCodec, type ImageHeader, wholeImage } from "./image_format.ts";
import { swapColors } from "./swap_colors.ts";

/** `bmp`. */
export const BMP: ImageCodec = {
  name: "bmp",
  aliases: [],
  extension: "bmp",
  dtypes: ["uint8"],
  channels: [1, 3],
  // The size of the file is a 32-bit number.
  maxSize: 30_000,
  create: wholeImage(encodeBmp),
};

const FILE_HEADER = 14;
const INFO_HEADER = 40;

function encodeBmp(pixels: TypedArray, { width, height, channels }: ImageHeader): Uint8Array<ArrayBuffer> {
  const colors = channels === 1 ? 256 : 0;
  const begin = FILE_HEADER + INFO_HEADER + 4 * colors;
  const line = width * channels;
  const stride = Math.ceil(line / 4) * 4;
  const file = new Uint8Array(begin + stride * height);
  const view = new DataView(file.buffer);
  file.set([0x42, 0x4d]);
  view.setUint32(2, file.length, true);
  view.setUint32(10, begin, true);
  view.setUint32(14, INFO_HEADER, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 8 * channels, true);
  view.setUint32(34, stride * height, true);
  view.setUint32(46, colors, true);
  view.setUint32(50, colors, true);
  for (let i = 0; i < colors; i++) {
    file.fill(i, FILE_HEADER + INFO_HEADER + 4 * i, FILE_HEADER + INFO_HEADER + 4 * i + 3);
  }
  const source = channels === 3 ? swapColors(pixels as Uint8Array) : pixels as Uint8Array;
  for (let y = 0; y < height; y++) {
    file.set(source.subarray(y * line, (y + 1) * line), begin + (height - 1 - y) * stride);
  }
  return file;
}
